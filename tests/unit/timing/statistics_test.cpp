#include "timing/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench {
namespace {

Series series_of(std::initializer_list<double> gpu_seconds) {
  Series series;
  for (const double seconds : gpu_seconds) series.samples.push_back({seconds, seconds + 1});
  return series;
}

TEST(Statistics, QuantileInterpolatesBetweenOrderStatistics) {
  const std::vector<double> sorted = {10, 20, 30, 40};

  // Positions q·3: 0.75 lies a quarter before the second value, 1.5 halfway, 2.85 near the last.
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.00), 10);
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.25), 17.5);
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.50), 25);
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.95), 38.5);
  EXPECT_DOUBLE_EQ(quantile(sorted, 1.00), 40);
}

TEST(Statistics, NothingHasNoStatistics) {
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(mean({})));
  EXPECT_TRUE(std::isnan(standard_deviation({})));
}

TEST(Statistics, OneValueHasNoDeviation) {
  const std::vector<double> one = {3};

  EXPECT_DOUBLE_EQ(quantile(one, 0.95), 3);
  EXPECT_TRUE(std::isnan(standard_deviation(one)));
}

TEST(Statistics, DeviationDividesByOneLess) {
  // Mean 5; squares 9+1+1+1+0+0+4+16 = 32; 32/7.
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};

  EXPECT_DOUBLE_EQ(mean(values), 5);
  EXPECT_DOUBLE_EQ(standard_deviation(values), std::sqrt(32.0 / 7.0));
}

TEST(Statistics, SummaryOrdersTheSamples) {
  const TimingStats stats = summarise(series_of({5, 1, 4, 2, 3}));

  // Positions q·4 in 1..5: p05 at 0.2, p25 at 1, p95 at 3.8.
  EXPECT_DOUBLE_EQ(stats.min_s, 1);
  EXPECT_DOUBLE_EQ(stats.p05_s, 1.2);
  EXPECT_DOUBLE_EQ(stats.p25_s, 2);
  EXPECT_DOUBLE_EQ(stats.median_s, 3);
  EXPECT_DOUBLE_EQ(stats.p75_s, 4);
  EXPECT_DOUBLE_EQ(stats.p95_s, 4.8);
  EXPECT_DOUBLE_EQ(stats.max_s, 5);
  EXPECT_DOUBLE_EQ(stats.mean_s, 3);
  EXPECT_DOUBLE_EQ(stats.stddev_s, std::sqrt(2.5));
  EXPECT_DOUBLE_EQ(stats.host_median_s, 4);
}

TEST(Statistics, SpreadIsTheQuartileRangeInStandardDeviations) {
  // Quartiles 2 and 4 around 3: (4 - 2) / 1.349 / 3.
  EXPECT_DOUBLE_EQ(relative_spread(summarise(series_of({1, 2, 3, 4, 5}))), 2 / 1.349 / 3);
}

TEST(Statistics, OneOutlierLeavesTheSpreadAlone) {
  EXPECT_DOUBLE_EQ(relative_spread(summarise(series_of({1, 2, 3, 4, 500}))), 2 / 1.349 / 3);
}

TEST(Statistics, HostTimerUsesHostTimes) {
  Series series = series_of({1, 1, 1});
  for (Sample& sample : series.samples) sample.gpu_s = kNoTime;
  series.timer = TimerKind::host;

  EXPECT_DOUBLE_EQ(summarise(series).median_s, 2);
}

TEST(Statistics, NoSamplesIsAStatusAndNoNumbers) {
  const TimingStats stats = summarise(Series{});

  EXPECT_EQ(stats.status, TimingStatus::not_run);
  EXPECT_TRUE(std::isnan(stats.median_s));
  EXPECT_TRUE(std::isnan(relative_spread(stats)));
}

}  // namespace
}  // namespace gpubench
