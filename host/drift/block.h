// block.h — the inner loop of measure_drift: metrics of 256 pairs at a time, on vectors.
// Pure. Knows no rows, shapes or rules beyond the arrays and limits that it is given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/half.h"

namespace gpubench {

constexpr std::size_t kBlock = 256;
constexpr std::size_t kLanes = 8;
using Lanes = std::array<double, kLanes>;

/// Consecutive elements; those past `count` are zero.
struct Block {
  alignas(64) std::array<float, kBlock> output;
  alignas(64) std::array<float, kBlock> reference;
  alignas(64) std::array<double, kBlock> allowed;  ///< Tolerance but for its part in |R|.
  alignas(64) std::array<double, kBlock> floor;    ///< No relative error where |R| is below.
  alignas(64) std::array<double, kBlock> ratio;    ///< Written: |e| / tolerance.
  std::size_t count = 0;
};

struct BlockLimits {
  double reference = 0;      ///< Part of the tolerance in |R|.
  float largest = 0;         ///< Largest finite value of the output format.
  float overflows_from = 0;  ///< |R| at or above rounds to Inf in the output format.
  bool operator==(const BlockLimits&) const = default;
};

/// Sums keep eight lanes apart, so that their bits do not depend on the width of a CPU's vectors.
struct BlockSums {
  Lanes error_squares{}, reference_squares{};
  double max_abs = 0, max_rel = 0, max_ulp_fp32 = 0, max_ulp_fp16 = 0;
  std::uint64_t compared = 0, cancelled = 0, violations = 0;
  std::uint64_t zeros = 0, saturated = 0, underflowed = 0, on_lattice = 0, finite_nonzero = 0;
};

struct BlockResult {
  double worst_ratio = 0;
  bool has_special = false;  ///< Some pair is not finite, or overflows the output format.
};

/// Adds the block to `sums`. Special pairs add to the counts of the output alone.
BlockResult add_block(Block& block, const BlockLimits& limits, BlockSums& sums);

void widen(std::span<const HalfBits> from, float* to);

}  // namespace gpubench
