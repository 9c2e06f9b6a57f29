// product_tiled.cpp — launches shaders/gemm/tiled.comp: chooses its tile and checks its limits.

#include <fmt/format.h>

#include <array>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"

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
  kUnrolledId,
};

// How k is divided.
struct Depth {
  std::uint32_t tile_k;
  bool unrolled;  ///< The loop over the tile, whatever the compiler thinks of its length.
};

struct Tiling {
  Tile tile;
  std::uint32_t thread_m;
  std::uint32_t thread_n;
  std::uint64_t least_tiles;  ///< Worth it only when so many workgroups can share the device.
  [[nodiscard]] std::uint32_t threads() const { return tile.m * tile.n / (thread_m * thread_n); }
};

constexpr Depth kUsualDepth{16, false};
constexpr std::uint32_t kPad = 1;        // one vector, 16 bytes: enough to move rows apart
constexpr std::uint32_t kGroupRows = 8;  // rows of tiles that share the columns of B in the cache

// Largest first. The least counts leave no less than one workgroup for each compute unit of a
// middling GPU (64); the last fits any device.
constexpr std::array kTilings{
    Tiling{{128, 128}, 8, 8, 64},
    Tiling{{64, 64}, 8, 4, 64},
    Tiling{{32, 32}, 4, 4, 0},
};

std::uint64_t rounds_with(const Depth& depth, const Shape& shape) {
  const std::uint64_t tiles = rounds_of_loop(shape.k, depth.tile_k);
  return depth.unrolled ? tiles : tiles + tiles * rounds_of_loop(depth.tile_k, 1);
}

// Where the driver would leave the loop over k, the loop over the tile is unrolled; where that is
// not enough, the tile gets deeper.
Depth choose_depth(const Shape& shape, const DeviceTraits& device) {
  if (check_rounds(rounds_with(kUsualDepth, shape), device)) return kUsualDepth;
  const std::uint32_t deep = least_terms(
      kUsualDepth.tile_k, kMostTerms,
      [&](std::uint32_t tile_k) {
        return rounds_with({tile_k, true}, shape);
      },
      device);
  return {deep, true};
}

std::uint64_t shared_bytes(const Tiling& tiling, std::uint32_t tile_k, Precision precision) {
  const std::uint64_t vectors = tiling.tile.m / 4 + tiling.tile.n / 4 + 2 * kPad;
  return tile_k * vectors * 4 * compute_bytes(precision);
}

Outcome check_limits(const Tiling& tiling, std::uint32_t tile_k, Precision precision,
                     const DeviceTraits& device) {
  return check_workgroup(tiling.threads(), shared_bytes(tiling, tile_k, precision), device);
}

const Tiling& choose_tiling(const Shape& shape, std::uint32_t tile_k, Precision precision,
                            const DeviceTraits& device) {
  for (const Tiling& tiling : kTilings) {
    const std::uint64_t tiles = std::uint64_t{ceil_div(shape.m, tiling.tile.m)} *
                                ceil_div(shape.n, tiling.tile.n) * shape.batch;
    if (tiles >= tiling.least_tiles && check_limits(tiling, tile_k, precision, device)) {
      return tiling;
    }
  }
  return kTilings.back();
}

}  // namespace

Result<Launch> launch_product_tiled(const Problem& problem, Precision precision,
                                    const DeviceTraits& device) {
  const Depth depth = choose_depth(problem.shape, device);
  const Tiling& tiling = choose_tiling(problem.shape, depth.tile_k, precision, device);
  const Tile tile = tiling.tile;
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_limits(tiling, depth.tile_k, precision, device),
                     check_groups(column_tiles(problem, tile), problem.shape.batch, device),
                     check_rounds(rounds_with(depth, problem.shape), device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline =
      pipeline_spec(module_name(to_string(problem.op), "tiled", precision),
                    contract_constants(problem, tile,
                                       {{kThreadsId, tiling.threads()},
                                        {kTileKId, depth.tile_k},
                                        {kThreadMId, tiling.thread_m},
                                        {kThreadNId, tiling.thread_n},
                                        {kPadId, kPad},
                                        {kGroupRowsId, kGroupRows},
                                        {kUnrolledId, depth.unrolled ? 1U : 0U}}));
  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} thread={}x{}{}", tile.m, tile.n, depth.tile_k,
                              tiling.thread_m, tiling.thread_n, depth.unrolled ? " unrolled" : "");
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
