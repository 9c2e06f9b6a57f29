// product_split.cpp — launches shaders/gemm/tiled.comp over parts of k, and
// add_parts.comp after it.

#include <fmt/format.h>

#include <array>

#include "kernels/block_tiling.h"
#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/parts.h"

namespace gpubench {
namespace {

constexpr std::array<std::uint32_t, 3> kSides{32, 64, 128};
constexpr std::array<ParameterSpace, 4> kSpaces{
    {{"tile", kSides}, {"splits", kSplitCounts}, kUnrollSpace, kStripsSpace}};

struct Split {
  BlockTiling tiling;
  std::uint32_t splits;
};

// 64 sums to an invocation of the large tile, 32 and 16 to those of the small ones.
BlockTiling tiling_of(std::uint32_t side) {
  return {
      .tile = {side, side}, .thread_m = side >= 64 ? 8U : 4U, .thread_n = side >= 128 ? 8U : 4U};
}

Split choose_split(const Shape& shape) {
  constexpr std::uint32_t kSide = 64;
  const std::uint64_t tiles =
      std::uint64_t{ceil_div(shape.m, kSide)} * ceil_div(shape.n, kSide) * shape.batch;
  return {tiling_of(kSide), choose_splits(shape.k, tiles)};
}

Split split_from(ParameterValues values) {
  Split split{tiling_of(values[0]), values[1]};
  split.tiling.unroll = values[2];
  split.tiling.strips = values[3];
  return split;
}

PipelineSpec multiply_of(const Problem& problem, Precision precision, const BlockTiling& tiling,
                         const Parts& parts) {
  auto constants = block_constants(problem, tiling);
  constants.push_back({kSplitsId, parts.splits});
  constants.push_back({kTermsOfPartId, parts.terms});
  return pipeline_spec(module_name(to_string(problem.op), "split", precision), constants);
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_split() {
  return kSpaces;
}

Result<Launch> launch_product_split(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  auto [tiling, splits] = values.empty() ? choose_split(problem.shape) : split_from(values);
  const Parts parts = parts_of(problem.shape.k, splits, tiling.tile_k);
  if (values.empty() || tiling.unroll == kKernelChooses) {
    tiling.unroll = usual_unroll(tiling, parts.terms, device);
  }
  const Outcome fits = first_failure({check_precision(precision, HalfScratch::none, device),
                                      check_block_tiling(tiling, precision, parts.terms, device),
                                      check_parts(parts, problem, tiling.tile, device)});
  if (!fits) return fits.error();

  const std::uint32_t side = tiling.tile.m;
  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} splits={}x{}{}", side, side, tiling.tile_k,
                              parts.splits, parts.terms, tiling.order_words());
  launch.tuning = tuning_of(kSpaces, std::array{side, splits, tiling.unroll, tiling.strips});
  launch.scratch0_bytes = bytes_of_sums(parts, problem.shape);
  launch.row_granule = side;
  launch.steps = steps_of_parts(multiply_of(problem, precision, tiling, parts), parts, problem,
                                precision, tiling.tile, device);
  return launch;
}

}  // namespace gpubench
