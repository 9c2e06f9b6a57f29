#include "kernels/block_tiling.h"

#include <fmt/format.h>

#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Of tiled.comp; parts.glsl has those in between.
enum TiledConstant : std::uint32_t {
  kThreadsId = 8,
  kTileKId,
  kThreadMId,
  kThreadNId,
  kPadId,
  kGroupRowsId,
  kUnrollId,
  kStripsId = 17,
};

Outcome check_order(const BlockTiling& tiling, const DeviceTraits& device) {
  std::string why;
  if (tiling.unroll > tiling.tile_k) {
    why = fmt::format("{} terms in a round, more than the {} of a tile", tiling.unroll,
                      tiling.tile_k);
  }
  if (tiling.strips > tiling.threads_n()) {
    why = fmt::format("{} strips of {} columns of invocations", tiling.strips, tiling.threads_n());
  }
  const std::uint32_t products = tiling.sums() * tiling.unroll;
  if (device.is_software() && tiling.unroll > 1 && products > kMostProducts) {
    why = fmt::format("{} products a round, more than {}", products, kMostProducts);
  }
  if (why.empty()) return Done{};
  return Error{ErrorKind::unsupported, why};
}

}  // namespace

std::uint64_t BlockTiling::shared_bytes(Precision precision) const {
  const std::uint64_t vectors = tile.m / 4 + tile.n / 4 + 2 * pad;
  return tile_k * vectors * 4 * compute_bytes(precision);
}

std::uint64_t BlockTiling::rounds(std::uint32_t terms) const {
  const std::uint64_t tiles = rounds_of_loop(terms, tile_k);
  return unroll == tile_k ? tiles : tiles + tiles * rounds_of_loop(tile_k, unroll);
}

std::string BlockTiling::order_words() const {
  return round_word("unroll", unroll) + round_word("strips", strips);
}

std::uint32_t usual_unroll(const BlockTiling& tiling, std::uint32_t terms,
                           const DeviceTraits& device) {
  BlockTiling looping = tiling;
  looping.unroll = 1;
  return check_rounds(looping.rounds(terms), device) ? 1 : tiling.tile_k;
}

Outcome check_block_tiling(const BlockTiling& tiling, Precision precision, std::uint32_t terms,
                           const DeviceTraits& device) {
  return first_failure({check_order(tiling, device),
                        check_workgroup(tiling.threads(), tiling.shared_bytes(precision), device),
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
                             {kUnrollId, tiling.unroll},
                             {kStripsId, tiling.strips}});
}

}  // namespace gpubench
