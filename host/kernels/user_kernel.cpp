// user_kernel.cpp — launches a user's own shader by the contract of docs/adding-a-kernel.md.

#include <fmt/format.h>

#include "kernels/contract.h"

namespace gpubench {
namespace {

// Room for a user's counters or flags; zero before the first dispatch.
constexpr std::uint64_t kUserScratchBytes = 4096;

Outcome check_constants(const std::vector<SpecConstant>& constants) {
  for (const SpecConstant& constant : constants) {
    if (constant.id < kFirstOwnConstant) {
      return Error{ErrorKind::input,
                   fmt::format("constant id {} belongs to gpubench; yours begin at {}", constant.id,
                               kFirstOwnConstant)};
    }
  }
  return Done{};
}

Outcome check_tile(Tile tile) {
  if (tile.m > 0 && tile.n > 0) return Done{};
  return Error{ErrorKind::input, "tile_m and tile_n of a user's kernel must be at least 1"};
}

}  // namespace

Result<Launch> launch_user_kernel(const UserKernel& kernel, const Problem& problem,
                                  Precision precision, const DeviceTraits& device) {
  const Tile tile{kernel.tile_m, kernel.tile_n};
  const Outcome usable = first_failure({check_tile(tile), check_constants(kernel.constants)});
  if (!usable) return usable.error();
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_groups(column_tiles(problem, tile), problem.shape.batch, device)});
  if (!fits) return fits.error();

  auto constants = contract_constants(problem, tile, {});
  constants.insert(constants.end(), kernel.constants.begin(), kernel.constants.end());
  const PipelineSpec pipeline = pipeline_spec("user", std::move(constants));
  Launch launch;
  launch.params = fmt::format("tile={}x{}", tile.m, tile.n);
  for (const SpecConstant& own : kernel.constants) {
    launch.params += fmt::format(" {}={}", own.id, own.value);
  }
  launch.scratch0_bytes = kUserScratchBytes;
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
