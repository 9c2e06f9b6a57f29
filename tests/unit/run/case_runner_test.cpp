// One case on a device that fails when it is told to: the row says what happened, and the next case
// goes on as if nothing had.
#include "run/case_runner.h"

#include <gtest/gtest.h>

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
  CaseRunner() {
    const auto reference = compute_reference(planned_.problem, Format::f32);
    EXPECT_TRUE(reference) << reference.error().message;
    const auto values = reference->values.span();
    device_.answer.assign(values.begin(), values.end());
  }

  Row run() {
    RateBook rates(device_, no_code_);
    CaseContext context{device_,
                        no_code_,
                        rates,
                        checker_,
                        Row{},
                        {},
                        *telemetry_,
                        OverBudget::skip,
                        [this] { return now_ += 1e-3; },
                        [this] { return stop_; },
                        [](std::string_view) {}};
    return run_case(planned_, context);
  }

  void expect_ended(const Row& row, RowStatus status, const char* code) {
    EXPECT_EQ(row.status, status);
    ASSERT_TRUE(row.reason.has_value());
    EXPECT_EQ(row.reason->code, code) << row.reason->text;
    EXPECT_FALSE(has_speed(row));
  }

  Case planned_ = small_product();
  FakeDevice device_;
  UserCode no_code_;
  Checker checker_;
  std::unique_ptr<TelemetrySource> telemetry_ = open_telemetry(DeviceTraits{});
  double now_ = 0;  ///< A clock that moves by 1 ms whenever it is read.
  bool stop_ = false;
};

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
    EXPECT_EQ(run().status, RowStatus::ok);
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
    EXPECT_EQ(row.reason->text.substr(0, 7), "buffer ");
    EXPECT_EQ(run().status, RowStatus::ok);
  }
}

TEST_F(CaseRunner, CaseThatDoesNotFitIsSkipped) {
  device_.free_bytes = 100;

  expect_ended(run(), RowStatus::skipped, reason::kMemory);
  EXPECT_EQ(device_.submissions, 0);
}

TEST_F(CaseRunner, UnknownKernelIsAnError) {
  planned_.kernel.name = "tild";

  const Row row = run();

  expect_ended(row, RowStatus::error, reason::kInputFile);
  EXPECT_NE(row.reason->text.find("tiled"), std::string::npos) << row.reason->text;
}

TEST_F(CaseRunner, WrongAnswerHasNoSpeed) {
  device_.answer[7] += 1.0F;

  expect_ended(run(), RowStatus::failed, reason::kWrongResult);
  EXPECT_EQ(device_.submissions, 1) << "a wrong answer is not timed";
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
