// product_coop_split.cpp — launches shaders/gemm/coop.comp over parts of k, and add_parts.comp
// after it.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/contract.h"
#include "kernels/coop_tiling.h"
#include "kernels/launches.h"
#include "kernels/parts.h"

namespace gpubench {
namespace {

constexpr std::size_t kSplitsAt = kTilingSpaces.size();

constexpr std::array<ParameterSpace, kSplitsAt + 1> with_splits() {
  std::array<ParameterSpace, kSplitsAt + 1> spaces{};
  std::ranges::copy(kTilingSpaces, spaces.begin());
  spaces[kSplitsAt] = {"splits", kSplitCounts};
  return spaces;
}

constexpr std::array kSpaces = with_splits();

Tuning tuning_with(const Tiling& tiling, std::uint32_t splits) {
  std::array<std::uint32_t, kSpaces.size()> values{};
  std::ranges::copy(tiling.values(), values.begin());
  values[kSplitsAt] = splits;
  return tuning_of(kSpaces, values);
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_coop_split() {
  return kSpaces;
}

Result<Launch> launch_product_coop_split(const Problem& problem, Precision precision,
                                         const DeviceTraits& device, ParameterValues values) {
  const Shape& shape = problem.shape;
  // No epilogue, so that gemm and linear share it.
  const std::string module = module_name("coop", "parts", precision);
  const Outcome there = check_units("coop_split", module, problem, precision, device);
  if (!there) return there.error();
  const std::uint32_t most_splits = choose_splits(shape.k, 1);
  const Tiling tiling = tiling_for(values, problem, precision, device, most_splits);
  const std::uint32_t splits =
      values.empty() ? choose_splits(shape.k, tiling.tiles_of(shape)) : values[kSplitsAt];
  const Parts parts = parts_of(shape.k, splits, tiling.tile_k);
  const Outcome fits = first_failure({check_tiling(tiling, problem, precision, parts.terms, device),
                                      check_parts(parts, problem, tiling.tile, device)});
  if (!fits) return fits.error();

  PipelineSpec multiply = coop_pipeline(module, problem, tiling);
  multiply.constants.push_back({kSplitsId, parts.splits});
  multiply.constants.push_back({kTermsOfPartId, parts.terms});
  Launch launch;
  launch.params = fmt::format("{} splits={}x{}", tiling.params(), parts.splits, parts.terms);
  launch.tuning = tuning_with(tiling, splits);
  launch.scratch0_bytes = bytes_of_sums(parts, shape);
  launch.row_granule = tiling.tile.m;
  launch.steps = steps_of_parts(multiply, parts, problem, precision, tiling.tile, device);
  return launch;
}

}  // namespace gpubench
