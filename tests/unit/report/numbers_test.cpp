#include "report/numbers.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace gpubench {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Numbers, FourDigitsAtAnySize) {
  EXPECT_EQ(four_digits(0.012345), "0.01235");
  EXPECT_EQ(four_digits(1.5), "1.500");
  EXPECT_EQ(four_digits(123.456), "123.5");
  EXPECT_EQ(four_digits(123456), "123456");
  EXPECT_EQ(four_digits(0), "0");
}

TEST(Numbers, NoNumberIsADash) {
  EXPECT_EQ(four_digits(kNan), "-");
  EXPECT_EQ(percent(kNan), "-");
  EXPECT_EQ(error_text(std::numeric_limits<double>::infinity()), "-");
}

TEST(Numbers, PercentKeepsOneOrTwoDigits) {
  EXPECT_EQ(percent(0.0004), "0.04 %");
  EXPECT_EQ(percent(0.031), "3.1 %");
  EXPECT_EQ(percent(0.42), "42 %");
}

TEST(Numbers, UnitSuitsTheMiddleOfTheTimes) {
  // Geometric middle of 10 µs and 1 s: 3.2 ms.
  EXPECT_EQ(time_unit(std::vector<double>{10e-6, 1}).name, "ms");
  EXPECT_EQ(time_unit(std::vector<double>{2e-6, 3e-6}).name, "µs");
  EXPECT_EQ(time_unit(std::vector<double>{5, 60}).name, "s");
  EXPECT_EQ(time_unit({}).name, "ms");
}

TEST(Numbers, UnitSuitsTheLargestRate) {
  EXPECT_EQ(rate_unit(std::vector<double>{20e9, 1.2e12}, "FLOP/s").name, "TFLOP/s");
  EXPECT_EQ(rate_unit(std::vector<double>{20e9}, "FLOP/s").name, "GFLOP/s");
  EXPECT_EQ(rate_unit(std::vector<double>{2e8}, "B/s").name, "MB/s");
  EXPECT_EQ(rate_unit({}, "B/s").name, "GB/s");
}

}  // namespace
}  // namespace gpubench
