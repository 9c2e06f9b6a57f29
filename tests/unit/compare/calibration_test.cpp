#include "compare/calibration.h"

#include <gtest/gtest.h>

#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

RunSet with_days(std::vector<double> times, std::vector<int> days) {
  RunSet set = set_of("r", {side_of(times)});
  for (std::size_t i = 0; i < days.size(); ++i) set.runs[i].started_s += kDay_s * days[i];
  return set;
}

TEST(Calibrate, TwoSessionsHaveOneShift) {
  // Day 1 has 1 and 1, day 2 has 1.1 and 1.1.
  const Calibration calibration = calibrate(with_days({1, 1.1, 1, 1.1}, {0, 1, 0, 1}));

  ASSERT_EQ(calibration.series.size(), 1U);
  const CalibratedSeries& series = calibration.series.front();
  EXPECT_EQ(series.splits, 1U);
  EXPECT_EQ(series.floor.sessions, 2U);
  EXPECT_EQ(series.floor.runs, 4U);
  EXPECT_NEAR(series.floor.floor_rel, 0.1, 1e-12);
}

TEST(Calibrate, TheFloorIsThe95thPercentileOfAllPairsOfSessions) {
  // Log times 0 0.01 0.03 0.07 on four days: shifts 0.01 0.02 0.03 0.04 0.06 0.07, whose 95th
  // percentile lies at position 0.95·5 = 4.75, three quarters from the fifth to the sixth.
  const Calibration calibration =
      calibrate(with_days({1, std::exp(0.01), std::exp(0.03), std::exp(0.07)}, {0, 1, 2, 3}));

  EXPECT_EQ(calibration.series.front().splits, 6U);
  EXPECT_NEAR(calibration.series.front().floor.floor_rel,
              std::expm1(0.06) + 0.75 * (std::expm1(0.07) - std::expm1(0.06)), 1e-12);
  // Mean 0.0275; squares 7.5625, 3.0625, 0.0625, 18.0625 times 1e-4, over 3.
  EXPECT_NEAR(calibration.series.front().floor.session_deviation, std::sqrt(28.75e-4 / 3), 1e-12);
}

TEST(Calibrate, RunsOfOneSessionAreSplitInEveryWay) {
  // Shifts of the C(4,2) = 6 splits of 0 0 0 0.1 in log time are ±0.05: each half with the 0.1 has
  // differences 0 0 0.1 0.1.
  const Calibration calibration = calibrate(with_days({1, 1, 1, std::exp(0.1)}, {0, 0, 0, 0}));

  EXPECT_EQ(calibration.series.front().splits, 6U);
  EXPECT_NEAR(calibration.series.front().floor.floor_rel, std::expm1(0.05), 1e-12);
}

TEST(Calibrate, AStepInTimeCountsInFullWhateverRandomSplitsSay) {
  std::vector<double> times(20, 1.0);
  for (std::size_t i = 10; i < times.size(); ++i) times[i] = 1.2;

  const Calibration calibration = calibrate(with_days(times, {}));

  EXPECT_EQ(calibration.series.front().splits, 200U);
  EXPECT_NEAR(calibration.series.front().floor.floor_rel, 0.2, 1e-12);
}

TEST(Calibrate, GivesTheSameFloorEachTime) {
  std::mt19937_64 random(3);
  const RunSet set = with_days(noisy_times(30, 1, 0.02, random), {});

  EXPECT_EQ(calibrate(set).series.front().floor.floor_rel,
            calibrate(set).series.front().floor.floor_rel);
}

TEST(Calibrate, CountsWhatItLeavesOut) {
  SeriesSide few = side_of(std::vector<double>{1, 1, 1}, "few");
  SeriesSide mixed = side_of(std::vector<double>{1, 1, 1, 1}, "mixed");
  mixed.fill.mixed = true;

  const Calibration calibration = calibrate(set_of("r", {few, mixed}));

  EXPECT_TRUE(calibration.series.empty());
  EXPECT_EQ(calibration.too_few, 1U);
  EXPECT_EQ(calibration.mixed, 1U);
}

}  // namespace
}  // namespace gpubench
