// Probes after the last sample.
#include "run/case_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "case_runner_rig.h"
#include "plan/reasons.h"

namespace gpubench::run_tests {
namespace {

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

}  // namespace
}  // namespace gpubench::run_tests
