#include "judge/expectations.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/run_document.h"
#include "unit/judge/judged_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

/// run.json of a run whose scenario has these rules.
std::string document_with(const std::string& rules) {
  RunDocument document;
  document.facts.run_id = "a";
  document.facts.scenario = "s";
  document.sessions.push_back({});
  document.resolved_scenario =
      "name: \"s\"\ncases:\n  - op: gemm\n    fill: [{file: \"gone.npy\"}]\nexpect:\n" + rules;
  return run_document_json(document);
}

TEST(JudgeExpectations, ABrokenRuleOfTheAuthorFails) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  runs.write("a/run.json",
             document_with("  - {where: {precision: fp32}, metric: rel_fro_err, at_most: 1e-8}\n"));

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), QualificationVerdict::not_qualified);
  const QualificationCheck& check = judged.check("expect rel_fro_err");
  EXPECT_EQ(check.reason, "broken_expectation");
  EXPECT_EQ(check.observed, 1e-7);
  EXPECT_EQ(check.limit_high, 1e-8);
  EXPECT_EQ(check.limit_source, "expect 1 of scenario s");
}

TEST(JudgeExpectations, AKeptRulePasses) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  runs.write("a/run.json", document_with("  - {metric: rel_fro_err, at_most: 1e-6}\n"));

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), QualificationVerdict::qualified);
  EXPECT_EQ(judged.check("expect rel_fro_err").status, CheckResult::pass);
}

TEST(JudgeExpectations, ARuleWithoutAValueLeavesTheVerdictOpen) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  runs.write("a/run.json",
             document_with("  - {where: {precision: fp16}, metric: rel_fro_err, at_most: 1}\n"));

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), QualificationVerdict::inconclusive);
  EXPECT_EQ(judged.check("expect rel_fro_err").reason, "no_value");
}

TEST(JudgeExpectations, AFailureThatIsExpectedIsNoneAndItsAbsenceIsOne) {
  const std::string rules = "  - {where: {case_id: gemm/over}, check_status: failed}\n";
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"planned_rows", "2"}}), good_row({{"case_id", "gemm/over"},
                                                                  {"status", "failed"},
                                                                  {"reason", "nan_in_output: all"},
                                                                  {"check_status", "failed"},
                                                                  {"samples", ""},
                                                                  {"time_median_s", ""},
                                                                  {"planned_rows", "2"}})});
  runs.write("a/run.json", document_with(rules));
  EXPECT_EQ(Judged(request_of(runs)).verdict(), QualificationVerdict::qualified);

  const WrittenRuns whole;
  whole.add_run("a", {good_row({{"case_id", "gemm/over"}})});
  whole.write("a/run.json", document_with(rules));
  const Judged judged(request_of(whole));
  EXPECT_EQ(judged.verdict(), QualificationVerdict::not_qualified);
  EXPECT_THAT(judged.check("expect check_status").message,
              HasSubstr("check_status is passed; expected failed"));
}

TEST(JudgeExpectations, ARuleOfTheCheckExcusesNothingThatTheCheckDoesNotExplain) {
  struct Ended {
    const char *status, *check_status, *reason;
    QualificationVerdict verdict;
  };
  for (const Ended& ended : {Ended{"device_lost", "passed", "device_lost: gone", kBad},
                             Ended{"timeout", "passed", "timeout: no answer", kBad},
                             Ended{"error", "passed", "driver_error: -4", kOpen},
                             Ended{"failed", "passed", "validation_message: a", kBad},
                             Ended{"failed", "failed", "validation_message: a", kBad},
                             Ended{"device_lost", "failed", "device_lost: gone", kBad}}) {
    const WrittenRuns runs;
    runs.add_run("a",
                 {good_row({{"planned_rows", "2"}}), good_row({{"case_id", "gemm/over"},
                                                               {"status", ended.status},
                                                               {"check_status", ended.check_status},
                                                               {"reason", ended.reason},
                                                               {"samples", ""},
                                                               {"time_median_s", ""},
                                                               {"planned_rows", "2"}})});
    runs.write("a/run.json", document_with(fmt::format(
                                 "  - {{where: {{case_id: gemm/over}}, check_status: {}}}\n",
                                 ended.check_status)));

    EXPECT_EQ(Judged(request_of(runs)).verdict(), ended.verdict) << ended.reason;
  }
}

TEST(JudgeExpectations, RulesBelongToTheRunsOfTheirScenarioAlone) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"scenario_hash", "h1"}})});
  runs.add_run("b", {good_row({{"scenario_hash", "h2"}})});
  runs.write("b/run.json", document_with("  - {metric: rel_fro_err, at_most: 1e-8}\n"));

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), QualificationVerdict::not_qualified);
  EXPECT_EQ(judged.check("expect rel_fro_err").run_id, "b");
}

TEST(JudgeExpectations, RulesThatCannotBeReadAreAnInputError) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  runs.write("a/run.json", document_with("  - {metric: rel_fro_er, at_most: 1}\n"));

  const auto judged = Judge::read(request_of(runs));

  ASSERT_FALSE(judged.ok());
  EXPECT_EQ(judged.error().kind, ErrorKind::input);
  EXPECT_THAT(judged.error().message, HasSubstr("run.json: scenario"));
}

}  // namespace
}  // namespace gpubench
