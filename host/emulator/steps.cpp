#include "emulator/steps.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/vector_clones.h"
#include "emulator/grid.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kSignBit = 0x80000000U;

/// Keeps 23 - `Drop` fraction bits; the exponent range of fp32.
template <int Drop>
[[gnu::always_inline]] inline float short_fraction(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t even = bits >> Drop & 1U;
  const std::uint32_t kept = (bits + (1U << (Drop - 1)) - 1U + even) & ~((1U << Drop) - 1U);
  return std::bit_cast<float>((bits & 0x7F800000U) == 0x7F800000U ? bits : kept);
}

// As base's round_to_half, but free of branches and calls: the loops below live on it. Subnormals
// are rounded by the fp32 adder, whose last place just below 1 is fp16's smallest number.
[[gnu::always_inline]] inline float half_value(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & ~kSignBit;
  const std::uint32_t normal = (magnitude + 0xFFFU + (magnitude >> 13 & 1U)) & ~0x1FFFU;
  const float subnormal = (std::bit_cast<float>(magnitude) + 0.5F) - 0.5F;
  std::uint32_t result = magnitude < 0x38800000U ? std::bit_cast<std::uint32_t>(subnormal) : normal;
  result = magnitude >= 0x477FF000U ? 0x7F800000U : result;
  result = magnitude > 0x7F800000U ? magnitude : result;
  return std::bit_cast<float>(result | (bits & kSignBit));
}

template <NumberFormat Format>
[[gnu::always_inline]] inline float to_nearest(float value) {
  if constexpr (Format == NumberFormat::tf32) return short_fraction<13>(value);
  if constexpr (Format == NumberFormat::bf16) return short_fraction<16>(value);
  if constexpr (Format == NumberFormat::fp16) return half_value(value);
  return value;
}

// RoundingMode twice, to fp32 and then to 11 or fewer bits, is harmless here: a product or sum of
// two p-bit numbers rounds the same through any format of 2p + 2 bits (Figueroa 1995).
template <NumberFormat Format>
[[gnu::always_inline]] inline void add_products_loop(float a, const float* b, std::size_t count,
                                                     float* sums) {
  for (std::size_t j = 0; j < count; ++j) {
    sums[j] = to_nearest<Format>(sums[j] + to_nearest<Format>(a * b[j]));
  }
}

GPUBENCH_VECTOR_CLONES
void add_products_f32(float a, const float* b, std::size_t count, float* sums) {
  add_products_loop<NumberFormat::fp32>(a, b, count, sums);
}

GPUBENCH_VECTOR_CLONES
void add_products_tf32(float a, const float* b, std::size_t count, float* sums) {
  add_products_loop<NumberFormat::tf32>(a, b, count, sums);
}

GPUBENCH_VECTOR_CLONES
void add_products_bf16(float a, const float* b, std::size_t count, float* sums) {
  add_products_loop<NumberFormat::bf16>(a, b, count, sums);
}

GPUBENCH_VECTOR_CLONES
void add_products_f16(float a, const float* b, std::size_t count, float* sums) {
  add_products_loop<NumberFormat::fp16>(a, b, count, sums);
}

GPUBENCH_VECTOR_CLONES
void round_to_tf32_loop(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = to_nearest<NumberFormat::tf32>(values[i]);
}

GPUBENCH_VECTOR_CLONES
void round_to_bf16_loop(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = to_nearest<NumberFormat::bf16>(values[i]);
}

GPUBENCH_VECTOR_CLONES
void round_to_f16_loop(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = to_nearest<NumberFormat::fp16>(values[i]);
}

GPUBENCH_VECTOR_CLONES
void add_separate(RoundingMode rounding, Grid grid, double a, const float* b, std::size_t count,
                  double* sums) {
  with_rounding(
      rounding, [&]<RoundingMode R>() __attribute__((always_inline)) {
        for (std::size_t j = 0; j < count; ++j) {
          const double product = on_grid<R>(grid, a * static_cast<double>(b[j]));
          sums[j] = on_grid<R>(grid, sum_to_odd(sums[j], product));
        }
      });
}

// The product of two floats is exact in double.
GPUBENCH_VECTOR_CLONES
void add_fused(RoundingMode rounding, Grid grid, double a, const float* b, std::size_t count,
               double* sums) {
  with_rounding(
      rounding, [&]<RoundingMode R>() __attribute__((always_inline)) {
        for (std::size_t j = 0; j < count; ++j) {
          sums[j] = on_grid<R>(grid, sum_to_odd(sums[j], a * static_cast<double>(b[j])));
        }
      });
}

GPUBENCH_VECTOR_CLONES
void add_double(RoundingMode rounding, double a, const float* b, std::size_t count, double* sums) {
  with_rounding(
      rounding, [&]<RoundingMode R>() __attribute__((always_inline)) {
        for (std::size_t j = 0; j < count; ++j) {
          sums[j] = directed_sum<R>(sums[j], a * static_cast<double>(b[j]));
        }
      });
}

constexpr std::int64_t kNoExponent = -100000;

/// The exponent of a product before its significand is normalised: that of a plus that of b.
[[gnu::always_inline]] inline std::int64_t raise_to_product(std::int64_t top, std::int64_t least,
                                                            double a, double b) {
  const std::int64_t exponent = biased_exponent(a) + biased_exponent(b) - 2 * kDoubleBias;
  const std::int64_t own = exponent > least ? exponent : least;
  const bool counts = (a != 0) & (b != 0);
  return (counts & (own > top)) ? own : top;
}

template <RoundingMode R>
[[gnu::always_inline]] inline void cut_and_add(const BlockTerms& terms, std::size_t columns,
                                               const double* scales, double* sums) {
  for (std::size_t j = 0; j < columns; ++j) sums[j] = to_integer<R>(sums[j] * scales[j]);
  for (std::size_t term = 0; term < terms.count; ++term) {
    const double a = terms.a[term];
    const float* b = terms.b[term];
    for (std::size_t j = 0; j < columns; ++j) {
      sums[j] += to_integer<R>(a * static_cast<double>(b[j]) * scales[j]);
    }
  }
}

constexpr std::size_t kBlockStrip = 64;

/// After it sums[j] is the aligned sum as an integer, tops[j] the exponent of its `fraction`th bit.
GPUBENCH_VECTOR_CLONES
void aligned_sums(const BlockAdder& adder, std::int64_t fraction, const BlockTerms& terms,
                  std::size_t columns, std::int64_t* tops, double* sums) {
  for (std::size_t j = 0; j < columns; ++j) {
    tops[j] = sums[j] != 0 ? biased_exponent(sums[j]) - kDoubleBias : kNoExponent;
  }
  for (std::size_t term = 0; term < terms.count; ++term) {
    const double a = terms.a[term];
    const float* b = terms.b[term];
    for (std::size_t j = 0; j < columns; ++j) {
      tops[j] = raise_to_product(tops[j], terms.min_exponent, a, b[j]);
    }
  }
  std::array<double, kBlockStrip> scales;
  for (std::size_t j = 0; j < columns; ++j) {
    tops[j] = tops[j] == kNoExponent ? 0 : tops[j];
    scales[j] = power_of_two(kDoubleBias + fraction - tops[j]);
  }
  with_rounding(
      adder.alignment, [&]<RoundingMode R>() __attribute__((always_inline)) {
        cut_and_add<R>(terms, columns, scales.data(), sums);
      });
}

}  // namespace

void add_products_to_nearest(NumberFormat format, float a, std::span<const float> b, float* sums) {
  switch (format) {
    case NumberFormat::tf32:
      return add_products_tf32(a, b.data(), b.size(), sums);
    case NumberFormat::bf16:
      return add_products_bf16(a, b.data(), b.size(), sums);
    case NumberFormat::fp16:
      return add_products_f16(a, b.data(), b.size(), sums);
    default:
      return add_products_f32(a, b.data(), b.size(), sums);
  }
}

float rounded_to_nearest(NumberFormat format, float value) {
  switch (format) {
    case NumberFormat::tf32:
      return to_nearest<NumberFormat::tf32>(value);
    case NumberFormat::bf16:
      return to_nearest<NumberFormat::bf16>(value);
    case NumberFormat::fp16:
      return to_nearest<NumberFormat::fp16>(value);
    default:
      return value;
  }
}

void round_to_nearest(NumberFormat format, std::span<float> values) {
  switch (format) {
    case NumberFormat::tf32:
      return round_to_tf32_loop(values.data(), values.size());
    case NumberFormat::bf16:
      return round_to_bf16_loop(values.data(), values.size());
    case NumberFormat::fp16:
      return round_to_f16_loop(values.data(), values.size());
    default:
      return;
  }
}

void add_products(MultiplyAdd multiply_add, const NumberRule& accumulator, float a,
                  std::span<const float> b, double* sums) {
  const RoundingMode rounding = accumulator.rounding;
  if (accumulator.format == NumberFormat::fp64) {
    return add_double(rounding, a, b.data(), b.size(), sums);
  }
  const Grid grid = grid_of(accumulator);
  if (multiply_add == MultiplyAdd::fused) {
    return add_fused(rounding, grid, a, b.data(), b.size(), sums);
  }
  add_separate(rounding, grid, a, b.data(), b.size(), sums);
}

// An aligned term is an integer below 2^(fraction + 2); their sum is exact in a double.
void add_block(const BlockAdder& adder, const NumberRule& accumulator, const BlockTerms& terms,
               std::size_t columns, double* sums) {
  const std::int64_t fraction =
      traits_of(accumulator.format).significand_bits - 1 + adder.extra_bits;
  const Grid grid = grid_of(accumulator);
  std::array<std::int64_t, kBlockStrip> tops;
  for (std::size_t first = 0; first < columns; first += kBlockStrip) {
    const std::size_t count = std::min(kBlockStrip, columns - first);
    std::array<const float*, 64> rows;
    for (std::size_t term = 0; term < terms.count; ++term) rows[term] = terms.b[term] + first;
    const BlockTerms strip = {terms.a, rows.data(), terms.count, terms.min_exponent};
    double* strip_sums = sums + first;
    aligned_sums(adder, fraction, strip, count, tops.data(), strip_sums);
    with_rounding(accumulator.rounding, [&]<RoundingMode R>() {
      for (std::size_t j = 0; j < count; ++j) {
        const double unit = power_of_two(kDoubleBias + tops[j] - fraction);
        strip_sums[j] = on_grid<R>(grid, strip_sums[j] * unit);
      }
    });
  }
}

void add_rows(const NumberRule& rule, std::span<const double> more, double* sums) {
  const Grid grid = grid_of(rule);
  with_rounding(rule.rounding, [&]<RoundingMode R>() {
    for (std::size_t j = 0; j < more.size(); ++j) {
      sums[j] = rule.format == NumberFormat::fp64 ? directed_sum<R>(sums[j], more[j])
                                                  : on_grid<R>(grid, sum_to_odd(sums[j], more[j]));
    }
  });
}

}  // namespace gpubench
