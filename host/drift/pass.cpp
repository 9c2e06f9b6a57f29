// In chunks of a fixed size, summed up in their order: threads change nothing. Blocks of 256 pairs
// go through add_block; only pairs with a NaN, an Inf or an overflow are looked at singly.
#include "drift/pass.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "drift/rows.h"

namespace gpubench {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;
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

class Pass {
 public:
  Pass(const OutputView& output, const ReferenceView& reference, const Tolerance& tolerance)
      : output_(output), reference_(reference), tolerance_(tolerance) {
    limits_.reference = tolerance.reference;
    limits_.largest = output.is_f16() ? kHalfMax : std::numeric_limits<float>::max();
    limits_.overflows_from =
        output.is_f16() ? kHalfOverflow : std::numeric_limits<float>::infinity();
  }

  [[nodiscard]] std::vector<PassFacts> run() const {
    std::vector<PassFacts> chunks((output_.size() + kChunk - 1) / kChunk);
    parallel_for(output_.size(), kChunk, [&](std::size_t begin, std::size_t end) {
      walk(begin, end, chunks[begin / kChunk]);
    });
    return chunks;
  }

  /// Adds the pairs of [begin, end).
  void walk(std::size_t begin, std::size_t end, PassFacts& facts) const {
    Block block;
    for (std::size_t at = begin; at < end; at += kBlock) {
      block.count = std::min(kBlock, end - at);
      add(at, block, facts);
    }
  }

 private:
  void add(std::size_t first, Block& block, PassFacts& facts) const {
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
    if (tolerance_.overflow_may_hide) show_hidden_overflow(first, block);
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

  /// What the activation may have made of an overflow is taken for the NaN that it may have been.
  void show_hidden_overflow(std::size_t first, Block& block) const {
    for (std::size_t i = 0; i < block.count; ++i) {
      const double expected = block.reference[i];
      const double error = std::abs(static_cast<double>(block.output[i]) - expected);
      const double allowed = block.allowed[i] + tolerance_.reference * std::abs(expected);
      if (error > allowed && may_overflow(first + i)) {
        block.output[i] = std::numeric_limits<float>::quiet_NaN();
      }
    }
  }

  [[nodiscard]] std::uint64_t first_scale(std::uint64_t row) const {
    return row / reference_.rows_per_batch * reference_.columns;
  }

  void add_special_pairs(std::size_t first, const Block& block, PassFacts& facts) const {
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
    if (std::isinf(got) && same_sign && !(size + allowed < limits_.largest)) {
      return SpecialPair::agrees;
    }
    if (std::abs(got) == limits_.largest && same_sign && size >= limits_.overflows_from) {
      return size - allowed < limits_.overflows_from ? SpecialPair::agrees : SpecialPair::clamped;
    }
    if (std::isfinite(got) && std::isfinite(expected)) return SpecialPair::comparable;
    return may_overflow(index) ? SpecialPair::order_dependent : SpecialPair::spurious;
  }

  static void add_special(SpecialPair kind, std::size_t index, float got, float expected,
                          double allowed, PassFacts& facts) {
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
                             PassFacts& facts) {
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
void merge(PassFacts& all, const PassFacts& part) {
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

}  // namespace

PassFacts run_pass(const OutputView& output, const ReferenceView& reference,
                   const Tolerance& tolerance) {
  PassFacts all;
  for (const PassFacts& part : Pass(output, reference, tolerance).run()) merge(all, part);
  return all;
}

PassFacts run_pass_over(const OutputView& output, const ReferenceView& reference,
                        const Tolerance& tolerance, const OutputRegion& region) {
  const Pass pass(output, reference, tolerance);
  PassFacts facts;
  for (std::uint64_t row = region.row_begin; row < region.row_end; ++row) {
    const std::uint64_t first = row * reference.columns;
    pass.walk(first + region.column_begin, first + region.column_end, facts);
  }
  return facts;
}

}  // namespace gpubench
