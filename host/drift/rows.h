// rows.h — limits and comparisons of whole tensors and of single rows: Frobenius norms, the FP64
// oracle's rows, Freivalds residuals. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "drift/drift.h"
#include "drift/tolerance.h"

namespace gpubench {

/// Squares of the scales, summed over the elements that are compared.
struct ScaleNorms {
  double products = 0;  ///< Σ (r_i·c_j)²
  double rows = 0;      ///< Σ r_i²
  double columns = 0;   ///< Σ c_j²
  double elements = 0;
};

ScaleNorms scale_norms(const ReferenceView& reference);
ScaleNorms row_scale_norms(const ReferenceView& reference, std::uint64_t row);
ScaleNorms& operator+=(ScaleNorms& left, const ScaleNorms& right);

/// What ‖e‖_F may be where ‖R‖_F² = reference_squares.
double allowed_frobenius(const Tolerance& tolerance, const ScaleNorms& norms,
                         double reference_squares);
/// error / allowed; 0 without an error, and huge where nothing is allowed or the limit is NaN.
double ratio_to(double error, double allowed);

struct RowsComparison {
  double rel_fro_err = kNoValue;
  double frobenius_ratio = kNoValue;
  double bound_ratio = kNoValue;
};

/// Element `column` of the oracle's row number `index`, by the compared side.
using RowElement = std::function<double(std::size_t index, std::uint64_t column)>;

/// Compares with the oracle's rows. Pairs that are not finite are left out.
RowsComparison compare_rows(const ReferenceView& reference, const Tolerance& tolerance,
                            const RowElement& element);

struct Residual {
  double rel_fro_err = kNoValue;  ///< ‖Gx - y‖ / ‖y‖ over rows that are finite.
  double row_ratio = kNoValue;    ///< max |(Gx - y)_i| / allowed
  std::uint64_t worst_row = 0;
};

/// Needs reference.freivalds.
Residual freivalds_residual(const OutputView& output, const ReferenceView& reference,
                            const Tolerance& tolerance);

}  // namespace gpubench
