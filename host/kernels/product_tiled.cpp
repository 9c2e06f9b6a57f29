// product_tiled.cpp — launches shaders/gemm/tiled.comp: chooses its tile and checks its limits.

#include <fmt/format.h>

#include <array>

#include "kernels/contract.h"
#include "kernels/launches.h"

namespace gpubench {
namespace {

// Ids of the shader's own constants.
enum Constant : std::uint32_t {
  kThreadsId = 8,
  kTileKId,
  kThreadMId,
  kThreadNId,
  kPadId,
  kGroupRowsId,
};

struct Tiling {
  Tile tile;
  std::uint32_t thread_m;
  std::uint32_t thread_n;
  std::uint64_t least_tiles;  ///< Worth it only when so many workgroups can share the device.
  [[nodiscard]] std::uint32_t threads() const { return tile.m * tile.n / (thread_m * thread_n); }
};

constexpr std::uint32_t kTileK = 16;
constexpr std::uint32_t kPad = 1;        // one vector, 16 bytes: enough to move rows apart
constexpr std::uint32_t kGroupRows = 8;  // rows of tiles that share the columns of B in the cache

// Largest first. The least counts leave no less than one workgroup for each compute unit of a
// middling GPU (64); the last fits any device.
constexpr std::array kTilings{
    Tiling{{128, 128}, 8, 8, 64},
    Tiling{{64, 64}, 8, 4, 64},
    Tiling{{32, 32}, 4, 4, 0},
};

std::uint64_t shared_bytes(const Tiling& tiling, Precision precision) {
  const std::uint64_t vectors = tiling.tile.m / 4 + tiling.tile.n / 4 + 2 * kPad;
  return kTileK * vectors * 4 * compute_bytes(precision);
}

Outcome check_limits(const Tiling& tiling, Precision precision, const DeviceTraits& device) {
  return check_workgroup(tiling.threads(), shared_bytes(tiling, precision), device);
}

const Tiling& choose_tiling(const Shape& shape, Precision precision, const DeviceTraits& device) {
  for (const Tiling& tiling : kTilings) {
    const std::uint64_t tiles = std::uint64_t{ceil_div(shape.m, tiling.tile.m)} *
                                ceil_div(shape.n, tiling.tile.n) * shape.batch;
    if (tiles >= tiling.least_tiles && check_limits(tiling, precision, device)) return tiling;
  }
  return kTilings.back();
}

}  // namespace

Result<Launch> launch_product_tiled(const Problem& problem, Precision precision,
                                    const DeviceTraits& device) {
  const Tiling& tiling = choose_tiling(problem.shape, precision, device);
  const Tile tile = tiling.tile;
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_limits(tiling, precision, device),
                     check_groups(column_tiles(problem, tile), problem.shape.batch, device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline =
      pipeline_spec(module_name(to_string(problem.op), "tiled", precision),
                    contract_constants(problem, tile,
                                       {{kThreadsId, tiling.threads()},
                                        {kTileKId, kTileK},
                                        {kThreadMId, tiling.thread_m},
                                        {kThreadNId, tiling.thread_n},
                                        {kPadId, kPad},
                                        {kGroupRowsId, kGroupRows}}));
  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} thread={}x{}", tile.m, tile.n, kTileK, tiling.thread_m,
                              tiling.thread_n);
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
