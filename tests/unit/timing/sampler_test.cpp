#include "timing/sampler.h"

#include <gtest/gtest.h>

#include <vector>

namespace gpubench {
namespace {

/// A device and a clock made of numbers: launch i takes `launch_s(i)`, a submission `overhead_s`
/// more by the host's clock.
struct FakeDevice {
  double clock_s = 100;
  double overhead_s = 0;
  std::function<double(int)> launch_s = [](int) { return 1.0; };
  int submissions = 0;
  std::vector<std::uint32_t> batches;

  MeasureFn measure() {
    return [this](std::uint32_t launches) -> Result<Sample> {
      batches.push_back(launches);
      const double gpu_s = launch_s(submissions++) * launches;
      clock_s += gpu_s + overhead_s;
      return Sample{gpu_s, gpu_s + overhead_s};
    };
  }
  NowFn now() {
    return [this] { return clock_s; };
  }
};

bool never() {
  return false;
}

SamplerOptions options_with(double budget_s) {
  SamplerOptions options;
  options.warmup = {.min_s = 3, .max_s = 50, .window = 3};
  options.stopping.budget_s = budget_s;
  return options;
}

TEST(Sampler, WarmupIsDiscardedAndCounted) {
  FakeDevice device;

  const auto series = sample(options_with(1000), device.measure(), device.now(), never);

  // Three equal samples of 1 s end the warm-up, ten more converge.
  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->discarded, 3U);
  EXPECT_DOUBLE_EQ(series->warmup_s, 3);
  EXPECT_EQ(series->samples.size(), 10U);
  EXPECT_EQ(series->stop_reason, StopReason::converged);
  EXPECT_EQ(series->dispatches_per_sample, 1U);
}

TEST(Sampler, SamplesSayWhenTheyBegan) {
  FakeDevice device;

  const auto series = sample(options_with(1000), device.measure(), device.now(), never);

  // After a warm-up of three seconds, a second each.
  ASSERT_TRUE(series.ok());
  for (std::size_t i = 0; i < series->samples.size(); ++i) {
    EXPECT_DOUBLE_EQ(series->samples[i].at_s, 3 + static_cast<double>(i));
  }
}

// 1 ms each: ten to a sample make a thousand samples of the ten seconds.
TEST(Sampler, HoldTakesAboutAThousandSamples) {
  FakeDevice device;
  device.launch_s = [](int) { return 1e-3; };
  SamplerOptions options = options_with(1);
  options.stopping.hold_s = 10;

  const auto series = sample(options, device.measure(), device.now(), never);

  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->stop_reason, StopReason::held);
  EXPECT_EQ(series->dispatches_per_sample, 10U);
  EXPECT_NEAR(static_cast<double>(series->samples.size()), 1000, 2);
}

TEST(Sampler, SlowFirstLaunchesStayOutOfTheSamples) {
  FakeDevice device;
  device.launch_s = [](int i) { return i < 4 ? 5.0 - i : 1.0; };

  const auto series = sample(options_with(1000), device.measure(), device.now(), never);

  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->discarded, 7U);  // 5, 4, 3, 2, then three of 1 that agree.
  for (const Sample& each : series->samples) EXPECT_DOUBLE_EQ(each.gpu_s, 1);
}

TEST(Sampler, KnownLongLaunchWasTheWarmup) {
  FakeDevice device;
  device.launch_s = [](int) { return 60.0; };
  SamplerOptions options = options_with(1000);
  options.known_launch_s = 60;

  const auto series = sample(options, device.measure(), device.now(), never);

  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->discarded, 0U);
  EXPECT_EQ(series->warmup_s, 0);
  EXPECT_EQ(series->samples.size(), 10U);
}

TEST(Sampler, TinyKernelsAreBatchedAndReportedPerLaunch) {
  FakeDevice device;
  device.overhead_s = 1.0 / 1024;
  device.launch_s = [](int) { return 1.0 / (1 << 20); };  // 0.95 µs
  SamplerOptions options = options_with(1000);
  options.warmup = {.min_s = 0.001, .max_s = 1, .window = 3};
  options.timer_facts = {.tick_s = 1e-9, .empty_s = 2e-6};

  const auto series = sample(options, device.measure(), device.now(), never);

  // 100 empty submissions are 200 µs: 200e-6 · 2^20 = 209.7 launches. The first one ran alone.
  ASSERT_TRUE(series.ok());
  EXPECT_EQ(device.batches.front(), 1U);
  EXPECT_EQ(device.batches.back(), 210U);
  EXPECT_EQ(series->dispatches_per_sample, 210U);
  EXPECT_DOUBLE_EQ(series->samples.front().gpu_s, 1.0 / (1 << 20));
  EXPECT_DOUBLE_EQ(series->samples.front().host_s, 1.0 / (1 << 20) + 1.0 / 1024 / 210);
  EXPECT_DOUBLE_EQ(series->overhead_s, 2e-6);
}

TEST(Sampler, HostTimerCountsHostTime) {
  FakeDevice device;
  SamplerOptions options = options_with(1000);
  options.timer = TimerKind::host;
  const MeasureFn blind = [&](std::uint32_t) -> Result<Sample> {
    device.clock_s += 1;
    return Sample{kNoTime, 1};
  };

  const auto series = sample(options, blind, device.now(), never);

  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->timer, TimerKind::host);
  EXPECT_EQ(series->stop_reason, StopReason::converged);
}

TEST(Sampler, FailureOfTheDeviceIsReturned) {
  FakeDevice device;
  const MeasureFn failing = [&, measure = device.measure()](std::uint32_t n) -> Result<Sample> {
    if (device.submissions == 5) return Error{ErrorKind::device_lost, "gone"};
    return measure(n);
  };

  const auto series = sample(options_with(1000), failing, device.now(), never);

  ASSERT_FALSE(series.ok());
  EXPECT_EQ(series.error().kind, ErrorKind::device_lost);
  EXPECT_EQ(series.error().message, "gone");
}

TEST(Sampler, StopRequestKeepsWhatWasTaken) {
  FakeDevice device;

  const auto series = sample(options_with(1000), device.measure(), device.now(),
                             [&] { return device.submissions == 8; });

  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->stop_reason, StopReason::interrupted);
  EXPECT_EQ(series->samples.size(), 5U);  // Eight submissions, of which three warmed up.
}

TEST(Sampler, StopRequestWithinASampleKeepsTheOthers) {
  FakeDevice device;
  const MeasureFn banded = [&, measure = device.measure()](std::uint32_t n) -> Result<Sample> {
    if (device.submissions == 8) return Error{ErrorKind::interrupted, "between two bands"};
    return measure(n);
  };

  const auto series = sample(options_with(1000), banded, device.now(), never);

  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->stop_reason, StopReason::interrupted);
  EXPECT_EQ(series->samples.size(), 5U);
}

TEST(Sampler, StopRequestInTheWarmupLeavesNoSamples) {
  FakeDevice device;

  const auto series =
      sample(options_with(1000), device.measure(), device.now(), [] { return true; });

  ASSERT_TRUE(series.ok());
  EXPECT_TRUE(series->samples.empty());
  EXPECT_EQ(series->stop_reason, StopReason::interrupted);
}

TEST(Sampler, BudgetEndsTheSeries) {
  FakeDevice device;

  const auto series = sample(options_with(5.5), device.measure(), device.now(), never);

  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->samples.size(), 5U);
  EXPECT_EQ(series->stop_reason, StopReason::budget);
}

TEST(Sampler, TimerWithoutATimeIsAnError) {
  FakeDevice device;
  device.launch_s = [](int) { return 0.0; };

  const auto series = sample(options_with(1000), device.measure(), device.now(), never);

  ASSERT_FALSE(series.ok());
  EXPECT_NE(series.error().message.find("positive time"), std::string::npos);
}

}  // namespace
}  // namespace gpubench
