#include "drift/expected.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "drift/rows.h"

namespace gpubench {
namespace {

bool has_theory(const ToleranceInput& input) {
  return input.operation == Operation::product && input.activation == ActivationKind::none &&
         (input.data == DataKind::zero_mean || input.data == DataKind::positive);
}

/// An error as multiples of r_i·c_j and of |R_ij|.
struct Share {
  double scale = 0, reference = 0;
};

Share sum_share(const ToleranceInput& input, double k) {
  const double each = kRoundingRms * input.accumulated.roundoff();
  return input.data == DataKind::zero_mean ? Share{each * std::sqrt(0.5 + 1 / k), 0}
                                           : Share{0, each * std::sqrt(k / 3 + 1)};
}

/// Both inputs of a product are rounded, and the products' norm is r·c/√k on independent data.
double input_share(const ToleranceInput& input, double k) {
  if (input.multiplied.bits >= input.stored.bits) return 0;
  return kRoundingRms * std::numbers::sqrt2 * input.multiplied.roundoff() / std::sqrt(k);
}

double output_share(const ToleranceInput& input) {
  return input.output.bits < input.accumulated.bits ? kRoundingRms * input.output.roundoff() : 0;
}

}  // namespace

double expected_rel_fro_err(const ToleranceInput& input, const ReferenceView& reference) {
  if (!has_theory(input) || reference.oracle == nullptr) return kNoValue;
  const auto k = static_cast<double>(std::max<std::uint64_t>(input.k, 1));
  ScaleNorms norms;
  for (const std::uint64_t row : reference.oracle->rows) norms += row_scale_norms(reference, row);
  double squares = 0;
  for (const double value : reference.oracle->values) squares += value * value;
  const Share sums = sum_share(input, k);
  const double scale = std::hypot(sums.scale, input_share(input, k));
  const double relative = std::hypot(sums.reference, output_share(input));
  const double expected =
      std::hypot(scale * std::sqrt(norms.products), relative * std::sqrt(squares));
  return squares > 0 ? expected / std::sqrt(squares) : kNoValue;
}

}  // namespace gpubench
