// The rates that docs/measuring.md states, held on comparisons whose truth is known.
#include <gtest/gtest.h>

#include <cmath>

#include "unit/compare/synthetic_rates.h"

namespace gpubench {
namespace {

constexpr std::uint64_t kSeed = 20261122;

/// 5 %, and what 200 comparisons may show of it by chance: three standard errors.
const double kMostAlarms = 0.05 + 3 * std::sqrt(0.05 * 0.95 / 200);

SyntheticPlan plan_of(std::size_t runs, double noise) {
  SyntheticPlan plan;
  plan.runs = runs;
  plan.noise = noise;
  return plan;
}

SyntheticRates slowed(std::size_t runs, double noise, double slow_down) {
  SyntheticPlan plan = plan_of(runs, noise);
  plan.changed = 2;
  plan.slow_down = slow_down;
  return synthetic_rates(plan, kSeed);
}

TEST(Rates, RunsInTurnsRaiseAnAlarmInOneComparisonOfTwentyAtMost) {
  for (const double noise : {0.005, 0.02, 0.05}) {
    for (const std::size_t runs : {8U, 16U}) {
      EXPECT_LE(synthetic_rates(plan_of(runs, noise), kSeed).alarmed, kMostAlarms)
          << runs << " runs, noise " << noise;
    }
  }
}

TEST(Rates, SessionsOfTheirOwnRaiseNoMore) {
  SyntheticPlan one = plan_of(8, 0.02);
  one.sessions = MadeSessions::one_a_side;
  one.session_deviation = 0.01;
  SyntheticPlan floor = one;
  floor.session_deviation = 0.02;
  floor.floor_sessions = 6;
  SyntheticPlan four = floor;
  four.sessions = MadeSessions::four_a_side;
  four.floor_sessions = 0;

  EXPECT_LE(synthetic_rates(one, kSeed).alarmed, kMostAlarms);
  EXPECT_LE(synthetic_rates(floor, kSeed).alarmed, kMostAlarms);
  EXPECT_LE(synthetic_rates(four, kSeed).alarmed, kMostAlarms);
}

TEST(Rates, QuietRunsAreSame) {
  EXPECT_GE(synthetic_rates(plan_of(8, 0.005), kSeed).same, 0.95);
}

TEST(Rates, SlowDownsAreCaught) {
  EXPECT_GE(slowed(8, 0.005, 0.05).caught, 0.99);
  EXPECT_GE(slowed(8, 0.01, 0.05).caught, 0.95);
  EXPECT_GE(slowed(8, 0.02, 0.10).caught, 0.95);
  EXPECT_GE(slowed(8, 0.02, 0.20).caught, 0.99);
  EXPECT_GE(slowed(16, 0.02, 0.05).caught, 0.95);
  EXPECT_GE(slowed(16, 0.05, 0.20).caught, 0.99);
  // What is injected is just the smallest effect that counts, and half of the estimates are below.
  EXPECT_GE(slowed(16, 0.005, 0.02).caught, 0.40);
}

}  // namespace
}  // namespace gpubench
