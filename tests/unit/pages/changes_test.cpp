#include "pages/changes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gpubench {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// `count` times around `level`, none equal: up to 0.4 % off.
void add(std::vector<double>& times, std::size_t count, double level) {
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back(level * (1 + 0.001 * static_cast<double>((i * 3) % 5)));
  }
}

std::vector<double> step_from(double before, double after) {
  std::vector<double> times;
  add(times, 10, before);
  add(times, 10, after);
  return times;
}

TEST(Steps, ALevelSeriesHasNone) {
  std::vector<double> times;
  add(times, 100, 1);

  EXPECT_TRUE(find_steps(times).empty());
}

TEST(Steps, AStepIsFoundOnceAndWhereItIs) {
  const auto steps = find_steps(step_from(1, 1.05));

  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].at, 10U);
  EXPECT_EQ(steps[0].kind, StepKind::slower);
}

TEST(Steps, BackAgainIsAStepToFaster) {
  std::vector<double> times = step_from(1, 1.05);
  add(times, 10, 1);

  const auto steps = find_steps(times);

  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[1].at, 20U);
  EXPECT_EQ(steps[1].kind, StepKind::faster);
}

TEST(Steps, LessThanTwoPercentIsNone) {
  EXPECT_TRUE(find_steps(step_from(1, 1.015)).empty());
}

TEST(Steps, OneSlowRunIsNone) {
  std::vector<double> times;
  add(times, 30, 1);
  times[15] = 2;

  EXPECT_TRUE(find_steps(times).empty());
}

TEST(Steps, SixRunsBehindItAreTooFew) {
  std::vector<double> times;
  add(times, 10, 1);
  add(times, 6, 1.5);

  EXPECT_TRUE(find_steps(times).empty());
}

TEST(Steps, RunsWithoutATimeAreLeftOut) {
  std::vector<double> times = step_from(1, 1.05);
  times.insert(times.begin() + 5, kNone);

  const auto steps = find_steps(times);

  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].at, 11U);
}

}  // namespace
}  // namespace gpubench
