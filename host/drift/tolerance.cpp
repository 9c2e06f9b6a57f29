// The model, in the unit roundoffs u = 2^-p of the formats that take part. Errors are added up as
// independent random terms (rms), then widened to the largest of all outputs. It follows Higham
// and Mary (2019), but scales with ‖a‖·‖b‖ and |R|, which both cost O(n²), in place of |A||B|,
// which costs as much as the product itself. docs/validating.md has the derivation and the
// calibration that the constants below come from.
#include "drift/tolerance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gpubench {
namespace {

// Chance that one honest output tensor has an element beyond its limit, were errors Gaussian.
constexpr double kFalseAlarm = 1e-9;
// Terms that a dot product may lose to a flush without the data being called subnormal.
constexpr double kStrayFlushes = 4;
// A mean over `count` terms is no larger than this times their rms, in the data we generate.
constexpr double kPeakOverRms = 6;
// Where the tangent of R·ln(max/R) touches: softmax outputs e^-4 below the largest of their row.
constexpr double kSoftmaxTangent = 4;

/// Standard deviations that the largest of `outputs` Gaussian errors stays below.
double deviations(double outputs) {
  return std::sqrt(2 * std::log(2 * outputs / kFalseAlarm));
}

/// An error as multiples of r_i·c_j and of |R_ij|.
struct Spread {
  double scale = 0;
  double reference = 0;
};

Spread combined(Spread left, Spread right) {
  return {std::hypot(left.scale, right.scale), std::hypot(left.reference, right.reference)};
}

/// Rounding to nearest: errors of the partial sums P_t are independent, so their squares add up.
/// Zero mean: P_t ~ r·c·√t/k, and Σ P_t² = (r·c)²/2. One sign: P_t = R·t/k, and Σ P_t² = R²·k/3; a
/// walk that happens to end far out is covered by this term, too. Otherwise |P_t| <= r·c.
Spread sum_rounded_to_nearest(double k, double u, DataKind data) {
  const double share = data == DataKind::structured ? k + 1 : 0.5 + 1 / k;
  return {kRoundingRms * u * std::sqrt(share), kRoundingRms * u * std::sqrt(k / 3 + 1)};
}

/// Any rounding direction: errors of up to 2u share their sign with P_t, so they add up linearly.
Spread sum_rounded_any_way(double k, double u, DataKind data) {
  const double share = data == DataKind::structured ? k + 1 : std::sqrt(k / 3 + 1);
  return {u * share, u * (k / 2 + 1)};
}

Spread sum_error(const ToleranceInput& input, double u) {
  const auto k = static_cast<double>(std::max<std::uint64_t>(input.k, 1));
  return input.rounding == Rounding::nearest ? sum_rounded_to_nearest(k, u, input.data)
                                             : sum_rounded_any_way(k, u, input.data);
}

/// A growing sum that is 1/u terms long swallows each further term: no longer a random error.
/// Before that it rounds small terms down more often than up, where small ones are the more
/// frequent: measured (k·u)²/26 of R for products of uniform01, of which this is six times.
double stagnation(double k, double u) {
  const double filled = k * u;
  return filled > 0.25 ? std::min(filled, 1.0) : filled * filled / 4;
}

/// Both inputs of every product are rounded once; products are r·c/√k in the mean, or one of them
/// is nearly all of R.
Spread input_error(const ToleranceInput& input) {
  if (input.multiplied.bits >= input.stored.bits) return {};
  const auto k = static_cast<double>(std::max<std::uint64_t>(input.k, 1));
  const double each = kRoundingRms * std::numbers::sqrt2 * input.multiplied.roundoff();
  return {input.data == DataKind::structured ? each : each / std::sqrt(k), each};
}

/// Adds an error that is random from output to output.
void add_random(Tolerance& tolerance, Spread rms, double widest) {
  tolerance.rms_scale = std::hypot(tolerance.rms_scale, rms.scale);
  tolerance.rms_reference = std::hypot(tolerance.rms_reference, rms.reference);
  tolerance.scale += widest * rms.scale;
  tolerance.reference += widest * rms.reference;
}

/// Adds a bound that every output may reach.
void add_relative_bound(Tolerance& tolerance, double bound) {
  tolerance.reference += bound;
  tolerance.rms_reference += bound;
}

void add_absolute_bound(Tolerance& tolerance, double bound) {
  tolerance.absolute += bound;
  tolerance.rms_absolute += bound;
}

/// Share of products of two normal variates, rms `product_rms`, whose size is below `threshold`.
double product_share_below(double threshold, double product_rms) {
  const double ratio = std::min(1.0, threshold / product_rms);
  return std::min(1.0, 2 / std::numbers::pi * ratio * (1 - std::log(ratio)));
}

/// Vulkan lets a device flush subnormal products and sums to zero, unless DenormPreserve is set.
void add_product_flush(Tolerance& tolerance, const ToleranceInput& input) {
  const double smallest = input.accumulated.smallest_normal();
  const double lost =
      static_cast<double>(input.k) * product_share_below(smallest, input.product_rms);
  tolerance.absolute += smallest * (kStrayFlushes + lost);
  tolerance.rms_absolute += smallest * lost;
}

/// The same for inputs: `lost` terms of at most `smallest` times the other factor.
void add_input_flush(Tolerance& tolerance, const ToleranceInput& input) {
  const double smallest = input.multiplied.smallest_normal();
  const auto k = static_cast<double>(std::max<std::uint64_t>(input.k, 1));
  const double below = std::min(1.0, smallest / std::sqrt(input.product_rms));
  const double share = std::min(1.0, input.subnormal_share + below);
  const double lost = std::min(k, kStrayFlushes * (1 + k * share));
  const double most = smallest * std::min(std::sqrt(lost), kPeakOverRms * lost / std::sqrt(k));
  const double mean = smallest * std::max(std::sqrt(share), share * std::sqrt(k));
  tolerance.row += most;
  tolerance.column += most;
  tolerance.rms_row += mean;
  tolerance.rms_column += mean;
}

/// act(z): how errors of z and of its own evaluation come through.
struct ActivationFacts {
  double slope;           ///< max |act'|
  double gain, gain_abs;  ///< |z·act'(z)| <= gain·|act(z)| + gain_abs
  double ulps, ulps_abs;  ///< Evaluation: ulps·|act(z)| + ulps_abs, exp by Vulkan's 3 + 2|x| ulp.
};

ActivationFacts activation_facts(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::none:
    case ActivationKind::relu:
      return {1, 1, 0, 0, 0};
    case ActivationKind::gelu:
      return {1.13, 1.2, 0.25, 4,
              10};  // tanh or a polynomial of erf, times z where 1 + tanh cancels
    case ActivationKind::silu:
      return {1.1, 1.2, 0.25, 8, 2};
    case ActivationKind::sigmoid:
      return {0.25, 0, 0.23, 4, 1};
  }
  return {1, 1, 0, 0, 0};
}

void apply_activation(Tolerance& tolerance, const ToleranceInput& input) {
  const ActivationFacts facts = activation_facts(input.activation);
  for (double* term :
       {&tolerance.scale, &tolerance.row, &tolerance.column, &tolerance.absolute,
        &tolerance.rms_scale, &tolerance.rms_row, &tolerance.rms_column, &tolerance.rms_absolute}) {
    *term *= facts.slope;
  }
  tolerance.absolute += facts.gain_abs * tolerance.reference;
  tolerance.rms_absolute += facts.gain_abs * tolerance.rms_reference;
  tolerance.reference *= facts.gain;
  tolerance.rms_reference *= facts.gain;
  const double ulp = 2 * (input.accumulated.roundoff() + kF32.roundoff());
  add_relative_bound(tolerance, facts.ulps * ulp);
  add_absolute_bound(tolerance, facts.ulps_abs * ulp);
  if (input.activation == ActivationKind::sigmoid) tolerance.cancelled_below = 0;
}

/// Stores to a narrower format round once more, and may truncate: conversions follow no mode that
/// a shader could ask for on every device. Subnormal results may be flushed; that is no reason to
/// call a whole tensor of zeros right, so the Frobenius limit grants half a quantum only.
void add_output_rounding(Tolerance& tolerance, const FormatFacts& output, double bits_before) {
  if (output.bits >= bits_before) return;
  const double u = output.roundoff();
  tolerance.reference += 2 * u;
  tolerance.rms_reference = std::hypot(tolerance.rms_reference, 2 * kRoundingRms * u);
  tolerance.absolute += output.smallest_normal();
  tolerance.rms_absolute += output.smallest_normal() * u;
}

void add_product_errors(Tolerance& tolerance, const ToleranceInput& input) {
  const auto outputs = static_cast<double>(input.rows) * static_cast<double>(input.columns);
  const double widest = deviations(std::max(outputs, 1.0));
  const auto k = static_cast<double>(input.k);
  const double u = input.accumulated.roundoff();
  // The FP32 reference sums up as well, in an order of its own.
  const Spread sums = combined(sum_error(input, u), sum_error(input, kF32.roundoff()));
  add_random(tolerance, combined(sums, input_error(input)), widest);
  if (input.data != DataKind::zero_mean) add_relative_bound(tolerance, stagnation(k, u));
  add_product_flush(tolerance, input);
  add_input_flush(tolerance, input);
  apply_activation(tolerance, input);
}

/// Vulkan's bound on exp(x - max) / Σ, relative, without its part in |x - max| of the output
/// itself: exp is off by (e0 + 2|y|) ulp and y by u·|y|, and Σ inherits the mean of that, where the
/// mean of |y| under a softmax of n values is at most its entropy, ln n. Division: 2.5 ulp.
double softmax_bound(double u, double n) {
  const double exp_ulps = u > 0x1p-12 ? 1 : 3;
  return u * (4 * exp_ulps + 5 * std::log(n) + 7);
}

/// The rest is 5u·R·|y| with |y| = ln(max/R), below its tangent 5u·(t·R + e^(-1-t)·max): the row
/// scale of a softmax is the largest value of its row.
void add_softmax_exponent(Tolerance& tolerance, double u) {
  add_relative_bound(tolerance, 5 * u * kSoftmaxTangent);
  const double scale = 5 * u * std::exp(-1 - kSoftmaxTangent);
  tolerance.scale += scale;
  tolerance.rms_scale += scale;
}

/// Of the sum of n terms in (0, 1]. Terms that are alike, or of a few values, leave the same
/// remainder at each step, so that errors of up to u add up; equal terms reach half of that, which
/// leaves the other half for the reference.
double softmax_sum_error(const ToleranceInput& input, double n, double widest) {
  const double u = input.accumulated.roundoff();
  if (input.data == DataKind::structured) return std::min(n * u, 1.0);
  return widest * std::numbers::sqrt2 * kRoundingRms * u * std::sqrt(n / 3 + 1) + stagnation(n, u);
}

void add_softmax_errors(Tolerance& tolerance, const ToleranceInput& input) {
  const auto n = static_cast<double>(std::max<std::uint64_t>(input.columns, 1));
  const double widest = deviations(std::max(static_cast<double>(input.rows) * n, 1.0));
  for (const double u : {input.multiplied.roundoff(), kF32.roundoff()}) {
    add_relative_bound(tolerance, softmax_bound(u, n));
    add_softmax_exponent(tolerance, u);
  }
  if (input.multiplied.bits < input.stored.bits) {
    // x and max are off by u·|x| each. Large inputs make that more than 1: not small, and exp of
    // it.
    const double exponent = 2 * input.multiplied.roundoff() * input.largest_input;
    add_relative_bound(tolerance, std::expm1(exponent));
  }
  add_relative_bound(tolerance, softmax_sum_error(input, n, widest));
  tolerance.absolute += input.multiplied.smallest_normal();
  tolerance.cancelled_below = 0;
}

Tolerance exact_tolerance(const FormatFacts& output) {
  Tolerance tolerance;
  tolerance.rule = "exact";
  tolerance.exact = true;
  // Half the distance to the nearest other number: whatever differs is beyond it.
  tolerance.reference = output.roundoff() / 2;
  tolerance.absolute = output.smallest_normal() * output.roundoff() / 2;
  return tolerance;
}

const char* name_of(const FormatFacts& format) {
  if (format.bits == kF32.bits) return "f32";
  if (format.bits == kBf16.bits) return "bf16";
  return format.min_exponent == kF16.min_exponent ? "f16" : "tf32";
}

const char* name_of(DataKind data) {
  switch (data) {
    case DataKind::zero_mean:
      return "zero_mean";
    case DataKind::positive:
      return "positive";
    case DataKind::structured:
      return "structured";
    case DataKind::exact:
      return "exact";
  }
  return "?";
}

const char* name_of(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::none:
      return "";
    case ActivationKind::relu:
      return ",relu";
    case ActivationKind::gelu:
      return ",gelu";
    case ActivationKind::silu:
      return ",silu";
    case ActivationKind::sigmoid:
      return ",sigmoid";
  }
  return "";
}

std::string rule_of(const ToleranceInput& input) {
  std::string formats = std::string("in=") + name_of(input.multiplied) +
                        ",acc=" + name_of(input.accumulated) + ",out=" + name_of(input.output);
  std::string rule = input.relaxed ? "relaxed_" : "";
  if (input.operation == Operation::softmax) {
    const char* growth = input.data == DataKind::structured ? ",structured)" : ")";
    return rule + "spec_softmax(" + formats + growth;
  }
  const char* growth = input.rounding == Rounding::nearest ? "sqrt_k(" : "linear_k(";
  return rule + growth + formats + "," + name_of(input.data) + name_of(input.activation) + ")";
}

/// What Vulkan allows under RelaxedPrecision.
ToleranceInput relaxed_to_f16(ToleranceInput input) {
  input.multiplied = input.accumulated = input.output = kF16;
  return input;
}

double overflow_scale(const ToleranceInput& input) {
  if (input.largest_input > input.multiplied.largest) return 0;
  // Half: rounding errors may push a partial sum up, and norms are rounded, too.
  return std::min(input.accumulated.largest, kF32.largest) / 2;
}

}  // namespace

double FormatFacts::roundoff() const {
  return std::ldexp(1.0, -bits);
}
double FormatFacts::smallest_normal() const {
  return std::ldexp(1.0, min_exponent);
}

double Tolerance::allowed(double row_scale, double column_scale, double expected) const {
  return scale * row_scale * column_scale + reference * std::abs(expected) + row * row_scale +
         column * column_scale + absolute;
}

Tolerance make_tolerance(const ToleranceInput& declared) {
  const ToleranceInput input = declared.relaxed ? relaxed_to_f16(declared) : declared;
  Tolerance tolerance;
  if (input.data == DataKind::exact) {
    tolerance = exact_tolerance(input.output);
  } else {
    tolerance.rule = rule_of(input);
    if (input.operation == Operation::softmax) {
      add_softmax_errors(tolerance, input);
    } else {
      add_product_errors(tolerance, input);
    }
    // Of a softmax the quotient is taken in fp32 or in the format of exp; either may be wider.
    add_output_rounding(tolerance, input.output, input.accumulated.bits);
  }
  tolerance.overflow_scale = overflow_scale(input);
  tolerance.overflow_may_hide = input.activation != ActivationKind::none;
  return tolerance;
}

}  // namespace gpubench
