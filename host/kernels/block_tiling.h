// block_tiling.h — the tiling of shaders/gemm/tiled.comp, which two kernels launch: what it takes
// of a device, which rules it must keep, and the shader's constants. Chooses none.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"
#include "kernels/contract.h"
#include "kernels/kernel.h"
#include "kernels/problem.h"

namespace gpubench {

struct BlockTiling {
  Tile tile;
  std::uint32_t tile_k = 16;
  std::uint32_t thread_m = 8;  ///< Rows of an invocation's block of sums.
  std::uint32_t thread_n = 8;
  std::uint32_t pad = 1;         ///< One vector, 16 bytes: enough to move shared rows apart.
  std::uint32_t group_rows = 8;  ///< Rows of tiles that share the columns of B in the cache.
  std::uint32_t unroll = 1;      ///< Terms in a round of the loop over tile_k; all: no loop.
  std::uint32_t strips = 1;      ///< Invocations go down one strip of the tile after the other.

  [[nodiscard]] std::uint32_t sums() const { return thread_m * thread_n; }
  [[nodiscard]] std::uint32_t threads() const { return tile.m * tile.n / sums(); }
  [[nodiscard]] std::uint32_t threads_n() const { return tile.n / thread_n; }
  /// For both tiles.
  [[nodiscard]] std::uint64_t shared_bytes(Precision precision) const;
  /// Of all its loops, when an invocation adds `terms` terms to each of its sums.
  [[nodiscard]] std::uint64_t rounds(std::uint32_t terms) const;
  /// " unroll=4 strips=2" for column kernel_params; nothing of what is as usual.
  [[nodiscard]] std::string order_words() const;
};

inline constexpr std::array<std::uint32_t, 5> kUnrolls{1, 4, 8, 16, 32};
inline constexpr std::array<std::uint32_t, 3> kStripCounts{1, 2, 4};
/// Both are younger than tables of tunings.
inline constexpr ParameterSpace kUnrollSpace{"unroll", kUnrolls, kKernelChooses};
inline constexpr ParameterSpace kStripsSpace{"strips", kStripCounts, 1U};

/// What `unroll` is unless a tuning says so: a term in a round, or no loop over the tile where the
/// driver would leave it.
std::uint32_t usual_unroll(const BlockTiling& tiling, std::uint32_t terms,
                           const DeviceTraits& device);

/// Unsupported where the tiling breaks a limit of the device, or a rule of the shader that values
/// of kUnrollSpace and kStripsSpace can break.
Outcome check_block_tiling(const BlockTiling& tiling, Precision precision, std::uint32_t terms,
                           const DeviceTraits& device);

/// Those of the contract and the shader's own, but of parts.
std::vector<SpecConstant> block_constants(const Problem& problem, const BlockTiling& tiling);

}  // namespace gpubench
