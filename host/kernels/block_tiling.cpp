#include "kernels/block_tiling.h"

#include "kernels/rounds.h"

namespace gpubench {
namespace {

enum TiledConstant : std::uint32_t {
  kThreadsId = 8,
  kTileKId,
  kThreadMId,
  kThreadNId,
  kPadId,
  kGroupRowsId,
  kUnrolledId,
};

}  // namespace

std::uint64_t BlockTiling::shared_bytes(Precision precision) const {
  const std::uint64_t vectors = tile.m / 4 + tile.n / 4 + 2 * pad;
  return tile_k * vectors * 4 * compute_bytes(precision);
}

std::uint64_t BlockTiling::rounds(std::uint32_t terms) const {
  const std::uint64_t tiles = rounds_of_loop(terms, tile_k);
  return unrolled ? tiles : tiles + tiles * rounds_of_loop(tile_k, 1);
}

bool must_unroll(const BlockTiling& tiling, std::uint32_t terms, const DeviceTraits& device) {
  BlockTiling looping = tiling;
  looping.unrolled = false;
  return !check_rounds(looping.rounds(terms), device);
}

Outcome check_block_tiling(const BlockTiling& tiling, Precision precision, std::uint32_t terms,
                           const DeviceTraits& device) {
  return first_failure({check_workgroup(tiling.threads(), tiling.shared_bytes(precision), device),
                        check_rounds(tiling.rounds(terms), device)});
}

std::vector<SpecConstant> block_constants(const Problem& problem, const BlockTiling& tiling) {
  return contract_constants(problem, tiling.tile,
                            {{kThreadsId, tiling.threads()},
                             {kTileKId, tiling.tile_k},
                             {kThreadMId, tiling.thread_m},
                             {kThreadNId, tiling.thread_n},
                             {kPadId, tiling.pad},
                             {kGroupRowsId, tiling.group_rows},
                             {kUnrolledId, tiling.unrolled ? 1U : 0U}});
}

}  // namespace gpubench
