// coop_tiling.h — the tile of shaders/gemm/coop.comp, which two kernels launch: of which matrices
// it is made, which one suits a device, and what leaves a device without any.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"
#include "kernels/contract.h"
#include "kernels/kernel.h"
#include "kernels/matrix.h"
#include "kernels/problem.h"

namespace gpubench {

/// Subgroups of a workgroup and what one of them computes at least, in the order of kTilingSpaces.
struct Arrangement {
  std::uint32_t subgroups_m, subgroups_n;
  Tile part;
  std::uint32_t least_tile_k = 32;
  std::uint32_t pad = 1;         ///< One vector: enough to move shared rows apart.
  std::uint32_t group_rows = 8;  ///< Rows of tiles that share the columns of B in the cache.
};

inline constexpr std::array<std::uint32_t, 3> kSubgroupCounts{1, 2, 4};
inline constexpr std::array<std::uint32_t, 4> kPartSides{16, 32, 64, 128};
inline constexpr std::array<std::uint32_t, 3> kTileDepths{16, 32, 64};
inline constexpr std::array<std::uint32_t, 3> kPads{0, 1, 2};
inline constexpr std::array<std::uint32_t, 4> kGroups{1, 4, 8, 16};
inline constexpr std::array<ParameterSpace, 7> kTilingSpaces{{{"subgroups_m", kSubgroupCounts},
                                                              {"subgroups_n", kSubgroupCounts},
                                                              {"part_m", kPartSides},
                                                              {"part_n", kPartSides},
                                                              {"tile_k", kTileDepths},
                                                              {"pad", kPads},
                                                              {"group_rows", kGroups}}};

struct Tiling {
  Matrix matrix;
  Arrangement arrangement;
  std::uint32_t subgroup_size = 0;
  Tile tile;
  std::uint32_t tile_k = 0;

  [[nodiscard]] std::uint32_t subgroups() const {
    return arrangement.subgroups_m * arrangement.subgroups_n;
  }
  [[nodiscard]] std::uint32_t threads() const { return subgroups() * subgroup_size; }
  [[nodiscard]] std::uint32_t sums_of_a_lane() const { return tile.m * tile.n / threads(); }
  [[nodiscard]] std::uint64_t tiles_of(const Shape& shape) const {
    return std::uint64_t{ceil_div(shape.m, tile.m)} * ceil_div(shape.n, tile.n) * shape.batch;
  }
  /// In the order of kTilingSpaces.
  [[nodiscard]] std::array<std::uint32_t, kTilingSpaces.size()> values() const;
  /// "tile=64x64x32 matrix=16x16x16 subgroups=2x2x32 pad=1 group=8"
  [[nodiscard]] std::string params() const;
};

/// Unsupported where the kernel, the compiler, the driver or the device is without what `module`
/// needs on the path; best_matrix() has one otherwise.
Outcome check_units(std::string_view kernel, const std::string& module, const Problem& problem,
                    Precision precision, const DeviceTraits& device);

/// The tiling with the values of kTilingSpaces; without any, the largest that is worth it where
/// each tile of C has `workgroups_of_tile`. Ask check_units() first.
Tiling tiling_for(ParameterValues values, const Problem& problem, Precision precision,
                  const DeviceTraits& device, std::uint32_t workgroups_of_tile);

/// Unsupported where the tiling breaks a limit; an invocation adds `terms` terms to each of its
/// sums.
Outcome check_tiling(const Tiling& tiling, const Problem& problem, Precision precision,
                     std::uint32_t terms, const DeviceTraits& device);

PipelineSpec coop_pipeline(const std::string& module, const Problem& problem, const Tiling& tiling);

}  // namespace gpubench
