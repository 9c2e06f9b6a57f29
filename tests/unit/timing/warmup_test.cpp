#include "timing/warmup.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

WarmupRule rule_with(double min_s, double max_s) {
  WarmupRule rule;
  rule.initialize({.min_s = min_s, .max_s = max_s, .window = 3, .agreement = 0.02});
  return rule;
}

TEST(Warmup, AgreeingSamplesEndItAfterTheLeastTime) {
  WarmupRule rule = rule_with(3, 100);

  rule.add(1.0, 1);
  rule.add(1.0, 1);
  EXPECT_FALSE(rule.is_done());
  rule.add(1.0, 1);

  EXPECT_TRUE(rule.is_done());
  EXPECT_DOUBLE_EQ(rule.spent_s(), 3);
}

TEST(Warmup, LeastTimeIsWaitedFor) {
  WarmupRule rule = rule_with(10, 100);

  for (int i = 0; i < 9; ++i) rule.add(1.0, 1);
  EXPECT_FALSE(rule.is_done());
  rule.add(1.0, 1);

  EXPECT_TRUE(rule.is_done());
}

TEST(Warmup, RisingClockKeepsItGoing) {
  WarmupRule rule = rule_with(0, 100);

  // Each 10 % faster than the one before: any three differ by more than 2 %.
  for (const double seconds : {1.0, 0.9, 0.81, 0.73, 0.66}) rule.add(seconds, seconds);
  EXPECT_FALSE(rule.is_done());
  for (int i = 0; i < 2; ++i) rule.add(0.66, 0.66);

  EXPECT_TRUE(rule.is_done());
}

TEST(Warmup, MostTimeEndsItUnsteady) {
  WarmupRule rule = rule_with(0, 4);

  for (const double seconds : {1.0, 2.0}) rule.add(seconds, seconds);
  EXPECT_FALSE(rule.is_done());
  rule.add(1.0, 1);

  EXPECT_TRUE(rule.is_done());
}

TEST(Warmup, InitializeForgets) {
  WarmupRule rule = rule_with(0, 1);
  rule.add(1.0, 1);
  ASSERT_TRUE(rule.is_done());

  rule.initialize({.min_s = 0, .max_s = 1, .window = 3, .agreement = 0.02});

  EXPECT_FALSE(rule.is_done());
}

}  // namespace
}  // namespace gpubench
