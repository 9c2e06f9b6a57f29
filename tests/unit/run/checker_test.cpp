#include "run/checker.h"

#include <gtest/gtest.h>

#include <vector>

namespace gpubench {
namespace {

Case product(Precision precision) {
  Case planned;
  planned.problem.shape = {96, 130, 200, 1};
  planned.precision = precision;
  return planned;
}

std::vector<float> right_answer(const Case& planned) {
  const auto reference = compute_reference(planned.problem, storage(planned.precision));
  EXPECT_TRUE(reference);
  const auto values = reference->values.span();
  return {values.begin(), values.end()};
}

CheckStatus judged(Checker& checker, const std::vector<float>& output) {
  OutputView view;
  view.f32 = output;
  return checker.judge(view, nullptr).check.status;
}

class CheckerCoverage : public testing::TestWithParam<Coverage> {};

TEST_P(CheckerCoverage, OneWrongElementAnywhereIsFound) {
  const Case planned = product(Precision::fp32);
  Checker checker;
  ASSERT_TRUE(checker.prepare(planned, GetParam()));
  const std::vector<float> right = right_answer(planned);

  EXPECT_EQ(judged(checker, right), CheckStatus::passed);
  for (const std::size_t element : {std::size_t{0}, right.size() / 2 + 7, right.size() - 1}) {
    std::vector<float> wrong = right;
    wrong[element] += 1;
    EXPECT_EQ(judged(checker, wrong), CheckStatus::failed) << element;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, CheckerCoverage,
                         testing::Values(Coverage::whole, Coverage::sampled));

TEST(Checker, ASampledReferenceIsNotTakenForAWholeOne) {
  const Case planned = product(Precision::fp32);
  Checker checker;
  ASSERT_TRUE(checker.prepare(planned, Coverage::sampled));
  ASSERT_TRUE(checker.prepare(planned));

  OutputView view;
  const std::vector<float> right = right_answer(planned);
  view.f32 = right;
  EXPECT_TRUE(checker.judge(view, nullptr).check.coverage.starts_with("full"));
}

}  // namespace
}  // namespace gpubench
