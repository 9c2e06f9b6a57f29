#include "judge/judge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <ostream>

#include "judge/checks_csv.h"
#include "judge/prometheus.h"
#include "unit/judge/judged_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

TEST(Judge, AGoodRunQualifies) {
  const Judged judged = judged_row();

  EXPECT_EQ(judged.verdict(), QualificationVerdict::qualified);
  EXPECT_EQ(judged.runs.qualification.line, "QUALIFIED: 6 of 6 checks pass");
}

/// One fact is changed; the verdict and the check that sees it follow.
struct Flip {
  const char* name;
  WrittenRow changes;
  QualificationVerdict verdict;
  const char* check;
  const char* reason;
};

void PrintTo(const Flip& flip, std::ostream* out) {
  *out << flip.name;
}

class JudgeFlip : public testing::TestWithParam<Flip> {};

TEST_P(JudgeFlip, FollowsTheFact) {
  const Flip& flip = GetParam();
  const Judged judged = judged_row(flip.changes);

  EXPECT_EQ(judged.verdict(), flip.verdict);
  EXPECT_EQ(judged.check(flip.check).reason, flip.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Facts, JudgeFlip,
    testing::Values(
        Flip{"wrong",
             {{"status", "failed"}, {"reason", "wrong_result: x"}},
             kBad,
             "correctness",
             "wrong_result"},
        Flip{"check_failed", {{"check_status", "failed"}}, kBad, "correctness", "wrong_result"},
        Flip{"lost", {{"status", "device_lost"}}, kBad, "correctness", "device_lost"},
        Flip{"error", {{"status", "error"}}, kOpen, "correctness", "error"},
        Flip{"skipped",
             {{"status", "skipped"}, {"reason", "budget"}},
             kOpen,
             "correctness",
             "budget"},
        Flip{"mistrusted",
             {{"check_status", "mistrusted"}, {"reason", "mostly_zero"}},
             kOpen,
             "correctness",
             "mostly_zero"},
        Flip{"unchecked", {{"check_status", "not_run"}}, kOpen, "correctness", "not_checked"},
        Flip{"downgraded", {{"precision_verdict", "downgraded"}}, kBad, "precision", "downgraded"},
        Flip{"declares_less", {{"declared_evidence", "fp16"}}, kBad, "precision", "declares_less"},
        Flip{"noisy", {{"timing_status", "noisy"}}, kWarned, "validity", "noisy"},
        Flip{"few", {{"samples", "3"}}, kOpen, "validity", "few_samples"},
        Flip{"suspicious",
             {{"reason", "suspicious: 3 times the peak"}},
             kOpen,
             "validity",
             "suspicious"},
        Flip{"timers", {{"reason", "timer_mismatch: 52"}}, kOpen, "validity", "timer_mismatch"},
        Flip{"unresolved",
             {{"precision_verdict", "unresolved"}},
             kWarned,
             "precision",
             "unresolved"},
        Flip{"unknown_status", {{"status", "OK"}}, kOpen, "correctness", "unknown_word"},
        Flip{"unknown_check", {{"check_status", "good"}}, kOpen, "correctness", "unknown_word"},
        Flip{"unknown_precision",
             {{"precision_verdict", "lowered"}},
             kOpen,
             "precision",
             "unknown_word"},
        Flip{"unknown_timing", {{"timing_status", "STEADY"}}, kOpen, "validity", "unknown_word"},
        Flip{"unknown_timer", {{"timer", "sundial"}}, kOpen, "validity", "unknown_word"},
        Flip{"unknown_flag", {{"api_validation", "no"}}, kOpen, "api_validation", "unknown_word"},
        Flip{"timeless", {{"time_median_s", "0"}}, kOpen, "validity", "zero_time"},
        Flip{"uncounted", {{"samples", ""}}, kOpen, "validity", "few_samples"},
        Flip{"dropped", {{"planned_rows", "2"}}, kOpen, "complete", "missing_rows"},
        Flip{"layers", {{"api_validation", "true"}}, kWarned, "api_validation", "api_validation"},
        Flip{"software", {{"device_type", "software"}}, kOpen, "real_device", "software_device"},
        Flip{"other", {{"device_type", "other"}}, kOpen, "real_device", "unknown_device_type"},
        Flip{"typeless", {{"device_type", ""}}, kOpen, "real_device", "unknown_device_type"},
        Flip{"cpu", {{"device_type", "cpu"}}, kOpen, "real_device", "unknown_device_type"},
        Flip{"integrated", {{"device_type", "integrated"}}, kGood, "real_device", ""},
        Flip{"virtual", {{"device_type", "virtual"}}, kGood, "real_device", ""},
        Flip{"throttled", {{"throttle_ratio", "0.5"}}, kWarned, "throttling", "throttled"}),
    [](const auto& flip) { return flip.param.name; });

TEST(Judge, ARunWithoutRowsIsInconclusive) {
  const WrittenRuns runs;
  runs.add_run("a", {});

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), QualificationVerdict::inconclusive);
  EXPECT_EQ(judged.check("complete").reason, "no_rows");
}

TEST(Judge, AHalfLastRowLeavesTheVerdictOpenInTablesOfEveryVersion) {
  for (const int version : {3, kSchemaVersion}) {
    const WrittenRuns runs;
    const std::string table =
        WrittenRuns::table("a", {good_row(), good_row({{"case_id", "gemm/y"}})}, version);
    runs.write("a/results.csv", table.substr(0, table.size() - 20));

    const Judged judged(request_of(runs));

    EXPECT_EQ(judged.verdict(), kOpen);
    EXPECT_EQ(judged.check("complete").reason, "half_line");
    EXPECT_THAT(judged.check("complete").message, HasSubstr("results.csv:3"));
  }
}

TEST(Judge, AnUnknownWordIsNamedWithItsPlace) {
  EXPECT_THAT(judged_row({{"precision_verdict", "lowered"}}).check("precision").message,
              HasSubstr("results.csv:2: precision_verdict is \"lowered\""));
}

TEST(Judge, NumbersThatCannotBeAreErrorsWithTheirPlace) {
  for (const auto& [column, value] :
       {std::pair("samples", "-5"), std::pair("samples", "0.5"), std::pair("samples", "1e300"),
        std::pair("planned_rows", "-1"), std::pair("time_median_s", "-0.5"),
        std::pair("bound_ratio", "-1"), std::pair("throttle_ratio", "1.5")}) {
    const WrittenRuns runs;
    runs.add_run("a", {good_row({{column, value}})});

    const auto judged = Judge::read(request_of(runs));

    ASSERT_FALSE(judged.ok()) << column << ' ' << value;
    EXPECT_EQ(judged.error().kind, ErrorKind::input);
    EXPECT_THAT(judged.error().message, HasSubstr(fmt::format("results.csv:2: {} is ", column)));
  }
}

TEST(Judge, APathThatSaysItIsLowerIsNotAccused) {
  const WrittenRuns runs;
  runs.add_run("a",
               {good_row({{"precision", "fp32_via_fp16"}, {"precision_verdict", "downgraded"}})});

  EXPECT_NE(Judged(request_of(runs)).verdict(), QualificationVerdict::not_qualified);
}

TEST(Judge, AMissingHostAndAMissingDeviceLeaveTheVerdictOpen) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  JudgeRequest request = request_of(runs);

  request.expected_hosts = {{"node1", 1}};
  const Judged all(request);
  request.expected_hosts = {{"node1", 1}, {"node2", 1}};
  const Judged host(request);
  request.expected_hosts = {{"node1", 2}};
  const Judged device(request);

  EXPECT_EQ(all.verdict(), QualificationVerdict::qualified);
  EXPECT_EQ(host.verdict(), QualificationVerdict::inconclusive);
  EXPECT_EQ(worst_checks(host.runs.qualification.checks, 1)[0]->reason, "missing_host");
  EXPECT_EQ(device.check("expected_host").reason, "missing_device");
}

TEST(Judge, DoubtfulTimesBesideGoodOnesAreAWarning) {
  for (const WrittenRow& doubt :
       {WrittenRow{{"samples", "3"}}, WrittenRow{{"reason", "suspicious: 3 times the peak"}},
        WrittenRow{{"reason", "timer_mismatch: 52"}}}) {
    WrittenRow second = doubt;
    second.emplace("case_id", "gemm/y");
    second.emplace("planned_rows", "2");
    const WrittenRuns runs;
    runs.add_run("a", {good_row({{"planned_rows", "2"}}), good_row(second)});

    EXPECT_EQ(Judged(request_of(runs)).verdict(), QualificationVerdict::qualified_with_warnings);
  }
}

TEST(Judge, ARunOfDoubtfulTimesIsNotSavedByAnotherRun) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  runs.add_run("b", {good_row({{"samples", "3"}})});

  EXPECT_EQ(Judged(request_of(runs)).verdict(), QualificationVerdict::inconclusive);
}

TEST(Judge, AnUnknownKindOfDeviceThatIsAllowedIsSaid) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"device_type", "other"}})});
  JudgeRequest request = request_of(runs);
  request.criteria.allow_software = true;

  const Judged judged(request);

  EXPECT_EQ(judged.verdict(), QualificationVerdict::qualified_with_warnings);
  EXPECT_THAT(judged.check("real_device").message, HasSubstr("as --allow-software wants"));
}

TEST(Judge, AHostWithoutADeviceHasNotShownOne) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  runs.add_run("b", {good_row({{"host", "node2"},
                               {"status", "skipped"},
                               {"reason", "no_device: none"},
                               {"check_status", "not_run"},
                               {"device_name", ""},
                               {"device_type", ""},
                               {"device_uuid", ""}})});
  JudgeRequest request = request_of(runs);
  request.expected_hosts = {{"node1", 1}, {"node2", 1}};

  const Judged judged(request);

  EXPECT_EQ(judged.verdict(), QualificationVerdict::inconclusive);
  EXPECT_EQ(worst_checks(judged.runs.qualification.checks, 1).at(0)->reason, "missing_device");
}

TEST(Judge, ACaseThatSlowsDownWhileItRunsIsSeen) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  std::string samples = "run_id,case_id,sample,gpu_s,host_s\n";
  for (int i = 0; i < 20; ++i) {
    samples += "a,gemm/x," + std::to_string(i) + "," + (i < 10 ? "0.5" : "0.6") + ",1\n";
  }
  runs.write("a/samples.csv", samples);

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), QualificationVerdict::qualified_with_warnings);
  EXPECT_NEAR(judged.check("stability").observed, 0.2, 1e-12);
}

TEST(Judge, ChecksThatPassedNeedNotBeKept) {
  const WrittenRuns runs;
  fleet(runs, "1.05");
  runs.add_run("z", {good_row({{"samples", "3"}})});
  const Judged all(request_of(runs));
  std::mutex taking;
  std::map<std::size_t, std::string> taken;

  const JudgedRuns few = all.judge.judge(KeptChecks::not_passed, [&](std::size_t run, auto checks) {
    const std::lock_guard lock(taking);
    taken[run] = check_lines(checks);
  });

  const Qualification &of_all = all.runs.qualification, &of_few = few.qualification;
  EXPECT_EQ(of_few.line, of_all.line);
  EXPECT_EQ(prometheus_text(of_few), prometheus_text(of_all));
  EXPECT_EQ(worst_checks(of_few.checks, 9).size(), worst_checks(of_all.checks, 9).size());
  EXPECT_EQ(std::ranges::count(of_few.checks, CheckResult::pass, &QualificationCheck::status), 0);
  std::string lines;
  for (const auto& [run, of_run] : taken) lines += of_run;
  EXPECT_EQ(lines, check_lines(of_all.checks));
}

}  // namespace
}  // namespace gpubench
