// One pass in chunks of a fixed size, summed up in their order: threads change nothing. Blocks of
// 256 pairs go through add_block; only pairs with a NaN, an Inf or an overflow are looked at
// singly.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "drift/block.h"
#include "drift/drift.h"
#include "drift/rows.h"
#include "drift/tolerance.h"

namespace gpubench {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;
constexpr std::size_t kConstantSample = 4096;
// From here a value rounds to Inf in fp16: halfway between 65504 and 65536.
constexpr float kHalfOverflow = 65520.0F;

/// What one pair is, when it cannot simply be subtracted.
enum class SpecialPair : std::uint8_t {
  comparable,       ///< Finite on both sides, though the format may round it to Inf.
  agrees,           ///< Overflow on both sides, or within the tolerance of it.
  clamped,          ///< Largest finite value in place of Inf.
  order_dependent,  ///< Partial sums may overflow: either answer is honest.
  spurious,
  poison,
};

struct ChunkFacts {
  BlockSums sums;
  double worst_ratio = 0;
  std::uint64_t worst_index = 0;
  std::uint64_t nonfinite = 0, clamped = 0, poison_left = 0, spurious = 0, order_dependent = 0;
  std::uint64_t first_poison = 0, first_spurious = 0;
};

class Pass {
 public:
  Pass(const OutputView& output, const ReferenceView& reference, const Tolerance& tolerance)
      : output_(output), reference_(reference), tolerance_(tolerance) {
    limits_.reference = tolerance.reference;
    limits_.largest = output.is_f16() ? kHalfMax : std::numeric_limits<float>::max();
    limits_.overflows_from =
        output.is_f16() ? kHalfOverflow : std::numeric_limits<float>::infinity();
  }

  [[nodiscard]] std::vector<ChunkFacts> run() const {
    std::vector<ChunkFacts> chunks((output_.size() + kChunk - 1) / kChunk);
    parallel_for(output_.size(), kChunk, [&](std::size_t begin, std::size_t end) {
      Block block;
      ChunkFacts& facts = chunks[begin / kChunk];
      for (std::size_t at = begin; at < end; at += kBlock) {
        block.count = std::min(kBlock, end - at);
        add(at, block, facts);
      }
    });
    return chunks;
  }

 private:
  void add(std::size_t first, Block& block, ChunkFacts& facts) const {
    load(first, block);
    const BlockResult result = add_block(block, limits_, facts.sums);
    if (result.worst_ratio > facts.worst_ratio) {
      const auto worst = std::find(block.ratio.begin(), block.ratio.end(), result.worst_ratio);
      facts.worst_ratio = result.worst_ratio;
      facts.worst_index = first + static_cast<std::size_t>(worst - block.ratio.begin());
    }
    if (result.has_special) add_special_pairs(first, block, facts);
  }

  void load(std::size_t first, Block& block) const {
    if (output_.is_f16()) {
      widen(output_.f16.subspan(first, block.count), block.output.data());
    } else {
      std::copy_n(&output_.f32[first], block.count, block.output.begin());
    }
    load_reference(first, block);
    load_scales(first, block);
    for (std::size_t i = block.count; i < std::min(kBlock, block.count + kLanes); ++i) {
      block.output[i] = block.reference[i] = 0;
      block.allowed[i] = block.floor[i] = 0;
    }
  }

  /// Without a reference each finite output stands for itself: only facts of the output remain.
  void load_reference(std::size_t first, Block& block) const {
    if (!reference_.values.empty()) {
      std::copy_n(&reference_.values[first], block.count, block.reference.begin());
      return;
    }
    std::transform(block.output.begin(), block.output.begin() + block.count,
                   block.reference.begin(), [](float x) { return std::isfinite(x) ? x : 0.0F; });
  }

  void load_scales(std::size_t first, Block& block) const {
    std::uint64_t row = first / reference_.columns;
    std::uint64_t column = first % reference_.columns;
    for (std::size_t filled = 0; filled < block.count; ++row, column = 0) {
      const auto count = std::min<std::size_t>(reference_.columns - column, block.count - filled);
      const double* scales = &reference_.column_scale[first_scale(row) + column];
      const double row_scale = reference_.row_scale[row];
      const double slope = tolerance_.scale * row_scale + tolerance_.column;
      const double offset = tolerance_.row * row_scale + tolerance_.absolute;
      const double floor = tolerance_.cancelled_below * row_scale;
      for (std::size_t j = 0; j < count; ++j) {
        block.allowed[filled + j] = slope * scales[j] + offset;
        block.floor[filled + j] = floor * scales[j];
      }
      filled += count;
    }
  }

  [[nodiscard]] std::uint64_t first_scale(std::uint64_t row) const {
    return row / reference_.rows_per_batch * reference_.columns;
  }

  void add_special_pairs(std::size_t first, const Block& block, ChunkFacts& facts) const {
    for (std::size_t i = 0; i < block.count; ++i) {
      const float got = block.output[i];
      const float expected = block.reference[i];
      if (std::isfinite(got) && std::abs(expected) < limits_.overflows_from) continue;
      const double allowed =
          block.allowed[i] + tolerance_.reference * std::abs(static_cast<double>(expected));
      add_special(classify(first + i, got, expected, allowed), first + i, got, expected, allowed,
                  facts);
    }
  }

  [[nodiscard]] bool is_poison(std::size_t index) const {
    return output_.is_f16() ? output_.f16[index] == kPoisonF16
                            : std::bit_cast<std::uint32_t>(output_.f32[index]) == kPoisonF32;
  }

  /// Any partial sum, in any order, is at most r·c. A NaN scale explains everything.
  [[nodiscard]] bool may_overflow(std::size_t index) const {
    const std::uint64_t row = index / reference_.columns;
    const double scale = reference_.row_scale[row] *
                         reference_.column_scale[first_scale(row) + index % reference_.columns];
    return !(scale < tolerance_.overflow_scale);
  }

  [[nodiscard]] SpecialPair classify(std::size_t index, float got, float expected,
                                     double allowed) const {
    if (is_poison(index)) return SpecialPair::poison;
    const bool same_sign = std::signbit(got) == std::signbit(expected);
    const double size = std::abs(static_cast<double>(expected));
    if (std::isinf(got) && same_sign && size + allowed >= limits_.largest) {
      return SpecialPair::agrees;
    }
    if (std::abs(got) == limits_.largest && same_sign && size >= limits_.overflows_from) {
      return size - allowed < limits_.overflows_from ? SpecialPair::agrees : SpecialPair::clamped;
    }
    if (std::isfinite(got) && std::isfinite(expected)) return SpecialPair::comparable;
    return may_overflow(index) ? SpecialPair::order_dependent : SpecialPair::spurious;
  }

  static void add_special(SpecialPair kind, std::size_t index, float got, float expected,
                          double allowed, ChunkFacts& facts) {
    switch (kind) {
      case SpecialPair::comparable:
        add_comparable(index, got, expected, allowed, facts);
        return;
      case SpecialPair::agrees:
        break;
      case SpecialPair::clamped:
        ++facts.clamped;
        break;
      case SpecialPair::order_dependent:
        ++facts.order_dependent;
        break;
      case SpecialPair::spurious:
        if (facts.spurious++ == 0) facts.first_spurious = index;
        break;
      case SpecialPair::poison:
        if (facts.poison_left++ == 0) facts.first_poison = index;
        break;
    }
    ++facts.nonfinite;
  }

  /// As add_block does, for a pair that it left out. Has no ulp: the format has none up there.
  static void add_comparable(std::size_t index, float got, float expected, double allowed,
                             ChunkFacts& facts) {
    const double size = std::abs(static_cast<double>(expected));
    const double error = std::abs(static_cast<double>(got) - static_cast<double>(expected));
    ++facts.sums.compared;
    facts.sums.error_squares[0] += error * error;
    facts.sums.reference_squares[0] += size * size;
    facts.sums.max_abs = std::max(facts.sums.max_abs, error);
    facts.sums.max_rel = std::max(facts.sums.max_rel, error / size);
    if (!(error <= allowed)) ++facts.sums.violations;
    const double ratio = ratio_to(error, allowed);
    if (ratio <= facts.worst_ratio) return;
    facts.worst_ratio = ratio;
    facts.worst_index = index;
  }

  const OutputView& output_;
  const ReferenceView& reference_;
  const Tolerance& tolerance_;
  BlockLimits limits_;
};

void merge(BlockSums& all, const BlockSums& part) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    all.error_squares[lane] += part.error_squares[lane];
    all.reference_squares[lane] += part.reference_squares[lane];
  }
  all.max_abs = std::max(all.max_abs, part.max_abs);
  all.max_rel = std::max(all.max_rel, part.max_rel);
  all.max_ulp_fp32 = std::max(all.max_ulp_fp32, part.max_ulp_fp32);
  all.max_ulp_fp16 = std::max(all.max_ulp_fp16, part.max_ulp_fp16);
  all.compared += part.compared;
  all.cancelled += part.cancelled;
  all.violations += part.violations;
  all.zeros += part.zeros;
  all.saturated += part.saturated;
  all.underflowed += part.underflowed;
  all.on_lattice += part.on_lattice;
  all.finite_nonzero += part.finite_nonzero;
}

/// `part` comes after all that is merged already, so ties keep the earlier index.
void merge(ChunkFacts& all, const ChunkFacts& part) {
  merge(all.sums, part.sums);
  if (part.worst_ratio > all.worst_ratio) {
    all.worst_ratio = part.worst_ratio;
    all.worst_index = part.worst_index;
  }
  if (all.poison_left == 0) all.first_poison = part.first_poison;
  if (all.spurious == 0) all.first_spurious = part.first_spurious;
  all.nonfinite += part.nonfinite;
  all.clamped += part.clamped;
  all.poison_left += part.poison_left;
  all.spurious += part.spurious;
  all.order_dependent += part.order_dependent;
}

ChunkFacts run_pass(const OutputView& output, const ReferenceView& reference,
                    const Tolerance& tolerance) {
  ChunkFacts all;
  for (const ChunkFacts& part : Pass(output, reference, tolerance).run()) merge(all, part);
  return all;
}

double sum_of(const Lanes& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? kNoValue : static_cast<double>(part) / static_cast<double>(whole);
}

/// Of a sample with an odd stride, so that no power-of-two pattern hides from it.
double constant_share(const OutputView& output) {
  const std::size_t stride = std::max<std::size_t>(output.size() / kConstantSample, 1) | 1U;
  std::vector<std::uint32_t> sample;
  for (std::size_t i = 0; i < output.size(); i += stride) {
    sample.push_back(std::bit_cast<std::uint32_t>(output.at(i)));
  }
  std::sort(sample.begin(), sample.end());
  std::size_t longest = 0;
  for (std::size_t begin = 0, end = 0; begin < sample.size(); begin = end) {
    while (end < sample.size() && sample[end] == sample[begin]) ++end;
    longest = std::max(longest, end - begin);
  }
  return share(longest, sample.size());
}

/// Facts that need no reference.
void describe_output(DriftMetrics& metrics, const OutputView& output, const ChunkFacts& facts,
                     const Tolerance& tolerance) {
  metrics.elements = output.size();
  metrics.poison_left = facts.poison_left;
  metrics.first_poison = facts.first_poison;
  metrics.spurious = facts.spurious;
  metrics.first_spurious = facts.first_spurious;
  metrics.order_dependent = facts.order_dependent;
  metrics.nonfinite = facts.nonfinite;
  metrics.zero_share = share(facts.sums.zeros, output.size());
  metrics.saturated_share = share(facts.sums.saturated, output.size());
  metrics.constant_share = constant_share(output);
  if (!output.is_f16() && !tolerance.exact) {
    metrics.fp16_lattice_share = share(facts.sums.on_lattice, facts.sums.finite_nonzero);
  }
}

void describe_worst(DriftMetrics& metrics, const OutputView& output, const ReferenceView& reference,
                    const Tolerance& tolerance) {
  const std::uint64_t row = metrics.worst_index / reference.columns;
  const std::uint64_t scale =
      row / reference.rows_per_batch * reference.columns + metrics.worst_index % reference.columns;
  metrics.worst_got = output.at(metrics.worst_index);
  metrics.worst_expected = reference.values[metrics.worst_index];
  metrics.worst_allowed = tolerance.allowed(reference.row_scale[row], reference.column_scale[scale],
                                            metrics.worst_expected);
}

/// Facts of the pairs. `reference` has values.
void describe_drift(DriftMetrics& metrics, const OutputView& output, const ReferenceView& reference,
                    const ChunkFacts& facts, const Tolerance& tolerance) {
  const BlockSums& sums = facts.sums;
  metrics.compared = sums.compared;
  metrics.cancelled = sums.cancelled;
  metrics.violations = sums.violations;
  metrics.clamped = facts.clamped;
  metrics.underflowed = sums.underflowed;
  if (sums.compared == 0) return;
  const double error = std::sqrt(sum_of(sums.error_squares));
  const double reference_squares = sum_of(sums.reference_squares);
  const double norm = std::sqrt(reference_squares);
  const double allowed = allowed_frobenius(tolerance, scale_norms(reference), reference_squares);
  metrics.max_abs_err = sums.max_abs;
  if (sums.cancelled < sums.compared) metrics.max_rel_err = sums.max_rel;
  metrics.rmse = error / std::sqrt(static_cast<double>(sums.compared));
  metrics.max_ulp_fp32 = sums.max_ulp_fp32;
  metrics.max_ulp_fp16 = sums.max_ulp_fp16;
  metrics.bound_ratio = std::min(facts.worst_ratio, std::numeric_limits<double>::max());
  metrics.worst_index = facts.worst_index;
  metrics.frobenius_ratio = ratio_to(error, allowed);
  if (norm > 0) metrics.rel_fro_err = error / norm;
  if (norm > 0) metrics.rel_fro_limit = allowed / norm;
  if (norm == 0 && error == 0) metrics.rel_fro_err = 0;
  describe_worst(metrics, output, reference, tolerance);
}

/// The oracle's rows as a small tensor of their own.
struct SampledRows {
  std::vector<float> f32;
  std::vector<HalfBits> f16;
  std::vector<float> values;
  std::vector<double> row_scale, column_scale;
};

SampledRows sample_rows(const OutputView& output, const ReferenceView& reference) {
  SampledRows sample;
  const OracleRows& oracle = *reference.oracle;
  for (const std::uint64_t row : oracle.rows) {
    const std::uint64_t first = row * reference.columns;
    const auto scales = reference.column_scale.subspan(
        row / reference.rows_per_batch * reference.columns, reference.columns);
    for (std::uint64_t j = 0; j < reference.columns; ++j) {
      if (output.is_f16()) sample.f16.push_back(output.f16[first + j]);
      if (!output.is_f16()) sample.f32.push_back(output.f32[first + j]);
    }
    sample.row_scale.push_back(reference.row_scale[row]);
    sample.column_scale.insert(sample.column_scale.end(), scales.begin(), scales.end());
  }
  for (const double value : oracle.values) sample.values.push_back(static_cast<float>(value));
  return sample;
}

/// Without a whole reference the pairs are those of the oracle's rows, rounded to fp32.
void describe_sampled_drift(DriftMetrics& metrics, const OutputView& output,
                            const ReferenceView& reference, const Tolerance& tolerance) {
  const SampledRows sample = sample_rows(output, reference);
  ReferenceView rows;
  rows.rows = reference.oracle->rows.size();
  rows.columns = reference.columns;
  rows.values = sample.values;
  rows.row_scale = sample.row_scale;
  rows.column_scale = sample.column_scale;
  rows.rows_per_batch = 1;  // each row brings its own column scales
  const OutputView view{sample.f32, sample.f16};
  describe_drift(metrics, view, rows, run_pass(view, rows, tolerance), tolerance);
  const std::uint64_t worst = metrics.worst_index / reference.columns;
  metrics.worst_index =
      reference.oracle->rows[worst] * reference.columns + metrics.worst_index % reference.columns;
}

void describe_oracle(DriftMetrics& metrics, const OutputView& output,
                     const ReferenceView& reference, const Tolerance& tolerance) {
  const auto index_of = [&](std::size_t index, std::uint64_t column) {
    return reference.oracle->rows[index] * reference.columns + column;
  };
  const RowsComparison seen =
      compare_rows(reference, tolerance, [&](std::size_t index, std::uint64_t column) {
        return static_cast<double>(output.at(index_of(index, column)));
      });
  metrics.rel_fro_err_fp64 = seen.rel_fro_err;
  metrics.oracle_bound_ratio = std::max(seen.bound_ratio, seen.frobenius_ratio);
  if (reference.values.empty()) return;
  const RowsComparison peer =
      compare_rows(reference, tolerance, [&](std::size_t index, std::uint64_t column) {
        return static_cast<double>(reference.values[index_of(index, column)]);
      });
  metrics.reference_rel_fro_err = peer.rel_fro_err;
  metrics.reference_bound_ratio = std::max(peer.bound_ratio, peer.frobenius_ratio);
}

bool has_oracle(const ReferenceView& reference) {
  return reference.oracle != nullptr && !reference.oracle->rows.empty();
}

}  // namespace

DriftMetrics measure_drift(const OutputView& output, const ReferenceView& reference,
                           const Tolerance& tolerance) {
  assert(output.size() == reference.rows * reference.columns && "output has another shape");
  DriftMetrics metrics;
  if (output.size() == 0) return metrics;
  const ChunkFacts facts = run_pass(output, reference, tolerance);
  describe_output(metrics, output, facts, tolerance);
  if (!reference.values.empty()) {
    describe_drift(metrics, output, reference, facts, tolerance);
  } else if (has_oracle(reference)) {
    describe_sampled_drift(metrics, output, reference, tolerance);
  }
  if (has_oracle(reference)) describe_oracle(metrics, output, reference, tolerance);
  if (reference.freivalds != nullptr && reference.freivalds->vectors > 0) {
    const Residual residual = freivalds_residual(output, reference, tolerance);
    metrics.freivalds_rel_fro_err = residual.rel_fro_err;
    metrics.row_residual_ratio = residual.row_ratio;
    metrics.worst_residual_row = residual.worst_row;
  }
  return metrics;
}

}  // namespace gpubench
