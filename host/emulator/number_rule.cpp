#include "emulator/number_rule.h"

#include <array>
#include <limits>

#include "emulator/grid.h"

namespace gpubench {
namespace {

constexpr std::array<FormatTraits, 7> kFormats = {{
    {"fp64", 53, -1022, std::numeric_limits<double>::max()},
    {"fp32", 24, -126, 0x1.FFFFFEp127},
    {"tf32", 11, -126, 0x1.FFCp127},
    {"bf16", 8, -126, 0x1.FEp127},
    {"fp16", 11, -14, 65504.0},
    {"fp8_e4m3", 4, -6, 448.0},
    {"fp8_e5m2", 3, -14, 57344.0},
}};

}  // namespace

const FormatTraits& traits_of(NumberFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}

std::string_view short_name(RoundingMode rounding) {
  constexpr std::array<std::string_view, 5> kNames = {"RN", "RNA", "RZ", "RU", "RD"};
  return kNames[static_cast<std::size_t>(rounding)];
}

Grid grid_of(const NumberRule& rule) {
  const FormatTraits& traits = traits_of(rule.format);
  const bool clamps = rule.overflow == Overflow::clamp;
  const bool has_infinity = rule.format != NumberFormat::fp8_e4m3;
  const double beyond = has_infinity ? std::numeric_limits<double>::infinity()
                                     : std::numeric_limits<double>::quiet_NaN();
  const bool stops_above = clamps || rule.rounding == RoundingMode::toward_zero ||
                           rule.rounding == RoundingMode::downward;
  const bool stops_below =
      clamps || rule.rounding == RoundingMode::toward_zero || rule.rounding == RoundingMode::upward;
  return {.least_exponent = kDoubleBias + traits.min_exponent,
          .fraction_bits = traits.significand_bits - 1,
          .max_finite = traits.max_finite,
          .above = stops_above ? traits.max_finite : beyond,
          .below = stops_below ? -traits.max_finite : -beyond,
          .infinity = clamps ? traits.max_finite : beyond,
          .least_kept = rule.subnormals == Subnormals::flush
                            ? power_of_two(kDoubleBias + traits.min_exponent)
                            : 0.0};
}

double rounded(const NumberRule& rule, double value) {
  if (rule.format == NumberFormat::fp64) return value;
  const Grid grid = grid_of(rule);
  return with_rounding(rule.rounding, [&]<RoundingMode R>() { return on_grid<R>(grid, value); });
}

double rounded_sum(const NumberRule& rule, double x, double y) {
  if (rule.format == NumberFormat::fp64) {
    return with_rounding(rule.rounding, [&]<RoundingMode R>() { return directed_sum<R>(x, y); });
  }
  return rounded(rule, sum_to_odd(x, y));
}

void round_all(const NumberRule& rule, std::span<float> values) {
  if (rule == NumberRule{} || rule == NumberRule{NumberFormat::fp64}) return;
  for (float& value : values) value = static_cast<float>(rounded(rule, value));
}

}  // namespace gpubench
