#include "drift/rows.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"

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

/// Σ over the columns of G[row, j]·x[j]; NaN where an output is not finite.
double dot_row(const OutputView& output, std::uint64_t first, std::span<const double> x) {
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    sum += static_cast<double>(output.at(first + j)) * x[j];
  }
  return sum;
}

/// ‖R‖² of a row; of the output's row where no whole reference was computed. y would not do in its
/// place: it has that variance, but comes near zero now and then.
double row_squares(const OutputView& output, const ReferenceView& reference, std::uint64_t row) {
  const std::uint64_t first = row * reference.columns;
  double sum = 0;
  for (std::uint64_t i = first; i < first + reference.columns; ++i) {
    const auto value =
        static_cast<double>(reference.values.empty() ? output.at(i) : reference.values[i]);
    if (std::isfinite(value)) sum += value * value;
  }
  return sum;
}

struct RowResidual {
  double residual_squares = 0, expected_squares = 0, ratio = 0;
};

RowResidual residual_of_row(const OutputView& output, const ReferenceView& reference,
                            const Tolerance& tolerance, std::uint64_t row, double columns_squared) {
  const FreivaldsProbe& probe = *reference.freivalds;
  const std::uint64_t columns = reference.columns;
  const ScaleNorms norms =
      norms_of_row(reference.row_scale[row], columns_squared, static_cast<double>(columns));
  const double noise = kResidualNoise * std::sqrt(norms.products);
  const double rms = allowed_frobenius(tolerance, norms, row_squares(output, reference, row));
  const double allowed = kRowDeviations * (rms + noise);
  RowResidual result;
  for (std::uint32_t v = 0; v < probe.vectors; ++v) {
    const std::span<const double> x(probe.x.data() + v * columns, columns);
    const double expected = probe.y[v * reference.rows + row];
    const double residual = dot_row(output, row * columns, x) - expected;
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
    for (std::size_t row = begin; row < end; ++row) {
      rows[row] = residual_of_row(output, reference, tolerance, row,
                                  columns_squared[batch_of(reference, row)]);
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
