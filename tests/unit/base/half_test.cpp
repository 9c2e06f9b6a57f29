#include "base/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace gpubench {
namespace {

/// The value of fp16 bits by the definition of the format, in double.
double half_by_definition(HalfBits bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Half, EveryHalfHasTheValueOfItsDefinition) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const double expected = half_by_definition(static_cast<HalfBits>(bits));
    const float got = float_from_half(static_cast<HalfBits>(bits));
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(got)) << bits;
    } else {
      EXPECT_EQ(static_cast<double>(got), expected) << bits;
    }
  }
}

TEST(Half, EveryFiniteHalfComesBackUnchanged) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<HalfBits>(bits);
    if ((half & 0x7FFF) > 0x7C00) continue;  // NaN payloads are not kept
    EXPECT_EQ(half_from_float(float_from_half(half)), half);
  }
}

TEST(Half, MidpointsGoToEvenAndTheirNeighboursToTheNearest) {
  for (unsigned bits = 0; bits < 0x7BFF; ++bits) {
    const auto lower = static_cast<HalfBits>(bits);
    const auto upper = static_cast<HalfBits>(bits + 1);
    // Two neighbours have 11 bits each, so their mean is exact in fp32.
    const auto middle =
        static_cast<float>((half_by_definition(lower) + half_by_definition(upper)) / 2);
    EXPECT_EQ(half_from_float(middle), (lower & 1) == 0 ? lower : upper);
    EXPECT_EQ(half_from_float(std::nextafter(middle, 0.0F)), lower);
    EXPECT_EQ(half_from_float(std::nextafter(middle, 1e9F)), upper);
  }
}

TEST(Half, HalfwayPastTheLargestIsInfinity) {
  EXPECT_EQ(half_from_float(65519.996F), 0x7BFF);
  EXPECT_EQ(half_from_float(65520.0F), 0x7C00);
  EXPECT_EQ(half_from_float(-65520.0F), 0xFC00);
  EXPECT_EQ(half_from_float(std::numeric_limits<float>::infinity()), 0x7C00);
  EXPECT_TRUE(std::isnan(round_to_half(std::numeric_limits<float>::quiet_NaN())));
}

TEST(Half, SignOfZeroIsKept) {
  EXPECT_EQ(half_from_float(-0.0F), 0x8000);
  EXPECT_EQ(half_from_float(-1e-10F), 0x8000);
}

TEST(Half, DoubleIsRoundedOnce) {
  // Just above the midpoint of 1 and 1 + 2^-10; as a float it is the midpoint itself, which would
  // then go down to the even 1.
  const double just_above = 1 + 0x1p-11 + 0x1p-40;
  ASSERT_EQ(half_from_float(static_cast<float>(just_above)), 0x3C00);

  EXPECT_EQ(half_from_double(just_above), 0x3C01);
  EXPECT_EQ(half_from_double(1 + 0x1p-11 - 0x1p-40), 0x3C00);
  EXPECT_EQ(half_from_double(1e300), 0x7C00);
  EXPECT_EQ(half_from_double(-1e-300), 0x8000);
}

TEST(Half, ThresholdOfThePublishedClassifierRoundsUpToOneHalf) {
  // The midpoint below 0.5 ties to the even 0.5; the next double below it does not.
  EXPECT_EQ(round_to_half(0.4998779296875F), 0.5F);
  EXPECT_EQ(float_from_half(half_from_double(0.4998779296874)), 0.499755859375F);
}

TEST(SmallFormats, RoundToNearestTiesToEven) {
  // bf16 has 7 fraction bits: the step at 1 is 2^-7.
  EXPECT_EQ(round_to_bf16(1 + 0x1p-8F), 1.0F);
  EXPECT_EQ(round_to_bf16(1 + 0x1.8p-7F), 1 + 0x1p-6F);
  EXPECT_EQ(round_to_bf16(1 + 0x1.02p-8F), 1 + 0x1p-7F);
  // tf32 has 10.
  EXPECT_EQ(round_to_tf32(1 + 0x1p-11F), 1.0F);
  EXPECT_EQ(round_to_tf32(1 + 0x1.8p-10F), 1 + 0x1p-9F);
  EXPECT_EQ(round_to_tf32(-(1 + 0x1.02p-11F)), -(1 + 0x1p-10F));
}

TEST(Half, BulkConversionsAgreeWithSingleOnes) {
  std::vector<float> values(200'001);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::bit_cast<float>(static_cast<std::uint32_t>(i * 21474U + 7U));
  }
  std::vector<HalfBits> halves(values.size());
  std::vector<float> widened(values.size());

  halves_from_floats(values, halves);
  floats_from_halves(halves, widened);

  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(halves[i], half_from_float(values[i]));
    ASSERT_EQ(std::bit_cast<std::uint32_t>(widened[i]),
              std::bit_cast<std::uint32_t>(float_from_half(halves[i])));
  }
}

}  // namespace
}  // namespace gpubench
