// The row says what happened, and the next case goes on as if nothing had.
#include "run/case_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "case_runner_rig.h"
#include "plan/reasons.h"

namespace gpubench::run_tests {
namespace {

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

TEST_F(CaseRunner, EachRepeatIsALaunchWhoseBitsAreCompared) {
  const Row twice = run();
  const int submissions = device_.submissions;
  planned_.repeats = 5;

  const Row row = run();

  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.repeats, twice.repeats + 5);
  EXPECT_EQ(device_.submissions, submissions + 5);
}

// A bit that flips in one launch of many: without repeats nobody would have looked.
TEST_F(CaseRunner, OneRepeatWithOtherBitsFailsTheCase) {
  run();
  const int submissions = device_.submissions;
  planned_.repeats = 5;
  device_.spoiled_answer = device_.answer;
  device_.spoiled_answer[7] = std::nextafter(device_.answer[7], 1e9F);
  device_.is_spoiled = [&](int submission, auto) { return submission == submissions + 4; };

  expect_ended(run(), RowStatus::failed, reason::kNondeterministic);
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
      device_.is_spoiled = [at](int submission, auto) { return submission == at; };

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
      device_.is_spoiled = [side](int submission, auto) { return submission % 2 == side; };
      polls_left_ = before_the_stop;

      expect_ended(run(), RowStatus::failed, reason::kNondeterministic);
      const int up_to_last_sample = before_the_stop + 2;
      EXPECT_EQ(device_.submissions, up_to_last_sample + up_to_last_sample % 2);
    }
  }
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
}  // namespace gpubench::run_tests
