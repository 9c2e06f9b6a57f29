// block_tiling.h — the tiling of shaders/gemm/tiled.comp, which two kernels launch: what it takes
// of a device, which rules it must keep, and the shader's constants. Chooses none.
#pragma once

#include <cstdint>
#include <vector>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"
#include "kernels/contract.h"
#include "kernels/problem.h"

namespace gpubench {

struct BlockTiling {
  Tile tile;
  std::uint32_t tile_k = 16;
  std::uint32_t thread_m = 8;  ///< Rows of an invocation's block of sums.
  std::uint32_t thread_n = 8;
  std::uint32_t pad = 1;         ///< One vector, 16 bytes: enough to move shared rows apart.
  std::uint32_t group_rows = 8;  ///< Rows of tiles that share the columns of B in the cache.
  bool unrolled = false;         ///< The loop over tile_k, whatever the compiler thinks of it.

  [[nodiscard]] std::uint32_t sums() const { return thread_m * thread_n; }
  [[nodiscard]] std::uint32_t threads() const { return tile.m * tile.n / sums(); }
  /// For both tiles.
  [[nodiscard]] std::uint64_t shared_bytes(Precision precision) const;
  /// Of all its loops, when an invocation adds `terms` terms to each of its sums.
  [[nodiscard]] std::uint64_t rounds(std::uint32_t terms) const;
};

/// Whether the driver would leave the loop over a tile when an invocation adds so many terms.
bool must_unroll(const BlockTiling& tiling, std::uint32_t terms, const DeviceTraits& device);

/// Unsupported where the tiling breaks a limit of the device.
Outcome check_block_tiling(const BlockTiling& tiling, Precision precision, std::uint32_t terms,
                           const DeviceTraits& device);

/// Those of the contract and the shader's own, but of parts.
std::vector<SpecConstant> block_constants(const Problem& problem, const BlockTiling& tiling);

}  // namespace gpubench
