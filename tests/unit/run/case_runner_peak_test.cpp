// What a speed beyond what a device can reach says about a path, and about the time.
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
  peaks_ = {100e9};

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
  peaks_ = {100e9};

  const Row row = run();

  // The fake gives the answer of the case to every probe.
  EXPECT_EQ(row.precision_verdict, "wrong") << row.precision_reason;
  ASSERT_TRUE(row.reason.has_value());
  EXPECT_EQ(row.reason->code, reason::kAbovePeak);
}

TEST_F(CaseRunner, PeakThatWasMeasuredTooLowIsMeasuredAgainBeforeAnyoneIsAccused) {
  plan(large_product());
  peaks_ = {100e9, 300e9};

  const Row row = run();

  EXPECT_FALSE(row.reason.has_value());
  EXPECT_EQ(row.precision_verdict, "not_probed");
  EXPECT_NEAR(*fraction_of_peak(row), 0.895, 0.001);
}

TEST_F(CaseRunner, RatesWithinTheErrorOfThePeakAreNoProof) {
  plan(large_product());
  peaks_ = {250e9};  // 268 is 7 % above

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

TEST_F(CaseRunner, TinyCasesHaveNoPeak) {
  peaks_ = {1};

  EXPECT_EQ(run().peak_source, "") << "a tiny launch is mostly overhead";
  EXPECT_EQ(peak_measurements_, 0U);
}

TEST_F(CaseRunner, OtherPathsAboveTheirPeakAreSuspiciousAndAccuseNobody) {
  Case relaxed = large_product();
  relaxed.precision = Precision::fp32_relaxed;
  plan(relaxed);
  peaks_ = {100e9};

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok) << text_of(row);
  EXPECT_EQ(row.precision_verdict, "not_probed");
  ASSERT_TRUE(row.reason.has_value());
  EXPECT_EQ(row.reason->code, reason::kSuspicious);
  EXPECT_EQ(row.reason->text,
            "268 GFLOP/s, where the device was measured to reach 100 GFLOP/s (made): "
            "the time or the peak is wrong");
}

/// 4 MiB a row, read and written, in the millisecond that the device takes: 67 GB/s.
Case large_softmax() {
  Case planned = small_product();
  planned.problem.op = Op::softmax;
  planned.problem.shape = {8, 1 << 20, 0, 1};
  return planned;
}

TEST_F(CaseRunner, SoftmaxIsHeldToMemory) {
  plan(large_softmax());
  device_.free_bytes = 1ULL << 32;
  peaks_ = {100e9};

  const Row row = run();

  EXPECT_FALSE(row.reason.has_value()) << text_of(row);
  EXPECT_FALSE(row.peak_flops.has_value());
  EXPECT_NEAR(*fraction_of_bandwidth(row), 0.671, 0.001);
}

}  // namespace
}  // namespace gpubench::run_tests
