#include "judge/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/judged_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

TEST(Judge, LimitsJudgeTheRowsThatTheyFit) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"planned_rows", "2"}}),
                     good_row({{"planned_rows", "2"}, {"precision", "fp16"}, {"rmse", "5"}})});
  JudgeRequest request = request_of(runs);
  request.criteria = criteria_of(
      "limits:\n  - {name: drift, where: {precision: fp32}, metric: rel_fro_err, at_most: 1e-8}\n"
      "  - {name: rmse, where: {precision: [fp16, fp32_relaxed]}, metric: rmse, at_most: 9}\n");

  const Judged judged(request);

  const QualificationCheck& drift = judged.check("drift");
  EXPECT_EQ(judged.verdict(), QualificationVerdict::not_qualified);
  EXPECT_EQ(drift.reason, "above_limit");
  EXPECT_EQ(drift.observed, 1e-7);
  EXPECT_EQ(drift.limit_high, 1e-8);
  EXPECT_EQ(drift.limit_source, "c.yaml:3");
  EXPECT_EQ(drift.action, Action::triage);
  EXPECT_EQ(judged.check("rmse").status, CheckResult::pass);
}

TEST(Judge, ALimitThatFitsNothingIsAnErrorAndNoPass) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  JudgeRequest request = request_of(runs);
  request.criteria =
      criteria_of("limits:\n  - {name: d, where: {op: softmax}, metric: rmse, at_most: 1}\n");

  const auto judged = Judge::read(request);

  ASSERT_FALSE(judged.ok());
  EXPECT_EQ(judged.error().kind, ErrorKind::input);
  EXPECT_THAT(judged.error().message, HasSubstr("c.yaml:3"));
}

TEST(Judge, ARequiredLimitWithoutAValueLeavesTheVerdictOpen) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  JudgeRequest request = request_of(runs);
  request.criteria = criteria_of("limits:\n  - {name: d, metric: rmse, at_most: 1}\n");
  const Judged required(request);
  request.criteria =
      criteria_of("limits:\n  - {name: d, metric: rmse, at_most: 1, required: false}\n");
  const Judged optional(request);

  EXPECT_EQ(required.verdict(), QualificationVerdict::inconclusive);
  EXPECT_EQ(optional.verdict(), QualificationVerdict::qualified);
}

TEST(Judge, AWaiverHoldsUntilItsDay) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"planned_rows", "2"}}),
                     good_row({{"planned_rows", "2"}, {"precision_verdict", "downgraded"}})});
  JudgeRequest request = request_of(runs);
  request.criteria = criteria_of(
      "waivers:\n  - {check: precision, where: {host: node1}, reason: known, expires: "
      "2026-11-22}\n");
  const Judged held(request);
  request.today = "2026-11-23";
  const Judged expired(request);

  EXPECT_EQ(held.verdict(), QualificationVerdict::qualified_with_warnings);
  EXPECT_EQ(expired.verdict(), QualificationVerdict::not_qualified);
  EXPECT_THAT(worst_checks(expired.runs.qualification.checks, 1)[0]->message,
              HasSubstr("expired on 2026-11-22"));
}

TEST(Judge, CriteriaThatJudgeNothingAreNoted) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"rmse", "5"}})});
  JudgeRequest request = request_of(runs);
  request.criteria = criteria_of(
      "limits:\n"
      "  - {name: power, metric: power_w_mean, at_most: 1, required: false}\n"
      "  - {name: rmse, metric: rmse, at_most: 1}\n"
      "waivers:\n"
      "  - {check: rmse, reason: known, expires: 2026-12-31}\n"
      "  - {check: precision, reason: known, expires: 2026-12-31}\n"
      "  - {check: stability, reason: past, expires: 2026-01-01}\n");

  const Judged judged(request);

  EXPECT_EQ(judged.verdict(), QualificationVerdict::qualified_with_warnings);
  EXPECT_THAT(
      judged.runs.notes,
      testing::ElementsAre(HasSubstr("c.yaml:3:5: limit \"power\" judged nothing"),
                           HasSubstr("c.yaml:7:13: the waiver of \"precision\" had no effect")));
}

}  // namespace
}  // namespace gpubench
