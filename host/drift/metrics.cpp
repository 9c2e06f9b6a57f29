// Turns the sums of one pass, the oracle's rows and the Freivalds residual into metrics.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <vector>

#include "drift/drift.h"
#include "drift/pass.h"
#include "drift/rows.h"
#include "drift/tolerance.h"

namespace gpubench {
namespace {

constexpr std::size_t kConstantSample = 4096;

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
void describe_output(DriftMetrics& metrics, const OutputView& output, const PassFacts& facts,
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
                    const PassFacts& facts, const Tolerance& tolerance) {
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
  const PassFacts facts = run_pass(output, reference, tolerance);
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
