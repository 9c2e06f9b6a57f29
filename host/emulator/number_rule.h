// number_rule.h — floating-point formats and what happens to a value that must fit into one.
// Pure. Knows nothing of products or sums.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gpubench {

enum class NumberFormat : std::uint8_t { fp64, fp32, tf32, bf16, fp16, fp8_e4m3, fp8_e5m2 };

struct FormatTraits {
  std::string_view name;
  int significand_bits;  ///< With the hidden bit.
  int min_exponent;      ///< Of the smallest normal number.
  double max_finite;
};
/// IEEE 754 binary64, 32 and 16; bf16 and tf32 share fp32's exponents; the fp8 formats are those of
/// the Open Compute Project (e4m3 has no infinity: what overflows becomes NaN).
const FormatTraits& traits_of(NumberFormat format);

enum class RoundingMode : std::uint8_t {
  nearest_even,  ///< RN
  nearest_away,  ///< RNA: ties away from zero
  toward_zero,   ///< RZ
  upward,        ///< RU
  downward,      ///< RD
};
/// "RN", "RNA", "RZ", "RU", "RD".
std::string_view short_name(RoundingMode rounding);

enum class Overflow : std::uint8_t {
  ieee,   ///< As the rounding says: infinity, or the largest number when rounding towards zero.
  clamp,  ///< The largest finite number, for infinities as well.
};
enum class Subnormals : std::uint8_t { keep, flush };

/// How a value gets into a format.
struct NumberRule {
  NumberFormat format = NumberFormat::fp32;
  RoundingMode rounding = RoundingMode::nearest_even;
  Overflow overflow = Overflow::ieee;
  Subnormals subnormals = Subnormals::keep;
  bool operator==(const NumberRule&) const = default;
};

/// `value`, rounded once. fp64 leaves it as it is. NaN stays NaN.
double rounded(const NumberRule& rule, double value);
/// The exact x + y, rounded once.
double rounded_sum(const NumberRule& rule, double x, double y);

/// Each value, rounded once; fp64 and fp32 formats of floats keep their bits unless subnormals are
/// flushed or infinities clamped.
void round_all(const NumberRule& rule, std::span<float> values);

}  // namespace gpubench
