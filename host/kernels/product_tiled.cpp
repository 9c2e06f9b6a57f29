// product_tiled.cpp — launches shaders/gemm/tiled.comp: chooses its tile and checks its limits.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/block_tiling.h"
#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

constexpr std::array<std::uint32_t, 4> kTileSides{32, 64, 128, 256};
constexpr std::array<std::uint32_t, 3> kTileDepths{8, 16, 32};
constexpr std::array<std::uint32_t, 3> kThreadSides{4, 8, 16};
constexpr std::array<std::uint32_t, 2> kPads{0, 1};
constexpr std::array<std::uint32_t, 4> kGroups{1, 4, 8, 16};
constexpr std::array<ParameterSpace, 9> kSpaces{{{"tile_m", kTileSides},
                                                 {"tile_n", kTileSides},
                                                 {"tile_k", kTileDepths},
                                                 {"thread_m", kThreadSides},
                                                 {"thread_n", kThreadSides},
                                                 {"pad", kPads},
                                                 {"group_rows", kGroups},
                                                 kUnrollSpace,
                                                 kStripsSpace}};

// PCI vendors whose GPUs give an invocation more registers than that and its operands: NVIDIA and
// AMD. Elsewhere sums of this many would go to memory.
constexpr std::array<std::uint32_t, 2> kManyRegisters{0x10DE, 0x1002};
constexpr std::uint32_t kSumsOfMany = 128;

// Registers of 32 bits of an invocation that may hold sums; as many more do the feeding.
constexpr std::uint32_t kMostSumRegisters = 128;
// Fewer invocations leave most of a compute unit's lanes idle.
constexpr std::uint32_t kLeastThreads = 32;

/// A tiling that the kernel takes by itself, and how many workgroups must be able to share the
/// device for it to be worth it.
struct Choice {
  BlockTiling tiling;
  std::uint64_t least_tiles;
};

// Largest first. The least counts leave no less than one workgroup for each compute unit of a
// middling GPU (64), and four where a workgroup has few invocations; the last fits any device.
constexpr std::array kChoices{
    Choice{{{128, 128}, 16, 8, 16}, 256},
    Choice{{{128, 128}, 16, 8, 8}, 64},
    Choice{{{64, 64}, 16, 8, 4}, 64},
    Choice{{{32, 32}, 16, 4, 4}, 0},
};

// Where the driver would leave the loop over k, the loop over the tile is unrolled; where that is
// not enough, the tile gets deeper.
BlockTiling fitted(BlockTiling tiling, std::uint32_t k, const DeviceTraits& device) {
  tiling.unroll = usual_unroll(tiling, k, device);
  if (tiling.unroll == 1) return tiling;
  const auto rounds_with = [&](std::uint32_t terms) {
    BlockTiling deep = tiling;
    deep.tile_k = deep.unroll = terms;
    return deep.rounds(k);
  };
  tiling.tile_k = tiling.unroll = least_terms(tiling.tile_k, kMostTerms, rounds_with, device);
  return tiling;
}

/// Two FP16 sums share a register: the shader keeps sums as vectors.
std::uint32_t most_sums(Precision precision) {
  return kMostSumRegisters * std::uint32_t{sizeof(float)} / compute_bytes(precision);
}

Outcome broken(std::string rule) {
  return Error{ErrorKind::unsupported, std::move(rule)};
}

/// The other rules of the shader, and those without which no tiling is worth timing.
Outcome check_rules(const BlockTiling& tiling, Precision precision) {
  const std::uint32_t threads = tiling.threads(), most = most_sums(precision);
  if (tiling.sums() > most) {
    return broken(fmt::format("{} sums an invocation, more than {}", tiling.sums(), most));
  }
  if (threads < kLeastThreads) {
    return broken(fmt::format("{} invocations a workgroup, fewer than {}", threads, kLeastThreads));
  }
  for (const std::uint32_t side : {tiling.tile.m, tiling.tile.n}) {
    if (side * tiling.tile_k / 4 % threads != 0) {
      return broken(fmt::format("{} invocations cannot share the loads of a tile of {} x {} evenly",
                                threads, side, tiling.tile_k));
    }
  }
  return Done{};
}

bool has_registers_for(const BlockTiling& tiling, const DeviceTraits& device) {
  return tiling.sums() < kSumsOfMany ||
         std::ranges::find(kManyRegisters, device.vendor_id) != kManyRegisters.end();
}

BlockTiling choose_tiling(const Shape& shape, Precision precision, const DeviceTraits& device) {
  for (const auto& [choice, least_tiles] : kChoices) {
    if (!has_registers_for(choice, device)) continue;
    const BlockTiling tiling = fitted(choice, shape.k, device);
    const std::uint64_t tiles = std::uint64_t{ceil_div(shape.m, tiling.tile.m)} *
                                ceil_div(shape.n, tiling.tile.n) * shape.batch;
    const bool last = least_tiles == 0;
    if (last || (tiles >= least_tiles && check_block_tiling(tiling, precision, shape.k, device))) {
      return tiling;
    }
  }
  return kChoices.back().tiling;
}

BlockTiling tiling_from(ParameterValues values, std::uint32_t k, const DeviceTraits& device) {
  BlockTiling tiling{{values[0], values[1]},
                     values[2],
                     values[3],
                     values[4],
                     values[5],
                     values[6],
                     values[7],
                     values[8]};
  if (tiling.unroll == kKernelChooses) tiling.unroll = usual_unroll(tiling, k, device);
  return tiling;
}

std::array<std::uint32_t, kSpaces.size()> values_from(const BlockTiling& tiling) {
  return {tiling.tile.m, tiling.tile.n,     tiling.tile_k, tiling.thread_m, tiling.thread_n,
          tiling.pad,    tiling.group_rows, tiling.unroll, tiling.strips};
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_tiled() {
  return kSpaces;
}

Result<Launch> launch_product_tiled(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  const Shape& shape = problem.shape;
  const BlockTiling tiling = values.empty() ? choose_tiling(shape, precision, device)
                                            : tiling_from(values, shape.k, device);
  const Tile tile = tiling.tile;
  const Outcome fits = first_failure(
      {check_precision(precision, HalfScratch::none, device), check_rules(tiling, precision),
       check_block_tiling(tiling, precision, shape.k, device),
       check_groups(column_tiles(problem, tile), shape.batch, device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline = pipeline_spec(
      module_name(to_string(problem.op), "tiled", precision), block_constants(problem, tiling));
  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} thread={}x{} pad={} group={}{}", tile.m, tile.n,
                              tiling.tile_k, tiling.thread_m, tiling.thread_n, tiling.pad,
                              tiling.group_rows, tiling.order_words());
  launch.tuning = tuning_of(kSpaces, values_from(tiling));
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
