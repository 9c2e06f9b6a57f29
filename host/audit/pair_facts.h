// pair_facts.h — how far an output is from its reference and on which grids of numbers it lies.
// Pure: numbers in, facts out; judgement.h judges. Unlike drift/, it knows of no kernel, shape or
// tolerance: any two arrays will do.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "audit/lattice.h"
#include "audit/pair_block.h"
#include "drift/drift.h"

namespace gpubench {

/// From this many different values on, all that are informative count as independent.
constexpr std::size_t kManyDistinct = 64;

/// The round trip through one format. A pair is informative if its reference is off the grid and
/// its output is not 0: only there could the round trip have changed something.
struct LatticeFacts {
  std::uint64_t informative = 0;
  std::uint64_t on_lattice = 0;  ///< Of these: the output survives the round trip.
  std::uint64_t rounded = 0;     ///< Of these: the output is the rounded reference.
  /// Different outputs among the informative pairs that were looked at; at most kManyDistinct.
  std::uint64_t distinct = 0;
  /// log2 of the chance that FP32 values with random low bits survive as often; at most 0.
  double chance_log2 = 0;
  double max_ulps = kNoValue;  ///< |e| / ulp(R) of the format.
  double mean_ulps = kNoValue;
  std::uint64_t above_half = 0;   ///< Errors above half an ulp.
  std::uint64_t beyond_half = 0;  ///< The same by more than FP32's noise.
  std::uint64_t beyond_one = 0;

  /// Values that count as independent: all informative ones, unless they repeat.
  [[nodiscard]] std::uint64_t independent() const;
};

/// e = output - reference over the compared pairs: finite on both sides and not clamped. NaN: there
/// is no such value. docs/silent-precision.md defines each.
struct PairFacts {
  std::uint64_t elements = 0;
  PairSums counts;  ///< Its counts; the sums in it are raw material.
  double max_abs_err = kNoValue, mean_abs_err = kNoValue, rmse = kNoValue;
  double bias = kNoValue;          ///< mean e
  double outward_bias = kNoValue;  ///< mean e·sign(R): below 0 where magnitudes are cut off.
  double max_rel_err = kNoValue;   ///< Where |R| is at least 2^-10 of its typical size.
  double rel_fro_err = kNoValue;   ///< ‖e‖/‖R‖
  double nmse = kNoValue;          ///< rel_fro_err²
  double one_minus_cosine = kNoValue;
  double max_ulp_fp32 = kNoValue, mean_ulp_fp32 = kNoValue;
  /// 50, 90, 99 and 99.9 % of |e| are at most this, read from bins 1/16 octave wide.
  std::array<double, 4> abs_err_quantiles{kNoValue, kNoValue, kNoValue, kNoValue};
  double reference_rms = kNoValue, reference_mean = kNoValue;
  double typical = 0;             ///< Size of the reference by which noise was judged.
  std::uint64_t worst_index = 0;  ///< Of max_abs_err.
  double worst_reference = kNoValue, worst_output = kNoValue;
  std::array<LatticeFacts, kLattices> lattices{};

  [[nodiscard]] const LatticeFacts& on(Lattice lattice) const {
    return lattices[static_cast<std::size_t>(lattice)];
  }
};

/// Takes pairs in any number of pieces; pieces of other collectors join by +=, in order of index.
class PairCollector {
 public:
  explicit PairCollector(double typical) : typical_(typical), bins_(kBins) {}

  /// Consecutive pairs, the first with this flat index. Spans have the same length.
  void add(std::uint64_t first, std::span<const double> reference, std::span<const double> output);
  PairCollector& operator+=(const PairCollector& other);
  [[nodiscard]] PairFacts facts() const;

 private:
  static constexpr std::size_t kBins = 4096;  ///< Sign-less float32 bits but the lowest 19.

  void add_block(std::uint64_t first, std::span<const double> reference,
                 std::span<const double> output);
  void note_worst(std::uint64_t first, std::span<const double> reference,
                  std::span<const double> output);
  void note_distinct(std::span<const double> reference, std::span<const double> output);
  [[nodiscard]] double quantile(double share) const;

  double typical_;
  PairSums sums_;
  std::vector<std::uint64_t> bins_;
  std::uint64_t elements_ = 0, looked_at_ = 0, worst_index_ = 0;
  double worst_reference_ = 0, worst_output_ = 0;
  std::array<std::vector<double>, kLattices> distinct_;
};

}  // namespace gpubench
