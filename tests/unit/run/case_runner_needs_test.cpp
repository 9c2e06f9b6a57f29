// Cases that take more memory or time than there is.
#include "run/case_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "case_runner_rig.h"
#include "plan/reasons.h"

namespace gpubench::run_tests {
namespace {

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

}  // namespace
}  // namespace gpubench::run_tests
