// tolerance.h — how far an honest result may be from the reference, from theory alone.
// Pure. Knows formats by their significand bits, data by its kind; docs/validating.md derives it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "drift/drift.h"

namespace gpubench {

/// rms of a rounding error over u: uniform in ± half an ulp, significand m log-uniform in [1, 2):
/// sqrt(E[1/m²] / 3) with E[1/m²] = 3 / (8 ln 2).
constexpr double kRoundingRms = 0.4247;

enum class Operation : std::uint8_t { product, softmax };
enum class ActivationKind : std::uint8_t { none, relu, gelu, silu, sigmoid };

/// What is known of the input data; decides how partial sums grow.
enum class DataKind : std::uint8_t {
  zero_mean,   ///< Independent, mean zero: partial sums walk at random.
  positive,    ///< One sign: partial sums grow linearly.
  structured,  ///< Nothing known (cancelling rows, files): any partial sum up to ‖a‖·‖b‖.
  exact,       ///< Every partial sum is representable: the result must match bit for bit.
};

/// Of the accumulation. Conversions to the output format may always truncate.
enum class Rounding : std::uint8_t { nearest, any_direction };

/// A binary format by significand bits (with the hidden one) and smallest normal exponent.
struct FormatFacts {
  int bits = 24;
  int min_exponent = -126;
  double largest = 3.4028234663852886e38;

  [[nodiscard]] double roundoff() const;         ///< u = 2^-bits, round to nearest.
  [[nodiscard]] double smallest_normal() const;  ///< 2^min_exponent
};

constexpr FormatFacts kF32{24, -126, 0x1.fffffep127};
constexpr FormatFacts kF16{11, -14, 65504.0};
constexpr FormatFacts kTf32{11, -126, 0x1.ffcp127};
constexpr FormatFacts kBf16{8, -126, 0x1.fep127};

struct ToleranceInput {
  Operation operation = Operation::product;
  ActivationKind activation = ActivationKind::none;
  std::uint64_t rows = 1;     ///< batch·m
  std::uint64_t columns = 1;  ///< Softmax: the length of a row.
  std::uint64_t k = 1;        ///< Products per output, a bias counted as one; unused for softmax.
  FormatFacts stored = kF32;  ///< Inputs in memory; the reference uses them as they are.
  FormatFacts multiplied = kF32;   ///< Inputs are rounded to this first.
  FormatFacts accumulated = kF32;  ///< Sums; for softmax and activations also exp.
  FormatFacts output = kF32;
  DataKind data = DataKind::zero_mean;
  Rounding rounding = Rounding::nearest;
  /// SPIR-V RelaxedPrecision: Vulkan allows fp16 at every step, whatever is declared above.
  bool relaxed = false;
  /// Share of inputs that are subnormal in `multiplied`; devices may flush them to zero.
  double subnormal_share = 0;
  /// Root mean square of one product, ‖a‖·‖b‖/k; decides how many products underflow.
  double product_rms = 1;
  /// Largest |input|; beyond `multiplied.largest` a conversion gives Inf.
  double largest_input = 0;
};

/// Limits. An element may be off by
///   scale·(r_i·c_j) + reference·|R_ij| + row·r_i + column·c_j + absolute;
/// the same model with the rms_ coefficients bounds the whole in the Frobenius norm.
struct Tolerance {
  std::string rule;  ///< Column tolerance_rule, such as "sqrt_k(acc=f32,out=f16,zero_mean)".
  bool exact = false;
  double scale = 0, reference = 0, row = 0, column = 0, absolute = 0;
  double rms_scale = 0, rms_reference = 0, rms_row = 0, rms_column = 0, rms_absolute = 0;
  /// A partial sum may overflow, in some order, where r_i·c_j reaches this.
  double overflow_scale = 0x1p127;
  /// An activation may turn the Inf or NaN of such a sum into a finite number, such as relu into 0.
  bool overflow_may_hide = false;
  /// No relative error where |R_ij| is below this share of r_i·c_j: the sum has cancelled.
  double cancelled_below = 0x1p-10;

  [[nodiscard]] double allowed(double row_scale, double column_scale, double expected) const;
};

Tolerance make_tolerance(const ToleranceInput& input);

/// Whether the tolerance can see a downgrade on this data: `lower` (the oracle's rows as the next
/// lower precision computes them, same layout) must break a limit.
bool tolerance_has_power(const Tolerance& tolerance, const ReferenceView& reference,
                         std::span<const float> lower);

}  // namespace gpubench
