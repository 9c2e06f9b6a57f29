// What a speed beyond FP32 says about a path.
#include "run/case_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "case_runner_rig.h"
#include "plan/reasons.h"

namespace gpubench::run_tests {
namespace {

/// 2·512³ FLOP in the millisecond that the device takes: 268 GFLOP/s.
Case large_product() {
  Case planned = small_product();
  planned.problem.shape = {512, 512, 512, 1};
  return planned;
}

TEST_F(CaseRunner, FasterThanFp32CanBeIsNotFp32ThoughItsOutputIsRight) {
  plan(large_product());
  peaks_flops_ = {100e9};

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.precision_verdict, "downgraded");
  ASSERT_TRUE(row.reason.has_value());
  EXPECT_EQ(row.reason->code, reason::kAbovePeak);
  EXPECT_EQ(row.reason->text,
            "faster than FP32 can be on this device: this path is not FP32 (268 GFLOP/s, FP32 "
            "multiply-adds reach 100 GFLOP/s)");
  EXPECT_EQ(row.precision_reason, row.reason->text);
  EXPECT_NEAR(*fraction_of_peak(row), 2.68, 0.01);
  EXPECT_EQ(row.peak_source, "made");
  EXPECT_EQ(peak_measurements_, 10U) << "an accusation takes more than one measurement";
}

TEST_F(CaseRunner, SpeedAddsToProbesThatAccuseAlready) {
  plan(large_product());
  planned_.probe = true;
  peaks_flops_ = {100e9};

  const Row row = run();

  // The fake gives the answer of the case to every probe.
  EXPECT_EQ(row.precision_verdict, "wrong") << row.precision_reason;
  ASSERT_TRUE(row.reason.has_value());
  EXPECT_EQ(row.reason->code, reason::kAbovePeak);
}

TEST_F(CaseRunner, PeakThatWasMeasuredTooLowIsMeasuredAgainBeforeAnyoneIsAccused) {
  plan(large_product());
  peaks_flops_ = {100e9, 300e9};

  const Row row = run();

  EXPECT_FALSE(row.reason.has_value());
  EXPECT_EQ(row.precision_verdict, "not_probed");
  EXPECT_NEAR(*fraction_of_peak(row), 0.895, 0.001);
}

TEST_F(CaseRunner, RatesWithinTheErrorOfThePeakAreNoProof) {
  plan(large_product());
  peaks_flops_ = {250e9};  // 268 is 7 % above

  const Row row = run();

  EXPECT_FALSE(row.reason.has_value());
  EXPECT_EQ(peak_measurements_, 1U);
}

TEST_F(CaseRunner, UnknownPeakSaysWhyAndAccusesNobody) {
  plan(large_product());

  const Row row = run();

  EXPECT_FALSE(row.peak_flops.has_value());
  EXPECT_EQ(row.peak_source, "made");
  EXPECT_FALSE(row.reason.has_value());
}

TEST_F(CaseRunner, OtherPathsAndTinyCasesHaveNoFp32Peak) {
  peaks_flops_ = {1};
  EXPECT_EQ(run().peak_source, "") << "a tiny launch is mostly overhead";
  Case relaxed = large_product();
  relaxed.precision = Precision::fp32_relaxed;
  plan(relaxed);

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok) << text_of(row);
  EXPECT_EQ(row.peak_source, "");
  EXPECT_EQ(peak_measurements_, 0U);
}

}  // namespace
}  // namespace gpubench::run_tests
