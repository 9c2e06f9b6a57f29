#include "timing/steadiness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace gpubench {
namespace {

/// `n` values around 1 that go up and down by `amplitude` in turn: noise without a trend.
std::vector<double> zigzag(int n, double amplitude) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back(1 + (i % 2 == 0 ? amplitude : -amplitude));
  return values;
}

/// `n` values from 1 to 1 + `rise` in equal steps.
std::vector<double> ramp(int n, double rise) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back(1 + rise * i / (n - 1));
  return values;
}

TEST(Steadiness, NothingIsNotRun) {
  EXPECT_EQ(steadiness({}), TimingStatus::not_run);
}

TEST(Steadiness, NineSamplesAreShort) {
  EXPECT_EQ(steadiness(std::vector<double>(9, 1.0)), TimingStatus::short_series);
  EXPECT_EQ(steadiness(std::vector<double>(10, 1.0)), TimingStatus::steady);
}

TEST(Steadiness, EqualSamplesHaveNoTrend) {
  const Trend moved = trend(std::vector<double>(20, 1.0));

  EXPECT_EQ(moved.z, 0);
  EXPECT_EQ(moved.change, 0);
}

TEST(Steadiness, RampHasTheLargestStatisticThereIs) {
  // Ten rising values: all 45 pairs rise; variance 10·9·25/18 = 125; z = (45 - 1)/sqrt(125).
  // Slope 0.1/9 a step, nine steps, over the median 1.05.
  const Trend moved = trend(ramp(10, 0.1));

  EXPECT_DOUBLE_EQ(moved.z, 44 / std::sqrt(125.0));
  EXPECT_NEAR(moved.change, 0.1 / 1.05, 1e-12);
}

TEST(Steadiness, TiesShrinkTheVariance) {
  // {1,1,2,2}: four of six pairs rise. 4·3·13/18 = 26/3, less 2·1·9/18 = 1 for each tie.
  const std::vector<double> tied = {1, 1, 2, 2};

  EXPECT_DOUBLE_EQ(trend(tied).z, 3 / std::sqrt(26.0 / 3 - 2));
}

TEST(Steadiness, RampIsReportedAsDriftingNotNoisy) {
  // 20 % over the series: the spread is far over 2 % as well (quartiles 10 % apart).
  EXPECT_EQ(steadiness(ramp(20, 0.2)), TimingStatus::drifting);
  EXPECT_EQ(steadiness(ramp(20, -0.2)), TimingStatus::drifting);
}

TEST(Steadiness, RampUnderNoiseIsDrifting) {
  // 10 % of ramp under ±1 % of zigzag.
  std::vector<double> values = ramp(40, 0.1);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += i % 2 == 0 ? 0.01 : -0.01;

  EXPECT_EQ(steadiness(values), TimingStatus::drifting);
}

TEST(Steadiness, TinyRampIsSteady) {
  // Perfectly ordered, but 0.5 % in all is under the 1 % that matters.
  EXPECT_EQ(steadiness(ramp(30, 0.005)), TimingStatus::steady);
}

TEST(Steadiness, StepIsDrifting) {
  // The clock drops by 5 % halfway, as when a GPU starts to throttle. Of the 780 pairs the 400
  // across the step rise and the others tie: slopes' median is above 0 and z is large.
  std::vector<double> values(20, 1.0);
  values.resize(40, 1.05);

  EXPECT_EQ(steadiness(values), TimingStatus::drifting);
}

TEST(Steadiness, NoiseWithoutATrendIsNoisy) {
  // Half the values at 1.05, half at 0.95: spread 0.1/1.349 = 7.4 %.
  EXPECT_EQ(steadiness(zigzag(20, 0.05)), TimingStatus::noisy);
}

TEST(Steadiness, SmallNoiseIsSteady) {
  // Spread 0.02/1.349 = 1.5 %, under 2 %.
  EXPECT_EQ(steadiness(zigzag(20, 0.01)), TimingStatus::steady);
}

TEST(Steadiness, TailThatTheQuartilesMissIsNoisy) {
  // Four of twenty at double time: quartiles are all 1, the mean is 1.2.
  std::vector<double> values(20, 1.0);
  for (const std::size_t i : {3, 8, 13, 18}) values[i] = 2;

  EXPECT_EQ(steadiness(values), TimingStatus::noisy);
}

TEST(Steadiness, OneSmallOutlierIsSteady) {
  // One of twenty at 1.5: the mean is 1.025.
  std::vector<double> values(20, 1.0);
  values[7] = 1.5;

  EXPECT_EQ(steadiness(values), TimingStatus::steady);
}

TEST(Steadiness, LongRampIsStillDrifting) {
  // More samples than blocks: 1,999 does not divide by 128.
  EXPECT_EQ(steadiness(ramp(1999, 0.05)), TimingStatus::drifting);
}

}  // namespace
}  // namespace gpubench
