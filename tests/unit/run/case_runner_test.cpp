// One case on a device that fails when it is told to: the row says what happened, and the next case
// goes on as if nothing had.
#include "run/case_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fake_device.h"
#include "plan/reasons.h"

namespace gpubench {
namespace {

using run_tests::FakeDevice;

Case small_product() {
  Case planned;
  planned.problem = {.op = Op::gemm, .shape = {3, 5, 4, 1}};
  planned.kernel.name = "naive";
  return planned;
}

/// A device that computes the product rightly, and all that a case needs beside it.
class CaseRunner : public ::testing::Test {
 protected:
  CaseRunner() { plan(planned_); }

  /// The device's answer is always that of the case.
  void plan(const Case& planned) {
    planned_ = planned;
    const auto reference = compute_reference(planned_.problem, Format::f32);
    ASSERT_TRUE(reference) << reference.error().message;
    const auto values = reference->values.span();
    device_.answer.assign(values.begin(), values.end());
  }

  Peak measured_peak() {
    const std::size_t last = peaks_flops_.size() - 1;
    return {peaks_flops_.at(std::min(peak_measurements_++, last)), "made"};
  }

  Row run() {
    now_ = 0;
    device_.submissions = 0;
    RateBook rates(device_, no_code_);
    PeakBook peaks([this] { return measured_peak(); });
    CaseContext context{device_,
                        no_code_,
                        rates,
                        peaks,
                        checker_,
                        Row{},
                        {},
                        *telemetry_,
                        over_budget_,
                        [this] { return now_ += 1e-3; },
                        [this] { return stop_ || polls_left_-- == 0; },
                        [](std::string_view) {}};
    Row row = run_case(planned_, context);
    device_is_gone_ = context.device_is_gone;
    return row;
  }

  void expect_ended(const Row& row, RowStatus status, const char* code) {
    EXPECT_EQ(row.status, status);
    ASSERT_TRUE(row.reason.has_value());
    EXPECT_EQ(row.reason->code, code) << row.reason->text;
    EXPECT_FALSE(has_speed(row));
  }

  static std::string text_of(const Row& row) { return row.reason ? row.reason->text : ""; }

  Case planned_ = small_product();
  FakeDevice device_;
  UserCode no_code_;
  Checker checker_;
  std::unique_ptr<TelemetrySource> telemetry_ = open_telemetry(DeviceTraits{});
  double now_ = 0;  ///< A clock that moves by 1 ms whenever it is read.
  OverBudget over_budget_ = OverBudget::skip;
  std::vector<double> peaks_flops_{0};  ///< What the measurements of the peak say, in order.
  std::size_t peak_measurements_ = 0;
  bool stop_ = false;
  bool device_is_gone_ = false;
  int polls_left_ = -1;  ///< Questions of "stop?" until the answer is yes; below 0: never.
};

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

TEST_F(CaseRunner, RightAnswersHaveASpeed) {
  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_FALSE(row.reason.has_value()) << row.reason->code << row.reason->text;
  ASSERT_TRUE(has_speed(row));
  EXPECT_EQ(row.timing->median_s, 1e-3);
  EXPECT_EQ(row.check->distinct_outputs, 1U);
}

// The first submission is the check's; then come warm-up, samples, the last sample and one more.
TEST_F(CaseRunner, DeviceLostAtAnySubmissionIsThatRowsStatus) {
  const Row whole = run();
  ASSERT_EQ(whole.status, RowStatus::ok);
  const int submissions = device_.submissions;

  for (const int at : {1, 2, submissions / 2, submissions - 1, submissions}) {
    SCOPED_TRACE(at);
    device_.submit_fails = {at, {ErrorKind::device_lost, "vkQueueSubmit: device lost"}};
    expect_ended(run(), RowStatus::device_lost, reason::kDeviceLost);
    EXPECT_TRUE(device_is_gone_);
    EXPECT_EQ(run().status, RowStatus::ok);
    EXPECT_FALSE(device_is_gone_);
  }
}

TEST_F(CaseRunner, TimeoutAndDriverErrorAreToldApart) {
  device_.submit_fails = {3, {ErrorKind::timeout, "no answer in 300 s"}};
  expect_ended(run(), RowStatus::timeout, reason::kTimeout);

  device_.submit_fails = {3, {ErrorKind::internal, "vkWaitForFences: unknown"}};
  expect_ended(run(), RowStatus::error, reason::kDriverError);
}

TEST_F(CaseRunner, AllocationThatFailsIsOutOfMemoryAndNamesTheBuffer) {
  for (const int at : {1, 2, 3}) {
    device_.allocate_fails = {at, {ErrorKind::out_of_memory, "needs 60 B, 0 B free"}};
    const Row row = run();

    expect_ended(row, RowStatus::out_of_memory, reason::kOutOfMemory);
    EXPECT_EQ(text_of(row).substr(0, 7), "buffer ");
    EXPECT_EQ(run().status, RowStatus::ok);
  }
}

TEST_F(CaseRunner, CaseThatDoesNotFitIsSkipped) {
  device_.free_bytes = 100;

  expect_ended(run(), RowStatus::skipped, reason::kMemory);
  EXPECT_EQ(device_.submissions, 0);
}

// Operands of 12 + 20 + 15 floats are 188 bytes, guards around three buffers 393216. The software
// device shares its memory with the host, which needs 188 for the same and 60 for the output.
TEST_F(CaseRunner, LastByteOfMemoryDecides) {
  device_.free_bytes = 393652;
  EXPECT_EQ(run().status, RowStatus::ok);

  device_.free_bytes = 393651;
  const Row row = run();
  expect_ended(row, RowStatus::skipped, reason::kMemory);
  EXPECT_EQ(text_of(row), "needs 384.4 KiB, 384.4 KiB free");

  device_.facts.type = DeviceType::discrete;
  device_.free_bytes = 393404;
  EXPECT_EQ(run().status, RowStatus::ok);
  device_.free_bytes = 393403;
  expect_ended(run(), RowStatus::skipped, reason::kMemory);
}

// 63 more copies of A and B, 128 bytes of elements and two pairs of guards of 131072 each.
TEST_F(CaseRunner, CopiesThatRotateNeedMemoryToo) {
  planned_.cache_rotate = true;

  device_.free_bytes = 393652 + 63 * (128 + 2 * 131072);
  EXPECT_EQ(run().status, RowStatus::ok);
  device_.free_bytes -= 1;
  expect_ended(run(), RowStatus::skipped, reason::kMemory);
}

/// 2^31 FLOP, of which the probe sees 2^22 in 25 ms: a launch takes 12.8 s, and five of them 64 s.
Case long_product() {
  Case planned = small_product();
  planned.problem.shape = {1024, 1024, 1024, 1};
  planned.budget_s = 30;
  return planned;
}

TEST_F(CaseRunner, TimeIsPredictedBeforeMemoryIsLookedAt) {
  planned_ = long_product();
  device_.time = {0.025, 0.026};
  device_.free_bytes = 100;

  const Row row = run();

  expect_ended(row, RowStatus::skipped, reason::kBudget);
  EXPECT_EQ(text_of(row), "needs about 1 min 4 s, the budget is 30.0 s");
  EXPECT_EQ(row.kernel, "naive");
  EXPECT_EQ(device_.submissions, 2) << "a probe launches twice";
}

TEST_F(CaseRunner, CaseWithinItsBudgetOrRunAllTheSameStillNeedsMemory) {
  planned_ = long_product();
  device_.time = {0.025, 0.026};
  device_.free_bytes = 100;

  planned_.budget_s = 65;
  expect_ended(run(), RowStatus::skipped, reason::kMemory);
  planned_.budget_s = 30;
  over_budget_ = OverBudget::run;
  expect_ended(run(), RowStatus::skipped, reason::kMemory);
}

// Probes at 128 and 256 are too quick to tell, and one at 512 would need 3.4 MiB.
TEST_F(CaseRunner, ProbeGrowsNoFurtherThanMemoryGoes) {
  planned_ = long_product();
  device_.facts.type = DeviceType::discrete;
  device_.free_bytes = 2ULL << 20;

  const Row row = run();

  expect_ended(row, RowStatus::skipped, reason::kMemory);
  EXPECT_EQ(text_of(row), "needs 12.4 MiB, 2.0 MiB free");
  EXPECT_EQ(device_.submissions, 4);
}

TEST_F(CaseRunner, ProbeThatFailsIsThatRowsStatus) {
  planned_ = long_product();
  device_.submit_fails = {2, {ErrorKind::device_lost, "vkQueueSubmit: device lost"}};

  expect_ended(run(), RowStatus::device_lost, reason::kDeviceLost);
}

TEST_F(CaseRunner, PrecisionThatTheDeviceLacksIsUnsupported) {
  planned_.precision = Precision::fp16;
  device_.facts.shader_float16 = false;

  const Row row = run();

  expect_ended(row, RowStatus::unsupported, reason::kUnsupportedFeature);
  EXPECT_EQ(text_of(row), "fp16 needs shaderFloat16");
  EXPECT_EQ(row.kernel, "");
  EXPECT_EQ(device_.submissions, 0);
}

TEST_F(CaseRunner, UnknownKernelIsAnError) {
  planned_.kernel.name = "tild";

  const Row row = run();

  expect_ended(row, RowStatus::error, reason::kInputFile);
  EXPECT_NE(text_of(row).find("tiled"), std::string::npos) << text_of(row);
}

TEST_F(CaseRunner, WrongAnswerHasNoSpeed) {
  device_.answer[7] += 1.0F;

  expect_ended(run(), RowStatus::failed, reason::kWrongResult);
  EXPECT_EQ(device_.submissions, 1) << "a wrong answer is not timed";
}

// One bit more or less is far within the tolerance.
TEST_F(CaseRunner, FaultInTheLastSampleOrTheLaunchAfterItIsSeen) {
  ASSERT_EQ(run().status, RowStatus::ok);
  const int submissions = device_.submissions;
  struct Spoiled {
    std::vector<float> answer;
    const char* reason;
  };
  std::vector<Spoiled> tries(3, {device_.answer, reason::kNondeterministic});
  tries[0].answer[7] = std::nextafter(tries[0].answer[7], 1e9F);
  tries[1].answer[7] += 1.0F;
  tries[1].reason = reason::kStaleOutput;
  tries[2] = {{}, reason::kStaleOutput};  // nothing is written: the poison stays

  for (const Spoiled& spoiled : tries) {
    for (const int at : {submissions - 1, submissions}) {
      SCOPED_TRACE(at);
      device_.spoiled_answer = spoiled.answer;
      device_.is_spoiled = [at](int submission) { return submission == at; };

      expect_ended(run(), RowStatus::failed, spoiled.reason);
      EXPECT_EQ(device_.submissions, at) << "nothing runs after a wrong answer";
    }
  }
}

// One launch for the check, so many before the stop, the last sample: of an even number of launches
// the last is on the other side than the first. Of an odd number only the one after it tells.
TEST_F(CaseRunner, BitThatAlternatesIsSeenWhateverTheNumberOfSamples) {
  device_.spoiled_answer = device_.answer;
  device_.spoiled_answer[7] = std::nextafter(device_.answer[7], 1e9F);
  for (const int before_the_stop : {0, 1, 2, 7}) {
    SCOPED_TRACE(before_the_stop);
    for (const int side : {0, 1}) {
      device_.is_spoiled = [side](int submission) { return submission % 2 == side; };
      polls_left_ = before_the_stop;

      expect_ended(run(), RowStatus::failed, reason::kNondeterministic);
      const int up_to_last_sample = before_the_stop + 2;
      EXPECT_EQ(device_.submissions, up_to_last_sample + up_to_last_sample % 2);
    }
  }
}

// The device gives the same output whatever the inputs are: right for the case, wrong for any
// probe.
TEST_F(CaseRunner, ProbesComeLastAndLeaveTheResultAlone) {
  const Row plain = run();
  const int submissions = device_.submissions;
  EXPECT_EQ(plain.precision_verdict, "not_probed");
  EXPECT_EQ(plain.precision_reason, "");

  planned_.probe = true;
  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_TRUE(has_speed(row));
  EXPECT_EQ(row.check->output_hash, plain.check->output_hash);
  EXPECT_EQ(row.precision_verdict, "wrong");
  EXPECT_EQ(row.observed_precision, "");
  EXPECT_EQ(row.precision_reason,
            "3 of 3 rows of a product of -1, 0 and 1 are wrong, exact in any "
            "precision");
  EXPECT_EQ(device_.submissions, submissions + 1);
}

TEST_F(CaseRunner, ProbeThatFailsKeepsTheResultAndTellsOfALostDevice) {
  const int submissions = (run(), device_.submissions);
  planned_.probe = true;
  struct Failure {
    Error error;
    const char* reason;
    bool gone;
  };
  for (const Failure& failure :
       {Failure{{ErrorKind::device_lost, "gone"}, "device_lost: gone", true},
        Failure{{ErrorKind::internal, "what?"}, "driver_error: what?", false}}) {
    device_.submit_fails = {submissions + 1, failure.error};

    const Row row = run();

    EXPECT_EQ(row.status, RowStatus::ok);
    EXPECT_TRUE(has_speed(row));
    EXPECT_EQ(row.precision_verdict, "not_probed");
    EXPECT_EQ(row.precision_reason, failure.reason);
    EXPECT_EQ(device_is_gone_, failure.gone);
  }
}

TEST_F(CaseRunner, WrongResultIsProbedAndOtherFailuresAreNot) {
  planned_.probe = true;
  device_.answer[7] += 1.0F;
  Row row = run();
  EXPECT_EQ(row.status, RowStatus::failed);
  EXPECT_EQ(row.reason->code, reason::kWrongResult);
  EXPECT_EQ(row.precision_verdict, "wrong");

  device_.answer.clear();  // Nothing is written: the poison stays.
  row = run();
  EXPECT_EQ(row.reason->code, reason::kPoisonLeft);
  EXPECT_EQ(row.precision_verdict, "not_probed");
  EXPECT_EQ(row.precision_reason, "");
}

TEST_F(CaseRunner, StopRequestEndsTheProbesOnly) {
  planned_.probe = true;
  stop_ = true;

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.precision_reason, "interrupted: stopped on request");
}

// The fake launch takes 1 ms, and a row of 3 holds few of some hundred probes.
TEST_F(CaseRunner, ProbesBeyondTheBudgetAreLeftOutUnlessTheCaseRunsInFull) {
  planned_.probe = true;
  planned_.budget_s = 0.05;
  const Row row = run();
  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.precision_verdict, "not_probed");
  EXPECT_TRUE(row.precision_reason.starts_with("budget: the probes need about "));

  over_budget_ = OverBudget::run;
  EXPECT_EQ(run().precision_verdict, "wrong");
}

TEST_F(CaseRunner, ValidationMessageFailsTheRow) {
  device_.validation_messages = {"VUID-1"};

  expect_ended(run(), RowStatus::failed, reason::kValidationMessage);
}

TEST_F(CaseRunner, StoppedBeforeTheFirstSampleEndsWithTheLastOneOnly) {
  stop_ = true;

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.series->stop_reason, StopReason::interrupted);
  EXPECT_EQ(row.series->samples.size(), 1U);
}

// The work lies within the submission: 1 ms of GPU time in 0.4 ms of waiting cannot be.
TEST_F(CaseRunner, GpuTimeAboveTheHostsIsATimerMismatch) {
  device_.time = {1e-3, 4e-4};

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  ASSERT_TRUE(row.reason.has_value());
  EXPECT_EQ(row.reason->code, reason::kTimerMismatch);
  EXPECT_NE(row.reason->text, "");
}

// 52 ms of waiting for 1 ms on the GPU: what a wrong tick of 52.08 ns would look like.
TEST_F(CaseRunner, HostTimeFarAboveTheGpusIsATimerMismatch) {
  device_.time = {1e-3, 52e-3};

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  ASSERT_TRUE(row.reason.has_value());
  EXPECT_EQ(row.reason->code, reason::kTimerMismatch);
}

// Rows of one element: every softmax of them is 1, which proves nothing.
TEST_F(CaseRunner, TimerMismatchLeavesTheReasonOfTheCheck) {
  planned_.problem = {.op = Op::softmax, .shape = {12, 1, 0, 1}};
  device_.answer.assign(12, 1.0F);
  device_.time = {1e-3, 4e-4};

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.check->status, CheckStatus::mistrusted);
  ASSERT_TRUE(row.reason.has_value());
  EXPECT_EQ(row.reason->code, reason::kConstantOutput);
}

}  // namespace
}  // namespace gpubench
