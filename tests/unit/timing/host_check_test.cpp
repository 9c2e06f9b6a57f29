#include "timing/host_check.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench {
namespace {

HostCheck check(double gpu_s, double host_s, std::uint32_t launches = 1) {
  Series series;
  series.dispatches_per_sample = launches;
  TimingStats stats;
  stats.median_s = gpu_s;
  stats.host_median_s = host_s;
  return check_against_host(series, stats);
}

TEST(HostCheck, HostALittleLongerIsConsistent) {
  const HostCheck result = check(0.100, 0.101);

  EXPECT_EQ(result.verdict, HostVerdict::consistent);
  EXPECT_DOUBLE_EQ(result.host_over_gpu, 1.01);
  EXPECT_TRUE(result.text.empty());
}

TEST(HostCheck, GpuBeyondHostIsImpossible) {
  const HostCheck result = check(0.2, 0.1);

  EXPECT_EQ(result.verdict, HostVerdict::gpu_exceeds_host);
  EXPECT_NE(result.text.find("2.00 times"), std::string::npos) << result.text;
}

TEST(HostCheck, HalfPercentBetweenClocksIsAllowed) {
  EXPECT_EQ(check(0.1005, 0.1).verdict, HostVerdict::consistent);
}

TEST(HostCheck, ShortTimestampsAreFlagged) {
  // A period of 52.08 ns taken for 1 ns makes 1.92 ms of 0.1 s.
  const HostCheck result = check(0.00192, 0.1);

  EXPECT_EQ(result.verdict, HostVerdict::host_exceeds_gpu);
  EXPECT_NE(result.text.find("52.08 times"), std::string::npos) << result.text;
}

TEST(HostCheck, SubmissionCostOfShortSamplesIsExpected) {
  // 50 µs of work in a submission of 150 µs.
  EXPECT_EQ(check(50e-6, 150e-6).verdict, HostVerdict::consistent);
}

TEST(HostCheck, BatchesAreComparedWhole) {
  // 1,000 launches: 50 ms by the GPU, 150 ms by the host; per launch the gap hides in the 2 ms.
  EXPECT_EQ(check(50e-6, 150e-6, 1000).verdict, HostVerdict::host_exceeds_gpu);
}

TEST(HostCheck, NothingToCompareIsNotChecked) {
  EXPECT_EQ(check(kNoTime, 0.1).verdict, HostVerdict::not_checked);

  Series host_timed;
  host_timed.timer = TimerKind::host;
  EXPECT_EQ(check_against_host(host_timed, {}).verdict, HostVerdict::not_checked);
}

}  // namespace
}  // namespace gpubench
