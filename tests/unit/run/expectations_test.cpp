// Rules of a scenario's author, held against a results.csv as it lies on disk.
#include "run/expectations.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <utility>

#include "record/columns.h"
#include "unit/record/sample_rows.h"

namespace gpubench {
namespace {

using record_tests::run_facts;
using record_tests::ScratchFolder;
using record_tests::skipped_row;
using record_tests::timed_row;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Expectations : public ::testing::Test {
 protected:
  std::vector<FailedExpectation> judge(const std::vector<ExpectRule>& rules,
                                       const std::vector<Row>& rows) {
    const std::string path = folder_.path("results.csv");
    std::string content = results_header();
    for (const Row& row : rows) content += results_line(row);
    record_tests::put(path, content);
    const auto results = ResultsTable::read(path);
    EXPECT_TRUE(results) << results.error().message;
    expected_ = expected_rows(rules, *results);
    return failed_expectations(rules, *results);
  }
  std::vector<bool> expected(const std::vector<ExpectRule>& rules, const std::vector<Row>& rows) {
    judge(rules, rows);
    return expected_;
  }

  /// A passed and timed case with this error.
  Row row_with(const std::string& case_id, double rel_fro_err) const {
    Row row = timed_row(facts_, case_id);
    row.check->metrics.rel_fro_err = rel_fro_err;
    return row;
  }
  /// Its output was wrong: compared, so it has an error, but no time.
  Row failed_row(const std::string& case_id, double rel_fro_err) const {
    Row row = row_with(case_id, rel_fro_err);
    row.status = RowStatus::failed;
    row.check->status = CheckStatus::failed;
    row.series.reset();
    row.timing.reset();
    return row;
  }
  /// It ended before anything was compared.
  Row lost_row(const std::string& case_id) const {
    Row row = skipped_row(facts_, case_id);
    row.status = RowStatus::device_lost;
    row.reason = Reason{"device_lost", "gone"};
    return row;
  }

  const RunFacts facts_ = run_facts();

 private:
  ScratchFolder folder_;
  std::vector<bool> expected_;
};

ExpectRule at_most(const std::string& metric, double limit) {
  ExpectRule rule;
  rule.place = {"s.yaml", 7, 5};
  rule.metric = metric;
  rule.at_most = limit;
  return rule;
}

ExpectRule at_least(const std::string& metric, double limit) {
  ExpectRule rule = at_most(metric, limit);
  std::swap(rule.at_most, rule.at_least);
  return rule;
}

std::vector<std::string> case_ids(const std::vector<FailedExpectation>& failed) {
  std::vector<std::string> ids;
  for (const FailedExpectation& each : failed) ids.push_back(each.case_id);
  return ids;
}

void expect_not_judged(const std::vector<FailedExpectation>& failed) {
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].outcome, ExpectationOutcome::not_judged);
  EXPECT_EQ(failed[0].case_id, "");
  EXPECT_EQ(failed[0].observed, "no row that it speaks of has this value");
}

TEST_F(Expectations, NoRulesFailNothing) {
  EXPECT_THAT(judge({}, {row_with("gemm/a", 1.0), lost_row("gemm/b")}), IsEmpty());
}

TEST_F(Expectations, LimitsThemselvesAreAllowedAndNothingBeyond) {
  struct Try {
    std::optional<double> at_least, at_most;
    double value;
    bool holds;
  };
  const double above = std::nextafter(0.5, 1.0), below = std::nextafter(0.5, 0.0);
  const Try tries[] = {
      {{}, 0.5, 0.5, true},     {{}, 0.5, above, false},  {{}, 0.5, below, true},
      {0.5, {}, 0.5, true},     {0.5, {}, below, false},  {0.5, {}, above, true},
      {0.5, 0.5, 0.5, true},    {0.5, 0.5, below, false}, {0.5, 0.5, above, false},
      {0.25, 0.5, 0.375, true}, {0.25, 0.5, 0.2, false},  {0.25, 0.5, 0.6, false},
      {{}, 0.0, 0.0, true},     {{}, 0.0, 5e-324, false}, {-1.0, {}, 0.0, true},
  };
  for (const Try& each : tries) {
    ExpectRule rule = at_most("rel_fro_err", 0);
    rule.at_most = each.at_most;
    rule.at_least = each.at_least;

    const auto failed = judge({rule}, {row_with("gemm/a", each.value)});

    EXPECT_EQ(failed.empty(), each.holds) << (failed.empty() ? "" : failed[0].rule) << each.value;
    for (const auto& one : failed) EXPECT_EQ(one.outcome, ExpectationOutcome::broken);
  }
}

TEST_F(Expectations, BrokenRuleSaysWhichCaseWhichRuleWhereAndWhatWasSeen) {
  ExpectRule rule = at_most("rel_fro_err", 0.125);
  rule.where = {{"precision", "fp32"}, {"m", "64"}};

  const auto failed = judge({rule}, {row_with("gemm/a", 0.25)});

  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].outcome, ExpectationOutcome::broken);
  EXPECT_EQ(failed[0].case_id, "gemm/a");
  EXPECT_EQ(failed[0].rule, "rel_fro_err at most 0.125 where precision=fp32, m=64");
  EXPECT_EQ(failed[0].observed, "0.25");
  EXPECT_EQ(failed[0].place.file, "s.yaml");
  EXPECT_EQ(failed[0].place.line, 7);
  EXPECT_EQ(failed[0].place.column, 5);
}

TEST_F(Expectations, RuleIsPutInWordsWithTheBoundsThatItHas) {
  ExpectRule range = at_most("rel_fro_err", 0.5);
  range.at_least = 0.25;

  EXPECT_EQ(judge({at_least("rel_fro_err", 2)}, {row_with("a", 1)}).at(0).rule,
            "rel_fro_err at least 2");
  EXPECT_EQ(judge({at_most("rel_fro_err", -2)}, {row_with("a", 1)}).at(0).rule,
            "rel_fro_err at most -2");
  EXPECT_EQ(judge({range}, {row_with("a", 1)}).at(0).rule, "rel_fro_err at least 0.25 at most 0.5");
}

// The row took 2·64·32·16 FLOP in a median of 0.5 ms: 131072000 FLOP/s.
TEST_F(Expectations, SpeedsAndTimesAreJudgedLikeErrors) {
  const std::vector<Row> rows{timed_row(facts_)};

  EXPECT_THAT(judge({at_least("throughput_flops", 131072000)}, rows), IsEmpty());
  EXPECT_THAT(judge({at_most("time_median_s", 0.0005)}, rows), IsEmpty());
  EXPECT_EQ(judge({at_least("throughput_flops", 131072001)}, rows).at(0).observed, "131072000");
  EXPECT_EQ(judge({at_most("time_median_s", 0.0004)}, rows).at(0).observed, "5e-04");
}

TEST_F(Expectations, EveryBrokenRowIsNamedRuleAfterRule) {
  const std::vector<Row> rows{row_with("a", 0.3), row_with("b", 0.1), row_with("c", 0.2)};

  const auto failed = judge({at_most("rel_fro_err", 0.15), at_least("rel_fro_err", 0.15)}, rows);

  EXPECT_THAT(case_ids(failed), ElementsAre("a", "c", "b"));
}

TEST_F(Expectations, RuleSpeaksOfRowsThatMeetAllItsConditions) {
  Row half = row_with("half", 0.5), half_softmax = row_with("half softmax", 0.5);
  half.planned.precision = half_softmax.planned.precision = Precision::fp16;
  half_softmax.planned.problem.op = Op::softmax;
  const std::vector<Row> rows{row_with("full", 0.5), half, half_softmax};
  ExpectRule rule = at_most("rel_fro_err", 0.1);

  EXPECT_THAT(case_ids(judge({rule}, rows)), ElementsAre("full", "half", "half softmax"));
  rule.where = {{"precision", "fp16"}};
  EXPECT_THAT(case_ids(judge({rule}, rows)), ElementsAre("half", "half softmax"));
  rule.where = {{"precision", "fp16"}, {"op", "softmax"}};
  EXPECT_THAT(case_ids(judge({rule}, rows)), ElementsAre("half softmax"));
}

TEST_F(Expectations, ConditionIsTheWholeTextOfTheCell) {
  const std::vector<Row> rows{row_with("gemm/a", 0.5)};
  ExpectRule rule = at_most("rel_fro_err", 0.1);

  for (const char* not_m : {"6", "640", "64.0", " 64", "", "*"}) {
    SCOPED_TRACE(not_m);
    rule.where = {{"m", not_m}};
    expect_not_judged(judge({rule}, rows));
  }
  rule.where = {{"precision", "FP32"}};
  expect_not_judged(judge({rule}, rows));
  rule.where = {{"reason", ""}};
  EXPECT_THAT(case_ids(judge({rule}, rows)), ElementsAre("gemm/a"));
}

TEST_F(Expectations, ConditionOnTextWithCommasAndQuotesIsMet) {
  Row row = row_with("gemm/a", 0.5);
  row.device.name = "Card, \"fast\" one";
  ExpectRule rule = at_most("rel_fro_err", 0.1);
  rule.where = {{"device_name", row.device.name}};

  EXPECT_THAT(case_ids(judge({rule}, {row})), ElementsAre("gemm/a"));
}

TEST_F(Expectations, RuleWithoutRowsIsNotJudgedAndKeepsItsPlace) {
  ExpectRule rule = at_least("throughput_flops", 1e12);
  rule.where = {{"precision", "fp16"}};

  const auto failed = judge({rule}, {timed_row(facts_)});

  expect_not_judged(failed);
  EXPECT_EQ(failed.at(0).rule,
            "throughput_flops at least 1e+12"
            " where precision=fp16");
  EXPECT_EQ(failed.at(0).place.line, 7);
}

TEST_F(Expectations, EmptyRunJudgesNoRule) {
  const auto failed = judge({at_most("rel_fro_err", 1), at_least("rel_fro_err", 0)}, {});

  ASSERT_EQ(failed.size(), 2U);
  for (const auto& each : failed) EXPECT_EQ(each.outcome, ExpectationOutcome::not_judged);
}

// 0 would meet the one and break the other: what is not there must do neither.
TEST_F(Expectations, SkippedAndLostRowsHaveNoValue) {
  const std::vector<Row> rows{skipped_row(facts_, "a"), lost_row("b")};

  for (const char* metric : {"rel_fro_err", "time_median_s", "throughput_flops"}) {
    SCOPED_TRACE(metric);
    expect_not_judged(judge({at_most(metric, 1)}, rows));
    expect_not_judged(judge({at_least(metric, 1)}, rows));
  }
}

TEST_F(Expectations, FailedRowsHaveAnErrorButNoSpeed) {
  const std::vector<Row> rows{failed_row("wrong", 0.5)};

  EXPECT_THAT(case_ids(judge({at_most("rel_fro_err", 0.1)}, rows)), ElementsAre("wrong"));
  EXPECT_THAT(judge({at_most("rel_fro_err", 0.5)}, rows), IsEmpty());
  expect_not_judged(judge({at_least("throughput_flops", 1)}, rows));
}

TEST_F(Expectations, OneRowWithTheValueIsEnoughToJudge) {
  const std::vector<Row> rows{skipped_row(facts_, "skipped"), row_with("ran", 0.25),
                              failed_row("wrong", 0.75)};

  EXPECT_THAT(judge({at_least("throughput_flops", 1)}, rows), IsEmpty());
  const auto failed = judge({at_most("rel_fro_err", 0.5)}, rows);
  ASSERT_THAT(case_ids(failed), ElementsAre("wrong"));
  EXPECT_EQ(failed[0].outcome, ExpectationOutcome::broken);
}

TEST_F(Expectations, BrokenRuleIsNotCalledUnjudgedAsWell) {
  const auto failed =
      judge({at_most("rel_fro_err", 0.5)}, {row_with("a", 0.75), skipped_row(facts_, "skipped")});

  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].outcome, ExpectationOutcome::broken);
}

TEST_F(Expectations, NumbersThatAreNoneMeetNothing) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInf = std::numeric_limits<double>::infinity();

  for (const double value : {kNaN, kInf, -kInf}) {
    SCOPED_TRACE(value);
    const std::vector<Row> rows{row_with("gemm/a", value)};
    expect_not_judged(judge({at_most("rel_fro_err", 1)}, rows));
    expect_not_judged(judge({at_least("rel_fro_err", 0)}, rows));
  }
}

TEST_F(Expectations, RulesAreJudgedApart) {
  ExpectRule nobody = at_most("rel_fro_err", 1);
  nobody.where = {{"op", "softmax"}};
  const std::vector<ExpectRule> rules{at_most("rel_fro_err", 1), nobody,
                                      at_most("rel_fro_err", 0.1)};

  const auto failed = judge(rules, {row_with("gemm/a", 0.5)});

  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].outcome, ExpectationOutcome::not_judged);
  EXPECT_EQ(failed[1].outcome, ExpectationOutcome::broken);
  EXPECT_EQ(failed[1].rule, "rel_fro_err at most 0.1");
}

ExpectRule status_is(const std::string& status) {
  ExpectRule rule;
  rule.place = {"s.yaml", 9, 5};
  rule.check_status = status;
  return rule;
}

TEST_F(Expectations, ExpectedFailureIsNoBadNewsAndItsAbsenceIs) {
  const std::vector<Row> rows = {failed_row("a", 0.5), row_with("b", 1e-7), lost_row("c")};

  const auto failed = judge({status_is("failed")}, rows);

  ASSERT_THAT(case_ids(failed), ElementsAre("b"));
  EXPECT_EQ(failed[0].outcome, ExpectationOutcome::broken);
  EXPECT_EQ(failed[0].rule, "check_status failed");
  EXPECT_EQ(failed[0].observed, "passed");
  EXPECT_THAT(expected({status_is("failed")}, rows), ElementsAre(true, false, false));
}

TEST_F(Expectations, OnlyRulesOnStatusExpectAnEnd) {
  EXPECT_THAT(expected({at_most("rel_fro_err", 1)}, {failed_row("a", 0.5)}), ElementsAre(false));
}

TEST_F(Expectations, StatusOfRowsThatWereNotComparedIsNotJudged) {
  expect_not_judged(judge({status_is("failed")}, {lost_row("a")}));
}

}  // namespace
}  // namespace gpubench
