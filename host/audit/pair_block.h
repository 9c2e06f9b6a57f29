// pair_block.h — the inner loop of an audit: sums and counts over pairs of output and reference.
// Pure. Sums keep eight lanes apart and formats have a loop each, so that the bits of a result
// depend neither on the CPU nor on the number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "audit/lattice.h"
#include "drift/block.h"

namespace gpubench {

/// Pairs that one call takes at most; both arrays then stay in the L1 cache.
constexpr std::size_t kPairBlock = 2048;

/// What FP32 arithmetic may be off by, over the typical size of the reference plus the size of the
/// element: 2^-16 is 256 units roundoff, and still an eighth of half an fp16 ulp.
constexpr double kFp32Noise = 0x1p-16;
/// An element further off than this is far outside what FP32 sums of any usual length do.
constexpr double kOutlier = 0x1p-14;
/// A reference nearer to a grid than this could be there by design: it says nothing. 8 units
/// roundoff of FP32, which is also where an FP64 reference of an exact result lies.
constexpr double kOnGridAlready = 0x1p-21;

struct LatticeSums {
  Lanes ulps{};  ///< |e| / ulp(R) of the format.
  double max_ulps = 0;
  std::uint64_t above_half = 0;   ///< Errors above half an ulp.
  std::uint64_t beyond_half = 0;  ///< The same by more than FP32's noise.
  std::uint64_t beyond_one = 0;   ///< Above a whole ulp by more than FP32's noise.
  std::uint64_t informative = 0;  ///< The reference is off the grid, the output is not 0.
  std::uint64_t on_lattice = 0;   ///< Of the informative.
  std::uint64_t rounded = 0;      ///< Of the informative: the output is the rounded reference.
};

struct PairSums {
  Lanes error_squares{}, reference_squares{}, errors{}, abs_errors{}, signed_errors{};
  Lanes error_dot_reference{}, references{};
  double max_abs = 0, max_rel = 0;
  std::uint64_t compared = 0;   ///< In the norms: both finite, and not clamped.
  std::uint64_t identical = 0;  ///< Of the compared; +0 equals -0.
  std::uint64_t relative = 0;   ///< Of the compared: |R| is at least 2^-10 of the typical size.
  std::uint64_t outliers = 0;
  /// Errors beyond FP32's noise, by where they lead.
  std::uint64_t outwards = 0, inwards = 0, upwards = 0, downwards = 0;

  std::uint64_t reference_nan = 0, reference_infinite = 0;
  std::uint64_t nan = 0;           ///< In the output.
  std::uint64_t spurious_nan = 0;  ///< Of these: the reference is finite.
  std::uint64_t infinite = 0;      ///< In the output.
  std::uint64_t overflowed = 0;    ///< Output ±Inf, reference finite.
  std::uint64_t spurious_infinite =
      0;                          ///< Of these: fp16 would hold the reference; or the sign differs.
  std::uint64_t missed = 0;       ///< Reference ±Inf, output finite.
  std::uint64_t beyond_fp16 = 0;  ///< References that round to Inf in fp16.
  std::uint64_t clamped = 0;      ///< Of these: the output is ±65504.
  std::uint64_t saturated = 0;    ///< Of these: the output is ±65504 or Inf.
  std::uint64_t underflowed = 0;  ///< Output 0, reference not.
  std::uint64_t underflowed_fp16 = 0;  ///< Of these: fp16 rounds the reference to 0 as well.
  std::uint64_t fp16_subnormal = 0;    ///< Outputs, not 0, below fp16's normal numbers.
  /// Bits that fp16 drops and tf32 keeps, over those subnormals whose reference uses them.
  std::uint64_t bits_below_fp16 = 0;

  std::array<LatticeSums, kLattices> lattices{};
  Lanes fp32_ulps{};
  double max_fp32_ulps = 0;

  PairSums& operator+=(const PairSums& other);
};

/// Both spans hold a multiple of 8 pairs, at most kPairBlock; those from `count` on are zeros.
/// Adds them to `sums`, and sets to zero the pairs that are not compared. `typical` is the typical
/// size of the reference.
void add_pairs(std::span<double> reference, std::span<double> output, std::size_t count,
               double typical, PairSums& sums);

}  // namespace gpubench
