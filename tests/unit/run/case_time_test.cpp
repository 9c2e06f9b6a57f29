#include "run/case_time.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

Case product(std::uint32_t size) {
  Case planned;
  planned.problem = {.op = Op::gemm, .shape = {size, size, size, 1}};
  return planned;
}

double least(const Case& planned, double flops, const ReferenceRate& references = {}) {
  return least_seconds(planned, {flops, {}}, references, OverBudget::skip);
}

TEST(CaseTime, LargerProblemsTakeLonger) {
  EXPECT_GT(least(product(4096), 1e12), least(product(2048), 1e12));
  EXPECT_GT(least(product(4096), 1e10), least(product(4096), 1e12));
}

TEST(CaseTime, HoldsAndRepeatsComeOnTop) {
  const double once = least(product(2048), 1e12);
  Case planned = product(2048);
  planned.hold_s = 10;
  EXPECT_DOUBLE_EQ(least(planned, 1e12), once + 10);
  planned = product(2048);
  planned.repeats = 100;
  EXPECT_GT(least(planned, 1e12), once + 100 * flop(planned.problem) / 1e12);
}

TEST(CaseTime, ReferencesAreAsFastAsTheLastThatTells) {
  const Problem problem = product(4096).problem;
  ReferenceRate references;
  references.learn(problem, 2);
  EXPECT_DOUBLE_EQ(references.seconds(problem), 2);

  // At hand already, and too small to tell.
  references.learn(problem, 1e-5);
  references.learn(product(8).problem, 1);
  EXPECT_DOUBLE_EQ(references.seconds(problem), 2);
}

TEST(CaseTime, WhatTookLongerThanPredictedStretchesWhatComes) {
  Slowness slowness;
  EXPECT_EQ(slowness.factor(), 1);

  slowness.learn(1, 3);
  EXPECT_DOUBLE_EQ(slowness.factor(), 3);

  // Predicted with the factor, and right.
  slowness.learn(3, 3);
  EXPECT_DOUBLE_EQ(slowness.factor(), 3);
}

TEST(CaseTime, BeingFasterThanPredictedPromisesNothing) {
  Slowness slowness;
  slowness.learn(2, 0.5);

  EXPECT_EQ(slowness.factor(), 1);
}

}  // namespace
}  // namespace gpubench
