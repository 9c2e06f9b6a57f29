#include "timing/stopping.h"

#include <gtest/gtest.h>

#include <functional>

namespace gpubench {
namespace {

StoppingRule rule_with(const StoppingOptions& options) {
  StoppingRule rule;
  rule.initialize(options);
  return rule;
}

/// Adds values of `next(i)` until the rule is met or `limit` were added; gives how many.
int feed(StoppingRule& rule, int limit, const std::function<double(int)>& next) {
  int count = 0;
  while (count < limit && !rule.is_done()) {
    const double seconds = next(count);
    rule.add(seconds, seconds);
    ++count;
  }
  return count;
}

TEST(Stopping, EqualSamplesConvergeAtTen) {
  StoppingRule rule = rule_with({.budget_s = 1000});

  EXPECT_EQ(feed(rule, 100, [](int) { return 1.0; }), 10);
  EXPECT_EQ(rule.is_done(), StopReason::converged);
}

TEST(Stopping, TinySamplesGoOnUntilTheLeastTime) {
  StoppingRule rule = rule_with({.min_s = 0.1});

  // 0.1 s at 1/1024 s (exact in binary) is met by sample 103. Looks: only then, as none came first.
  EXPECT_EQ(feed(rule, 1000, [](int) { return 1.0 / 1024; }), 103);
  EXPECT_EQ(rule.is_done(), StopReason::converged);
}

TEST(Stopping, SpreadJustUnderTheTargetConverges) {
  // Half of ten at 1, half at 1+d: quartiles 1 and 1+d, median 1+d/2, spread d/1.349/(1+d/2).
  // d = 0.006 gives 0.443 %, d = 0.008 gives 0.591 %.
  StoppingRule below = rule_with({.budget_s = 1000});
  StoppingRule above = rule_with({.budget_s = 1000});

  EXPECT_EQ(feed(below, 11, [](int i) { return i % 2 == 0 ? 1.0 : 1.006; }), 10);
  EXPECT_EQ(feed(above, 11, [](int i) { return i % 2 == 0 ? 1.0 : 1.008; }), 11);
  EXPECT_EQ(above.is_done(), std::nullopt);
}

TEST(Stopping, SteadyNoiseAboveTheTargetSettles) {
  StoppingRule rule = rule_with({.budget_s = 1000});

  // ±10 % in turn: the same spread for 16 samples as for 32.
  const int count = feed(rule, 200, [](int i) { return i % 2 == 0 ? 0.9 : 1.1; });

  EXPECT_GE(count, 32);
  EXPECT_LE(count, 34);  // A look is due within 5 % of 32.
  EXPECT_EQ(rule.is_done(), StopReason::settled);
}

TEST(Stopping, RampNeverSettles) {
  StoppingRule rule = rule_with({.budget_s = 1e9});

  // The spread almost doubles with every doubling of the samples; at ten it is 0.66 %.
  EXPECT_EQ(feed(rule, 500, [](int i) { return 1 + 0.002 * i; }), 500);
  EXPECT_EQ(rule.is_done(), std::nullopt);
}

TEST(Stopping, BudgetEndsItBeforeItIsOverrun) {
  StoppingRule rule = rule_with({.budget_s = 5.5});

  // After five samples of 1 s a sixth would end at 6 s.
  EXPECT_EQ(feed(rule, 100, [](int) { return 1.0; }), 5);
  EXPECT_EQ(rule.is_done(), StopReason::budget);
}

TEST(Stopping, BudgetLeavesThreeSamples) {
  StoppingRule rule = rule_with({.budget_s = 3});

  // Two samples of 1.8 s are 3.6 s: over the budget, under its double, so a third is taken.
  EXPECT_EQ(feed(rule, 100, [](int) { return 1.8; }), 3);
  EXPECT_EQ(rule.is_done(), StopReason::budget);
}

TEST(Stopping, DoubleBudgetEndsItAtOnce) {
  StoppingRule rule = rule_with({.budget_s = 3});

  EXPECT_EQ(feed(rule, 100, [](int) { return 7.0; }), 1);
  EXPECT_EQ(rule.is_done(), StopReason::budget);
}

TEST(Stopping, MostSamplesEndIt) {
  StoppingRule rule = rule_with({.max_samples = 50, .budget_s = 1e9});

  EXPECT_EQ(feed(rule, 500, [](int i) { return 1 + 0.002 * i; }), 50);
  EXPECT_EQ(rule.is_done(), StopReason::max_samples);
}

// 40 equal samples of 0.1 s would have converged at the tenth, and 200 would have been too many.
TEST(Stopping, HoldLastsItsTimeWhateverTheSamplesSay) {
  StoppingRule rule = rule_with({.max_samples = 20, .budget_s = 1, .hold_s = 4});

  EXPECT_NEAR(feed(rule, 500, [](int) { return 0.1; }), 40, 1);
  EXPECT_EQ(rule.is_done(), StopReason::held);
}

TEST(Stopping, HoldOfTinySamplesIsBounded) {
  StoppingRule rule = rule_with({.hold_s = 3600});

  EXPECT_EQ(feed(rule, 100000, [](int) { return 1e-6; }), 20000);
  EXPECT_EQ(rule.is_done(), StopReason::max_samples);
}

TEST(Stopping, TimeSpentCountsNotTimeMeasured) {
  StoppingRule rule = rule_with({.budget_s = 10});

  // Kernels of 1 ms whose measuring takes 2 s each: five fit into 10 s.
  while (!rule.is_done()) rule.add(0.001, 2);

  EXPECT_EQ(rule.is_done(), StopReason::budget);
}

}  // namespace
}  // namespace gpubench
