#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace gpubench {
namespace {

TEST(Text, ShortestReadsBackTheSame) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1e22), "1e+22");
  EXPECT_EQ(parse_double(shortest(1.0 / 3)), 1.0 / 3);
}

TEST(Text, BytesAreBinaryWithOneDecimal) {
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(3ULL << 30), "3.0 GiB");
}

TEST(Text, SecondsHaveThreeDigitsUpToAMinute) {
  EXPECT_EQ(format_seconds(1.2345e-3), "1.23 ms");
  EXPECT_EQ(format_seconds(0.0), "0.00 ns");
  EXPECT_EQ(format_seconds(12.34), "12.3 s");
  EXPECT_EQ(format_seconds(59.96), "1 min 0 s");
  EXPECT_EQ(format_seconds(192), "3 min 12 s");
  EXPECT_EQ(format_seconds(7260), "2 h 1 min");
}

TEST(Text, RatesScaleByThousands) {
  EXPECT_EQ(format_rate(1.304e12, "FLOP/s"), "1.30 TFLOP/s");
  EXPECT_EQ(format_rate(999.6e9, "B/s"), "1.00 TB/s");
}

TEST(Text, DurationsNeedAKnownUnit) {
  EXPECT_EQ(parse_seconds("250ms"), 0.25);
  EXPECT_EQ(parse_seconds("2min"), 120.0);
  EXPECT_EQ(parse_seconds("1.5h"), 5400.0);
  EXPECT_EQ(parse_seconds("30"), 30.0);
  EXPECT_FALSE(parse_seconds("30 s"));
  EXPECT_FALSE(parse_seconds("30sec"));
  EXPECT_FALSE(parse_seconds("s"));
}

TEST(Text, NumbersAreReadWholeOrNotAtAll) {
  EXPECT_EQ(parse_unsigned("42"), 42U);
  EXPECT_FALSE(parse_unsigned("-1"));
  EXPECT_FALSE(parse_unsigned("4x"));
  EXPECT_FALSE(parse_unsigned("99999999999999999999"));
  EXPECT_FALSE(parse_double("nan"));
  EXPECT_FALSE(parse_double("inf"));
  EXPECT_FALSE(parse_double("1,5"));
}

TEST(Text, NearestNameForgivesATypingErrorButNotMore) {
  constexpr std::array<std::string_view, 3> kNames = {"gemm", "linear", "softmax"};

  EXPECT_EQ(nearest_name("gem", kNames), "gemm");
  EXPECT_EQ(nearest_name("lniear", kNames), "linear");
  EXPECT_FALSE(nearest_name("conv2d", kNames));
  EXPECT_EQ(suggestion("gem", kNames), "; did you mean \"gemm\"?");
  EXPECT_EQ(suggestion("conv2d", kNames), "; expected one of gemm, linear, softmax");
}

}  // namespace
}  // namespace gpubench
