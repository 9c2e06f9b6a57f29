#include "base/timestamps.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench {
namespace {

TEST(Timestamps, FractionalPeriodIsKept) {
  // 1,000,000 ticks of 52.08 ns (19.2 MHz, common on phones) are 52.08 ms; 52 ns would give 52 ms.
  EXPECT_DOUBLE_EQ(timestamp_seconds(500, 1'000'500, 64, 52.08), 0.05208);
}

TEST(Timestamps, PeriodBelowOneNanosecondIsKept) {
  // A period rounded to whole nanoseconds would make this 0.
  EXPECT_DOUBLE_EQ(timestamp_seconds(0, 1000, 64, 0.5), 500e-9);
}

TEST(Timestamps, CounterOf36BitsWrapsAround) {
  const std::uint64_t end_of_36_bits = (std::uint64_t{1} << 36) - 1;

  // From the last value: one tick to 0 and nine more.
  EXPECT_EQ(elapsed_ticks(end_of_36_bits, 9, 36), 10U);
}

TEST(Timestamps, UndefinedHighBitsAreDropped) {
  const std::uint64_t rubbish = std::uint64_t{0xabc} << 36;

  EXPECT_EQ(elapsed_ticks(100, rubbish | 175, 36), 75U);
  EXPECT_EQ(elapsed_ticks(rubbish | 100, 175, 36), 75U);
}

TEST(Timestamps, CounterOf64BitsWrapsAround) {
  EXPECT_EQ(elapsed_ticks(~std::uint64_t{0} - 4, 5, 64), 10U);
}

TEST(Timestamps, NoValidBitsMeansNoTime) {
  EXPECT_TRUE(std::isnan(timestamp_seconds(1, 2, 0, 1.0)));
  EXPECT_TRUE(std::isnan(timestamp_seconds(1, 2, 64, 0.0)));
}

}  // namespace
}  // namespace gpubench
