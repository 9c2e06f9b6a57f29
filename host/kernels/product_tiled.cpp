// product_tiled.cpp — launches shaders/gemm/tiled.comp: chooses its tile and checks its limits.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"
#include "kernels/tiled_constants.h"

namespace gpubench {
namespace {

// How k is divided.
struct Depth {
  std::uint32_t tile_k;
  bool unrolled;  ///< The loop over the tile, whatever the compiler thinks of its length.
};

// In the order of kSpaces.
struct Tiling {
  Tile tile;
  std::uint32_t tile_k = 16;
  std::uint32_t thread_m = 8;
  std::uint32_t thread_n = 8;
  std::uint32_t pad = 1;         ///< One vector, 16 bytes: enough to move rows apart.
  std::uint32_t group_rows = 8;  ///< Rows of tiles that share the columns of B in the cache.

  [[nodiscard]] std::uint32_t sums() const { return thread_m * thread_n; }
  [[nodiscard]] std::uint32_t threads() const { return tile.m * tile.n / sums(); }
};

constexpr std::array<std::uint32_t, 4> kTileSides{32, 64, 128, 256};
constexpr std::array<std::uint32_t, 3> kTileDepths{8, 16, 32};
constexpr std::array<std::uint32_t, 3> kThreadSides{4, 8, 16};
constexpr std::array<std::uint32_t, 2> kPads{0, 1};
constexpr std::array<std::uint32_t, 4> kGroups{1, 4, 8, 16};
constexpr std::array<ParameterSpace, 7> kSpaces{{{"tile_m", kTileSides},
                                                 {"tile_n", kTileSides},
                                                 {"tile_k", kTileDepths},
                                                 {"thread_m", kThreadSides},
                                                 {"thread_n", kThreadSides},
                                                 {"pad", kPads},
                                                 {"group_rows", kGroups}}};

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
  Tiling tiling;
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

std::uint64_t rounds_with(const Depth& depth, const Shape& shape) {
  const std::uint64_t tiles = rounds_of_loop(shape.k, depth.tile_k);
  return depth.unrolled ? tiles : tiles + tiles * rounds_of_loop(depth.tile_k, 1);
}

// Where the driver would leave the loop over k, the loop over the tile is unrolled; where that is
// not enough, the tile gets deeper.
Depth choose_depth(std::uint32_t usual, const Shape& shape, const DeviceTraits& device) {
  if (check_rounds(rounds_with({usual, false}, shape), device)) return {usual, false};
  const std::uint32_t deep = least_terms(
      usual, kMostTerms,
      [&](std::uint32_t tile_k) {
        return rounds_with({tile_k, true}, shape);
      },
      device);
  return {deep, true};
}

std::uint64_t shared_bytes(const Tiling& tiling, Precision precision) {
  const std::uint64_t vectors = tiling.tile.m / 4 + tiling.tile.n / 4 + 2 * tiling.pad;
  return tiling.tile_k * vectors * 4 * compute_bytes(precision);
}

Outcome check_limits(const Tiling& tiling, Precision precision, const DeviceTraits& device) {
  return check_workgroup(tiling.threads(), shared_bytes(tiling, precision), device);
}

/// Two FP16 sums share a register: the shader keeps sums as vectors.
std::uint32_t most_sums(Precision precision) {
  return kMostSumRegisters * std::uint32_t{sizeof(float)} / compute_bytes(precision);
}

Outcome broken(std::string rule) {
  return Error{ErrorKind::unsupported, std::move(rule)};
}

/// The rules of the shader, and those without which no tiling is worth timing.
Outcome check_rules(const Tiling& tiling, Precision precision) {
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

bool has_registers_for(const Tiling& tiling, const DeviceTraits& device) {
  return tiling.sums() < kSumsOfMany ||
         std::ranges::find(kManyRegisters, device.vendor_id) != kManyRegisters.end();
}

Tiling choose_tiling(const Shape& shape, Precision precision, const DeviceTraits& device) {
  for (const auto& [choice, least_tiles] : kChoices) {
    if (!has_registers_for(choice, device)) continue;
    Tiling tiling = choice;
    tiling.tile_k = choose_depth(choice.tile_k, shape, device).tile_k;
    const std::uint64_t tiles = std::uint64_t{ceil_div(shape.m, tiling.tile.m)} *
                                ceil_div(shape.n, tiling.tile.n) * shape.batch;
    const bool last = least_tiles == 0;
    if (last || (tiles >= least_tiles && check_limits(tiling, precision, device))) return tiling;
  }
  return kChoices.back().tiling;
}

Tiling tiling_from(ParameterValues values) {
  return {{values[0], values[1]}, values[2], values[3], values[4], values[5], values[6]};
}

std::array<std::uint32_t, kSpaces.size()> values_from(const Tiling& tiling) {
  return {tiling.tile.m,   tiling.tile.n, tiling.tile_k,    tiling.thread_m,
          tiling.thread_n, tiling.pad,    tiling.group_rows};
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_tiled() {
  return kSpaces;
}

Result<Launch> launch_product_tiled(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  const Tiling tiling =
      values.empty() ? choose_tiling(problem.shape, precision, device) : tiling_from(values);
  const Tile tile = tiling.tile;
  const bool unrolled = choose_depth(tiling.tile_k, problem.shape, device).unrolled;
  const std::uint64_t rounds = rounds_with({tiling.tile_k, unrolled}, problem.shape);
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_rules(tiling, precision), check_limits(tiling, precision, device),
                     check_groups(column_tiles(problem, tile), problem.shape.batch, device),
                     check_rounds(rounds, device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline =
      pipeline_spec(module_name(to_string(problem.op), "tiled", precision),
                    contract_constants(problem, tile,
                                       {{kThreadsId, tiling.threads()},
                                        {kTileKId, tiling.tile_k},
                                        {kThreadMId, tiling.thread_m},
                                        {kThreadNId, tiling.thread_n},
                                        {kPadId, tiling.pad},
                                        {kGroupRowsId, tiling.group_rows},
                                        {kUnrolledId, unrolled ? 1U : 0U}}));
  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} thread={}x{} pad={} group={}{}", tile.m, tile.n,
                              tiling.tile_k, tiling.thread_m, tiling.thread_n, tiling.pad,
                              tiling.group_rows, unrolled ? " unrolled" : "");
  launch.tuning = tuning_of(kSpaces, values_from(tiling));
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
