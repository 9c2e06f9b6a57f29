// product_naive.cpp — launches shaders/gemm/naive.comp.

#include <fmt/format.h>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Id of the shader's own constant.
constexpr std::uint32_t kTermsId = 8;

}  // namespace

Result<Launch> launch_product_naive(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues /*none*/) {
  constexpr Tile kTile{8, 16};  // 128 invocations: the most that every Vulkan device offers
  const auto rounds_with = [&](std::uint32_t terms) {
    return rounds_of_loop(problem.shape.k, terms);
  };
  const std::uint32_t terms = least_terms(1, kMostTerms, rounds_with, device);
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_groups(column_tiles(problem, kTile), problem.shape.batch, device),
                     check_rounds(rounds_with(terms), device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline =
      pipeline_spec(module_name(to_string(problem.op), "naive", precision),
                    contract_constants(problem, kTile, {{kTermsId, terms}}));
  Launch launch;
  launch.params = fmt::format("tile={}x{}{}", kTile.m, kTile.n, round_word("terms", terms));
  launch.row_granule = kTile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, kTile, device); };
  return launch;
}

}  // namespace gpubench
