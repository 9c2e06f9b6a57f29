#include "drift/rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "drift/block.h"

namespace gpubench {
namespace {

// The limit in the norm is this many expected norms for a large tensor; it widens for a small one,
// where a single element may be all of the norm. Calibrated: see docs/validating.md.
constexpr double kNormMargin = 1.6;
constexpr double kFewElements = 6;
// |x·e| of a Gaussian x stays below this many deviations in 16384 rows, but for 1 in 30 000 runs.
constexpr double kRowDeviations = 6;
// FP64 rounding of Gx and of y themselves, over ‖a_i‖·‖B‖; far below any fp32 error.
constexpr double kResidualNoise = 0x1p-44;
// Rows of one unit of parallel work.
constexpr std::size_t kRowGrain = 16;

std::uint64_t batch_of(const ReferenceView& reference, std::uint64_t row) {
  return reference.rows_per_batch == 0 ? 0 : row / reference.rows_per_batch;
}

double column_squares(const ReferenceView& reference, std::uint64_t batch) {
  double sum = 0;
  const auto columns = reference.column_scale.subspan(batch * reference.columns, reference.columns);
  for (const double scale : columns) sum += scale * scale;
  return sum;
}

ScaleNorms norms_of_row(double row_scale, double columns_squared, double columns) {
  const double squared = row_scale * row_scale;
  return {squared * columns_squared, squared * columns, columns_squared, columns};
}

// Sums over a row are a chain of additions each; so many of them at once hide how long one takes.
constexpr std::uint32_t kSumsAtOnce = 4;
using RowSums = std::array<double, kSumsAtOnce>;

/// Σ over the columns of G[row, j]·x[j] for some probes from `first` on; NaN where an output is
/// not finite.
RowSums dot_row(std::span<const float> row, const FreivaldsProbe& probe, std::uint32_t first) {
  RowSums sums{};
  std::array<const double*, kSumsAtOnce> x{};
  for (std::uint32_t v = 0; v < kSumsAtOnce; ++v) {
    x[v] = probe.x.data() + std::min(first + v, probe.vectors - 1) * row.size();
  }
  for (std::size_t j = 0; j < row.size(); ++j) {
    const auto value = static_cast<double>(row[j]);
    for (std::uint32_t v = 0; v < kSumsAtOnce; ++v) sums[v] += value * x[v][j];
  }
  return sums;
}

double sum_of_squares(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) {
    if (std::isfinite(value)) sum += static_cast<double>(value) * static_cast<double>(value);
  }
  return sum;
}

/// A row of the output as floats, which lie in `widened` where the output has others.
std::span<const float> output_row(const OutputView& output, std::uint64_t first,
                                  std::vector<float>& widened) {
  if (!output.is_f16()) return output.f32.subspan(first, widened.size());
  widen(output.f16.subspan(first, widened.size()), widened.data());
  return widened;
}

struct RowResidual {
  double residual_squares = 0, expected_squares = 0, ratio = 0;
};

RowResidual residual_of_row(std::span<const float> got, const ReferenceView& reference,
                            const Tolerance& tolerance, std::uint64_t row, double columns_squared) {
  const FreivaldsProbe& probe = *reference.freivalds;
  const std::uint64_t columns = reference.columns;
  const ScaleNorms norms =
      norms_of_row(reference.row_scale[row], columns_squared, static_cast<double>(columns));
  const double noise = kResidualNoise * std::sqrt(norms.products);
  // Of the output's row where no whole reference was computed. y would not do in its place: it has
  // that variance, but comes near zero now and then.
  const double squares = sum_of_squares(
      reference.values.empty() ? got : reference.values.subspan(row * columns, columns));
  const double rms = allowed_frobenius(tolerance, norms, squares);
  const double allowed = kRowDeviations * (rms + noise);
  RowResidual result;
  RowSums sums{};
  for (std::uint32_t v = 0; v < probe.vectors; ++v) {
    if (v % kSumsAtOnce == 0) sums = dot_row(got, probe, v);
    const double expected = probe.y[v * reference.rows + row];
    const double residual = sums[v % kSumsAtOnce] - expected;
    if (!std::isfinite(residual)) continue;  // counted by the element-wise pass
    result.residual_squares += residual * residual;
    result.expected_squares += expected * expected;
    result.ratio = std::max(result.ratio, ratio_to(std::abs(residual), allowed));
  }
  return result;
}

}  // namespace

ScaleNorms& operator+=(ScaleNorms& left, const ScaleNorms& right) {
  left.products += right.products;
  left.rows += right.rows;
  left.columns += right.columns;
  left.elements += right.elements;
  return left;
}

ScaleNorms row_scale_norms(const ReferenceView& reference, std::uint64_t row) {
  return norms_of_row(reference.row_scale[row], column_squares(reference, batch_of(reference, row)),
                      static_cast<double>(reference.columns));
}

ScaleNorms scale_norms(const ReferenceView& reference) {
  ScaleNorms norms;
  double columns_squared = 0;
  for (std::uint64_t row = 0; row < reference.rows; ++row) {
    const bool new_batch = row == 0 || batch_of(reference, row) != batch_of(reference, row - 1);
    if (new_batch) columns_squared = column_squares(reference, batch_of(reference, row));
    norms += norms_of_row(reference.row_scale[row], columns_squared,
                          static_cast<double>(reference.columns));
  }
  return norms;
}

double allowed_frobenius(const Tolerance& tolerance, const ScaleNorms& norms,
                         double reference_squares) {
  const auto square = [](double value) { return value * value; };
  const double expected = square(tolerance.rms_scale) * norms.products +
                          square(tolerance.rms_row) * norms.rows +
                          square(tolerance.rms_column) * norms.columns +
                          square(tolerance.rms_absolute) * norms.elements +
                          square(tolerance.rms_reference) * reference_squares;
  const double margin = kNormMargin * (1 + kFewElements / std::sqrt(std::max(norms.elements, 1.0)));
  return margin * std::sqrt(expected);
}

double ratio_to(double error, double allowed) {
  if (error == 0) return 0;
  constexpr double kHuge = std::numeric_limits<double>::max();
  return allowed > 0 ? std::min(error / allowed, kHuge) : kHuge;
}

RowsComparison compare_rows(const ReferenceView& reference, const Tolerance& tolerance,
                            const RowElement& element) {
  const OracleRows& oracle = *reference.oracle;
  double error_squares = 0, expected_squares = 0, bound_ratio = 0;
  ScaleNorms norms;
  for (std::size_t index = 0; index < oracle.rows.size(); ++index) {
    const std::uint64_t row = oracle.rows[index];
    const std::uint64_t first_scale = batch_of(reference, row) * reference.columns;
    norms += row_scale_norms(reference, row);
    for (std::uint64_t column = 0; column < reference.columns; ++column) {
      const double expected = oracle.values[index * reference.columns + column];
      const double got = element(index, column);
      if (!std::isfinite(got) || !std::isfinite(expected)) continue;
      const double row_scale = reference.row_scale[row];
      const double column_scale = reference.column_scale[first_scale + column];
      const double allowed = tolerance.allowed(row_scale, column_scale, expected);
      const double error = std::abs(got - expected);
      const bool may_overflow = !(row_scale * column_scale < tolerance.overflow_scale);
      if (error > allowed && may_overflow && tolerance.overflow_may_hide) continue;
      bound_ratio = std::max(bound_ratio, ratio_to(error, allowed));
      error_squares += error * error;
      expected_squares += expected * expected;
    }
  }
  const double error = std::sqrt(error_squares);
  RowsComparison result;
  result.bound_ratio = bound_ratio;
  result.frobenius_ratio = ratio_to(error, allowed_frobenius(tolerance, norms, expected_squares));
  if (expected_squares > 0) result.rel_fro_err = error / std::sqrt(expected_squares);
  return result;
}

Residual freivalds_residual(const OutputView& output, const ReferenceView& reference,
                            const Tolerance& tolerance) {
  std::vector<double> columns_squared;
  for (std::uint64_t row = 0; row < reference.rows;
       row += std::max<std::uint64_t>(reference.rows_per_batch, 1)) {
    columns_squared.push_back(column_squares(reference, batch_of(reference, row)));
    if (reference.rows_per_batch == 0) break;
  }
  std::vector<RowResidual> rows(reference.rows);
  parallel_for(reference.rows, kRowGrain, [&](std::size_t begin, std::size_t end) {
    std::vector<float> widened(reference.columns);
    for (std::size_t row = begin; row < end; ++row) {
      rows[row] = residual_of_row(output_row(output, row * reference.columns, widened), reference,
                                  tolerance, row, columns_squared[batch_of(reference, row)]);
    }
  });
  Residual result;
  result.row_ratio = 0;
  double residual_squares = 0, expected_squares = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    residual_squares += rows[row].residual_squares;
    expected_squares += rows[row].expected_squares;
    if (rows[row].ratio <= result.row_ratio) continue;
    result.row_ratio = rows[row].ratio;
    result.worst_row = row;
  }
  if (expected_squares > 0) result.rel_fro_err = std::sqrt(residual_squares / expected_squares);
  return result;
}

bool tolerance_has_power(const Tolerance& tolerance, const ReferenceView& reference,
                         std::span<const float> lower) {
  if (reference.oracle == nullptr || lower.empty()) return false;
  const RowsComparison seen =
      compare_rows(reference, tolerance, [&](std::size_t index, std::uint64_t column) {
        return static_cast<double>(lower[index * reference.columns + column]);
      });
  return seen.bound_ratio > 1 || seen.frobenius_ratio > 1;
}

}  // namespace gpubench
