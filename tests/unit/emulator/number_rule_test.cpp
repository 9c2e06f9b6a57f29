#include "emulator/number_rule.h"

#include <gtest/gtest.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/half.h"
#include "emulator/steps.h"
#include "unit/emulator/cpu_features.h"

namespace gpubench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr auto kRoundings = {RoundingMode::nearest_even, RoundingMode::nearest_away,
                             RoundingMode::toward_zero, RoundingMode::upward,
                             RoundingMode::downward};

struct BitLayout {
  NumberFormat format;
  int exponent_bits;
  int fraction_bits;
};
constexpr auto kSmallFormats = {
    BitLayout{NumberFormat::fp8_e4m3, 4, 3}, BitLayout{NumberFormat::fp8_e5m2, 5, 2},
    BitLayout{NumberFormat::fp16, 5, 10}, BitLayout{NumberFormat::bf16, 8, 7},
    BitLayout{NumberFormat::tf32, 8, 10}};

/// Every non-negative finite number in order, read off its bits; then the one that would follow
/// with unbounded exponents. e4m3 has no infinity and one NaN, so it ends at 448.
std::vector<double> numbers_of(const BitLayout& layout) {
  const int bias = (1 << (layout.exponent_bits - 1)) - 1;
  const int per_binade = 1 << layout.fraction_bits;
  const int patterns = layout.format == NumberFormat::fp8_e4m3
                           ? 0x7F
                           : ((1 << layout.exponent_bits) - 1) * per_binade;
  std::vector<double> numbers;
  for (int pattern = 0; pattern <= patterns; ++pattern) {
    const int exponent = pattern / per_binade;
    const int fraction = pattern % per_binade;
    const int significand = exponent == 0 ? fraction : fraction + per_binade;
    const int place = std::max(exponent, 1) - bias - layout.fraction_bits;
    numbers.push_back(std::ldexp(significand, place));
  }
  return numbers;
}

/// The definition of each rounding, for `value` between neighbours i and i + 1 of the list.
double expected(const std::vector<double>& numbers, std::size_t i, RoundingMode rounding,
                double value) {
  const double low = numbers[i];
  const double high = numbers[i + 1];
  if (value == low) return low;
  const bool overflows = i + 2 == numbers.size();
  double up = high;
  if (overflows) up = kInfinity;
  const double middle = (low + high) / 2;
  switch (rounding) {
    case RoundingMode::toward_zero:
    case RoundingMode::downward:
      return low;
    case RoundingMode::upward:
      return up;
    case RoundingMode::nearest_away:
      return value >= middle ? up : low;
    case RoundingMode::nearest_even:
      if (value == middle) return i % 2 == 0 ? low : up;
      return value > middle ? up : low;
  }
  return low;
}

RoundingMode mirrored(RoundingMode rounding) {
  if (rounding == RoundingMode::upward) return RoundingMode::downward;
  if (rounding == RoundingMode::downward) return RoundingMode::upward;
  return rounding;
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

TEST(NumberRule, EveryGapOfEverySmallFormatRoundsByDefinition) {
  for (const BitLayout& layout : kSmallFormats) {
    const std::vector<double> numbers = numbers_of(layout);
    const bool has_infinity = layout.format != NumberFormat::fp8_e4m3;
    for (const RoundingMode rounding : kRoundings) {
      const NumberRule rule = {layout.format, rounding};
      std::size_t wrong = 0;
      for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
        const double gap = numbers[i + 1] - numbers[i];
        for (const double share : {0.0, 0x1p-20, 0.5 - 0x1p-20, 0.5, 0.5 + 0x1p-20, 1 - 0x1p-20}) {
          const double value = numbers[i] + share * gap;
          double positive = expected(numbers, i, rounding, value);
          double negative = -expected(numbers, i, mirrored(rounding), value);
          if (!has_infinity && std::isinf(positive)) positive = std::nan("");
          if (!has_infinity && std::isinf(negative)) negative = std::nan("");
          wrong += !same(rounded(rule, value), positive);
          wrong += !same(rounded(rule, -value), negative);
        }
      }
      EXPECT_EQ(wrong, 0U) << traits_of(layout.format).name << ' ' << short_name(rounding);
    }
  }
}

TEST(NumberRule, TablesEndAtTheLargestNumber) {
  for (const BitLayout& layout : kSmallFormats) {
    const std::vector<double> numbers = numbers_of(layout);

    EXPECT_EQ(traits_of(layout.format).max_finite, numbers[numbers.size() - 2]);
  }
}

TEST(NumberRule, ClampKeepsTheLargestNumberForInfinitiesToo) {
  const NumberRule rule = {.format = NumberFormat::fp16, .overflow = Overflow::clamp};

  EXPECT_EQ(rounded(rule, 65536.0), 65504.0);
  EXPECT_EQ(rounded(rule, -1e30), -65504.0);
  EXPECT_EQ(rounded(rule, kInfinity), 65504.0);
  EXPECT_EQ(rounded(rule, -kInfinity), -65504.0);
  EXPECT_TRUE(std::isnan(rounded(rule, std::nan(""))));
}

TEST(NumberRule, InfinityStaysInfiniteWhenRoundingTowardsZero) {
  const NumberRule rule = {NumberFormat::fp16, RoundingMode::toward_zero};

  EXPECT_EQ(rounded(rule, 1e9), 65504.0);
  EXPECT_EQ(rounded(rule, kInfinity), kInfinity);
}

TEST(NumberRule, FlushingKeepsTheSmallestNormalAndTheSignOfZero) {
  const NumberRule rule = {.format = NumberFormat::fp16, .subnormals = Subnormals::flush};

  EXPECT_EQ(rounded(rule, 0x1p-14), 0x1p-14);
  EXPECT_TRUE(same(rounded(rule, 0x1p-15), 0.0));
  EXPECT_TRUE(same(rounded(rule, -0x1p-15), -0.0));
}

/// Runs with the CPU's own rounding direction. The operands come from memory, so that no compiler
/// folds what it is asked to do.
template <class Body>
auto in_direction(RoundingMode rounding, const Body& body) {
  int mode = FE_TONEAREST;
  if (rounding == RoundingMode::toward_zero) mode = FE_TOWARDZERO;
  if (rounding == RoundingMode::upward) mode = FE_UPWARD;
  if (rounding == RoundingMode::downward) mode = FE_DOWNWARD;
  std::fesetround(mode);
  const auto result = body();
  std::fesetround(FE_TONEAREST);
  return result;
}
constexpr auto kCpuRoundings = {RoundingMode::nearest_even, RoundingMode::toward_zero,
                                RoundingMode::upward, RoundingMode::downward};

[[gnu::noinline]] float narrowed(const volatile double& value) {
  return static_cast<float>(value);
}
[[gnu::noinline]] double added(const volatile double& x, const volatile double& y) {
  return x + y;
}
[[gnu::noinline]] float multiplied_and_added(float a, float b, float c) {
  volatile float result = std::fma(a, b, c);
  return result;
}

/// Random signs, significands and exponents in the range.
float random_float(std::mt19937& random, int lowest, int highest) {
  const std::uint32_t exponent =
      static_cast<std::uint32_t>(127 + std::uniform_int_distribution<int>(lowest, highest)(random));
  const auto sign_and_fraction = static_cast<std::uint32_t>(random()) & 0x807FFFFFU;
  return std::bit_cast<float>(sign_and_fraction | exponent << 23);
}

TEST(NumberRule, Fp32IsTheCpusConversionInEveryDirection) {
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) {
    const double wide = 1.0 * random_float(random, 0, 0) + random_float(random, -40, -20);
    const double value = std::ldexp(wide, std::uniform_int_distribution(-155, 130)(random));
    for (const RoundingMode rounding : kCpuRoundings) {
      const float cpu = in_direction(rounding, [&] { return narrowed(value); });
      ASSERT_TRUE(same(rounded({NumberFormat::fp32, rounding}, value), cpu)) << value;
    }
  }
}

// Exponents close enough that sum and product overlap, touch or miss each other, and cancel.
TEST(NumberRule, ExactProductPlusSumIsTheCpusFmaInEveryDirection) {
  std::mt19937 random(2);
  for (int i = 0; i < 100000; ++i) {
    const float a = random_float(random, -20, 20);
    const float b = random_float(random, -20, 20);
    float c = random_float(random, -45, 45);
    if (i % 4 == 0) c = -a * b;
    const double product = static_cast<double>(a) * b;
    for (const RoundingMode rounding : kCpuRoundings) {
      const float cpu = in_direction(rounding, [&] { return multiplied_and_added(a, b, c); });
      ASSERT_EQ(rounded_sum({NumberFormat::fp32, rounding}, c, product), cpu)
          << a << ' ' << b << ' ' << c << ' ' << short_name(rounding);
    }
  }
}

TEST(NumberRule, SubnormalFmaIsTheCpus) {
  std::mt19937 random(3);
  for (int i = 0; i < 100000; ++i) {
    const float a = random_float(random, -75, -60);
    const float b = random_float(random, -75, -60);
    const float c = random_float(random, -126, -120) * 0x1p-10F;
    const double product = static_cast<double>(a) * b;
    for (const RoundingMode rounding : kCpuRoundings) {
      const float cpu = in_direction(rounding, [&] { return multiplied_and_added(a, b, c); });
      ASSERT_EQ(rounded_sum({NumberFormat::fp32, rounding}, c, product), cpu);
    }
  }
}

TEST(NumberRule, Fp64SumsAreTheCpusInEveryDirection) {
  std::mt19937 random(4);
  for (int i = 0; i < 100000; ++i) {
    const double x =
        static_cast<double>(random_float(random, -20, 20)) * random_float(random, -20, 20);
    const double y =
        static_cast<double>(random_float(random, -20, 20)) * random_float(random, -20, 20);
    for (const RoundingMode rounding : kCpuRoundings) {
      const double cpu = in_direction(rounding, [&] { return added(x, y); });
      ASSERT_EQ(rounded_sum({NumberFormat::fp64, rounding}, x, y), cpu);
    }
  }
}

// All exponents and signs, with the fractions at which fp16, tf32 and bf16 rounding decides.
TEST(NumberRule, FastRoundingAndTheBaseRoomAgree) {
  for (std::uint32_t top = 0; top < 512; ++top) {
    for (const std::uint32_t fraction :
         {0U, 1U, 0xFFFU, 0x1000U, 0x1001U, 0x2FFFU, 0x3000U, 0x3001U, 0x7FFFU, 0x8000U, 0x8001U,
          0x17FFFU, 0x18000U, 0x555555U, 0x7FEFFFU, 0x7FF000U, 0x7FFFFFU}) {
      const auto value = std::bit_cast<float>(top << 23 | fraction);
      const auto agree = [&](NumberFormat format, float base) {
        EXPECT_TRUE(same(rounded_to_nearest(format, value), base)) << value;
        EXPECT_TRUE(same(rounded({format}, value), base)) << value;
      };
      agree(NumberFormat::fp32, value);
      agree(NumberFormat::fp16, round_to_half(value));
      agree(NumberFormat::bf16, round_to_bf16(value));
      agree(NumberFormat::tf32, round_to_tf32(value));
    }
  }
}

#if defined(__x86_64__)

template <int Mode>
[[gnu::target("f16c")]] float through_f16c(float value) {
  const __m128i half = _mm_cvtps_ph(_mm_set_ss(value), Mode);
  return _mm_cvtss_f32(_mm_cvtph_ps(half));
}

// The instruction's own rounding modes: 0 nearest, 1 down, 2 up, 3 towards zero.
float f16c(RoundingMode rounding, float value) {
  if (rounding == RoundingMode::downward) return through_f16c<1>(value);
  if (rounding == RoundingMode::upward) return through_f16c<2>(value);
  if (rounding == RoundingMode::toward_zero) return through_f16c<3>(value);
  return through_f16c<0>(value);
}

TEST(NumberRule, Fp16IsTheCpusF16c) {
  if (!cpu_has_f16c()) GTEST_SKIP() << "this CPU has no F16C";
  std::size_t wrong = 0;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 4093) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    for (const RoundingMode rounding : kCpuRoundings) {
      wrong += !same(rounded({NumberFormat::fp16, rounding}, value), f16c(rounding, value));
    }
  }
  EXPECT_EQ(wrong, 0U);
}

[[gnu::target("avx512bf16,avx512vl")]] float through_avx512_bf16(float value) {
  const auto packed = _mm_cvtneps_pbh(_mm_set_ss(value));
  return std::bit_cast<float>(std::bit_cast<std::array<std::uint32_t, 4>>(packed)[0] << 16);
}

// The instruction takes subnormal inputs as zero, whatever MXCSR says.
TEST(NumberRule, Bf16IsTheCpusAvx512Bf16) {
  if (!cpu_has_avx512_bf16()) GTEST_SKIP() << "this CPU has no AVX512-BF16";
  const NumberRule rule = {NumberFormat::bf16};
  std::size_t wrong = 0;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 1021) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    const float input = std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0F, value) : value;
    wrong += !same(rounded(rule, input), through_avx512_bf16(value));
  }
  EXPECT_EQ(wrong, 0U);
}

#endif

}  // namespace
}  // namespace gpubench
