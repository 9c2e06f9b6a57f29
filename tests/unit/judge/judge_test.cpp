#include "judge/judge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "judge/checks_csv.h"
#include "judge/junit.h"
#include "judge/prometheus.h"
#include "record/run_document.h"
#include "record/telemetry.h"
#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

/// A row that every built-in check passes.
WrittenRow good_row(const WrittenRow& changes = {}) {
  WrittenRow row = changes;
  row.merge(WrittenRow{{"case_id", "gemm/x"},
                       {"host", "node1"},
                       {"device_name", "GPU"},
                       {"device_type", "discrete"},
                       {"device_uuid", "u1"},
                       {"env_id", "e1"},
                       {"op", "gemm"},
                       {"precision", "fp32"},
                       {"kernel_hash", "k1"},
                       {"timer", "gpu_timestamp"},
                       {"status", "ok"},
                       {"check_status", "passed"},
                       {"precision_verdict", "confirmed"},
                       {"timing_status", "steady"},
                       {"samples", "20"},
                       {"time_median_s", "0.5"},
                       {"bound_ratio", "0.25"},
                       {"rel_fro_err", "1e-07"},
                       {"planned_rows", "1"},
                       {"api_validation", "false"}});
  return row;
}

JudgeRequest request_of(const WrittenRuns& runs) {
  JudgeRequest request;
  request.paths = {runs.path()};
  request.today = "2026-11-22";
  return request;
}

Criteria criteria_of(const std::string& text) {
  auto criteria = parse_criteria("name: c\n" + text, "c.yaml");
  EXPECT_TRUE(criteria.ok()) << criteria.error().message;
  return *criteria;
}

/// Judged, and what is asked of it afterwards.
struct Judged {
  explicit Judged(const JudgeRequest& request) : result(judge_runs(request)) {
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  }
  [[nodiscard]] QualificationVerdict verdict() const { return result->qualification.verdict; }
  [[nodiscard]] const QualificationCheck& check(std::string_view name) const {
    const auto& checks = result->qualification.checks;
    const auto found = std::find_if(checks.begin(), checks.end(),
                                    [&](const auto& check) { return check.check == name; });
    EXPECT_NE(found, checks.end()) << name;
    return found == checks.end() ? checks.front() : *found;
  }
  Result<JudgedRuns> result;
};

TEST(Judge, AGoodRunQualifies) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), QualificationVerdict::qualified);
  EXPECT_EQ(judged.result->qualification.line, "QUALIFIED: 6 of 6 checks pass");
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
  const WrittenRuns runs;
  runs.add_run("a", {good_row(flip.changes)});

  const Judged judged(request_of(runs));

  EXPECT_EQ(judged.verdict(), flip.verdict);
  EXPECT_EQ(judged.check(flip.check).reason, flip.reason);
}

constexpr auto kGood = QualificationVerdict::qualified;
constexpr auto kBad = QualificationVerdict::not_qualified;
constexpr auto kOpen = QualificationVerdict::inconclusive;
constexpr auto kWarned = QualificationVerdict::qualified_with_warnings;

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
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"precision_verdict", "lowered"}})});

  EXPECT_THAT(Judged(request_of(runs)).check("precision").message,
              HasSubstr("results.csv:2: precision_verdict is \"lowered\""));
}

TEST(Judge, NumbersThatCannotBeAreErrorsWithTheirPlace) {
  for (const auto& [column, value] :
       {std::pair("samples", "-5"), std::pair("samples", "0.5"), std::pair("samples", "1e300"),
        std::pair("planned_rows", "-1"), std::pair("time_median_s", "-0.5"),
        std::pair("bound_ratio", "-1"), std::pair("throttle_ratio", "1.5")}) {
    const WrittenRuns runs;
    runs.add_run("a", {good_row({{column, value}})});

    const auto judged = judge_runs(request_of(runs));

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
  EXPECT_EQ(worst_checks(host.result->qualification.checks, 1)[0]->reason, "missing_host");
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
  EXPECT_EQ(worst_checks(judged.result->qualification.checks, 1).at(0)->reason, "missing_device");
}

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

  const auto judged = judge_runs(request);

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
  EXPECT_THAT(worst_checks(expired.result->qualification.checks, 1)[0]->message,
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
      judged.result->notes,
      testing::ElementsAre(HasSubstr("c.yaml:3:5: limit \"power\" judged nothing"),
                           HasSubstr("c.yaml:7:13: the waiver of \"precision\" had no effect")));
}

/// Five devices; the last takes `slow_s`, the others 1, 1.001, 0.999 and 1.002 s.
std::string fleet(const WrittenRuns& runs, const char* slow_s) {
  const std::vector<std::string> times = {"1", "1.001", "0.999", "1.002", slow_s};
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string name = std::to_string(i);
    runs.add_run("run" + name, {good_row({{"host", "n" + name}, {"time_median_s", times[i]}})});
  }
  return runs.path();
}

TEST(Judge, ADeviceThatIsSlowerThanItsPeersIsFound) {
  const WrittenRuns runs;
  fleet(runs, "1.05");

  const Judged judged(request_of(runs));

  // The others: median 1.0005, MAD 0.001, so 1.05 is z = 0.6745 * 0.0495 / 0.001 = 33.
  const auto worst = worst_checks(judged.result->qualification.checks, 9);
  EXPECT_EQ(judged.verdict(), QualificationVerdict::not_qualified);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0]->reason, "slower_than_peers");
  EXPECT_EQ(worst[0]->run_id, "run4");
  EXPECT_NEAR(worst[0]->against->delta_rel, 0.0495, 1e-4);
}

/// As the program names the settings of device `number` of a rack.
std::string env_id_of(int number) {
  DeviceTraits device;
  device.name = "GPU";
  device.uuid = fmt::format("{:032x}", number);
  device.pci_address = fmt::format("0000:{:02x}:00.0", number);
  device.vendor_id = 0x10de;
  device.device_id = 0x2330;
  device.driver_version = "550.1";
  return env_id(device, {700, true});
}

TEST(Judge, DevicesOfOneModelArePeersByTheEnvIdOfTheProgram) {
  const WrittenRuns runs;
  for (int i = 0; i < 6; ++i) {
    runs.add_run(fmt::format("run{}", i),
                 {good_row({{"device_uuid", fmt::format("{:032x}", i)},
                            {"env_id", env_id_of(i)},
                            {"time_median_s", fmt::format("{}", i == 4 ? 1.3 : 1 + 0.001 * i)}})});
  }

  const Judged judged(request_of(runs));

  const auto worst = worst_checks(judged.result->qualification.checks, 9);
  EXPECT_EQ(judged.verdict(), QualificationVerdict::not_qualified);
  ASSERT_EQ(worst.size(), 1U);
  EXPECT_EQ(worst[0]->reason, "slower_than_peers");
  EXPECT_EQ(worst[0]->run_id, "run4");
}

TEST(Judge, PeersThatDifferByLessThanAnybodyCaresForPass) {
  const WrittenRuns runs;
  fleet(runs, "1.015");

  EXPECT_EQ(Judged(request_of(runs)).verdict(), QualificationVerdict::qualified);
}

/// The definition, device by device, beside what is computed for all of them at once.
TEST(Judge, PeersAreHeldToTheMedianOfTheOthers) {
  const WrittenRuns runs;
  std::vector<double> times;
  for (int i = 0; i < 24; ++i) times.push_back(1 + 0.001 * (i * 7 % 11));
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string name = std::to_string(100 + i);
    runs.add_run(name,
                 {good_row({{"host", name}, {"time_median_s", fmt::format("{}", times[i])}})});
  }

  const Judged judged(request_of(runs));

  for (std::size_t i = 0; i < times.size(); ++i) {
    std::vector<double> others = times;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    std::sort(others.begin(), others.end());
    const auto& checks = judged.result->qualification.checks;
    const auto found = std::find_if(checks.begin(), checks.end(), [&](const auto& check) {
      return check.check == "peers" && check.run_id == std::to_string(100 + i);
    });
    ASSERT_NE(found, checks.end());
    EXPECT_DOUBLE_EQ(found->against->value, others[11]) << i;
  }
}

TEST(Judge, OtherSettingsAreNoPeers) {
  const WrittenRuns runs;
  fleet(runs, "1.05");
  runs.add_run("run4", {good_row({{"host", "n4"}, {"time_median_s", "1.05"}, {"env_id", "e2"}})});

  EXPECT_EQ(Judged(request_of(runs)).verdict(), QualificationVerdict::qualified);
}

/// Ten medians about 0.5 s; `provisional` by its maker's choice.
Baseline baseline_of(bool provisional) {
  BaselineSeries series;
  series.case_id = "gemm/x";
  series.device_name = "GPU";
  series.kernel_hash = "k1";
  series.timer = "gpu_timestamp";
  for (int i = 0; i < 10; ++i) series.medians_s.push_back(0.5 + 0.0002 * (i - 5));
  series.median_s = 0.5;
  series.spread = 0.002;
  series.floor_rel = 0.004;
  series.sessions = 5;
  Baseline baseline;
  baseline.content_hash = "b1";
  baseline.provisional = provisional;
  baseline.series.emplace(std::pair(series.case_id, series.device_name), series);
  return baseline;
}

JudgeRequest with_baseline(const WrittenRuns& runs, bool provisional) {
  JudgeRequest request = request_of(runs);
  request.baseline = baseline_of(provisional);
  return request;
}

TEST(Judge, SlowerThanTheBaselineFailsUnlessItIsProvisional) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row({{"time_median_s", "0.55"}})});

  const Judged firm(with_baseline(runs, false));
  const Judged provisional(with_baseline(runs, true));

  EXPECT_EQ(firm.verdict(), QualificationVerdict::not_qualified);
  EXPECT_EQ(firm.check("baseline").reason, "slower");
  EXPECT_NEAR(firm.check("baseline").against->delta_rel, 0.1, 1e-3);
  EXPECT_EQ(provisional.verdict(), QualificationVerdict::qualified_with_warnings);
}

TEST(Judge, AsFastAsTheBaselineOrFasterPasses) {
  for (const char* time : {"0.5", "0.505", "0.3"}) {
    const WrittenRuns runs;
    runs.add_run("a", {good_row({{"time_median_s", time}})});

    EXPECT_EQ(Judged(with_baseline(runs, false)).verdict(), QualificationVerdict::qualified)
        << time;
  }
}

TEST(Judge, WhatTheBaselineCannotSpeakOfLeavesTheVerdictOpen) {
  for (const WrittenRow& changes :
       {WrittenRow{{"case_id", "gemm/other"}}, WrittenRow{{"device_name", "another GPU"}},
        WrittenRow{{"kernel_hash", "k2"}}, WrittenRow{{"fill", "uniform"}}}) {
    const WrittenRuns runs;
    runs.add_run("a", {good_row(changes)});

    EXPECT_EQ(Judged(with_baseline(runs, false)).verdict(), QualificationVerdict::inconclusive);
  }
}

TEST(Judge, ACaseThatTheBaselineKnowsAndNoRunHasIsMissed) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});
  JudgeRequest request = with_baseline(runs, false);
  BaselineSeries dropped = request.baseline->series.begin()->second;
  dropped.case_id = "gemm/dropped";
  request.baseline->series.emplace(std::pair(dropped.case_id, dropped.device_name), dropped);

  const Judged judged(request);

  EXPECT_EQ(judged.verdict(), QualificationVerdict::inconclusive);
  EXPECT_EQ(judged.check("baseline").reason, "missing_case");
}

TEST(Judge, ACaseThatTheBaselineKnowsAndThatIsLeftOutHereIsMissed) {
  for (const auto& [status, reason] :
       {std::pair("unsupported", "unsupported_feature: shaderFloat16"),
        std::pair("skipped", "budget: 9 s")}) {
    const WrittenRuns runs;
    runs.add_run("a", {good_row({{"case_id", "gemm/y"}, {"planned_rows", "2"}}),
                       good_row({{"status", status},
                                 {"reason", reason},
                                 {"check_status", "not_run"},
                                 {"samples", ""},
                                 {"time_median_s", ""},
                                 {"planned_rows", "2"}})});
    JudgeRequest request = with_baseline(runs, false);
    BaselineSeries other = request.baseline->series.begin()->second;
    other.case_id = "gemm/y";
    request.baseline->series.emplace(std::pair(other.case_id, other.device_name), other);

    const Judged judged(request);

    EXPECT_EQ(judged.verdict(), QualificationVerdict::inconclusive);
    const QualificationCheck& worst = *worst_checks(judged.result->qualification.checks, 1).at(0);
    EXPECT_EQ(worst.reason, "missing_case");
    EXPECT_THAT(worst.message, HasSubstr(reason));
  }
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

TEST(Judge, UnchangedFactsGiveTheSameBytes) {
  const WrittenRuns runs;
  fleet(runs, "1.05");
  const Judged first(request_of(runs));
  const Judged second(request_of(runs));

  const auto& a = first.result->qualification;
  const auto& b = second.result->qualification;
  EXPECT_EQ(check_lines(a.checks), check_lines(b.checks));
  EXPECT_EQ(junit_xml(a), junit_xml(b));
  EXPECT_EQ(prometheus_text(a), prometheus_text(b));
}

TEST(Judge, ForeignTextStaysTextInEveryFormat) {
  const WrittenRuns runs;
  runs.add_run("=1+1", {good_row({{"case_id", "<a&\"b\\"},
                                  {"status", "failed"},
                                  {"reason", "wrong_result: <script>\x01"}})});

  const Judged judged(request_of(runs));

  const auto& qualification = judged.result->qualification;
  EXPECT_THAT(check_lines(qualification.checks), HasSubstr("2,'=1+1,\"<a&\"\"b\\\","));
  EXPECT_THAT(junit_xml(qualification), HasSubstr("&lt;a&amp;&quot;b\\"));
  EXPECT_THAT(junit_xml(qualification), HasSubstr("&lt;script&gt; \""));
  EXPECT_THAT(prometheus_text(qualification), HasSubstr("case_id=\"<a&\\\"b\\\\\""));
}

/// Two GPUs of one name in one run; the second gives a wrong result.
std::vector<WrittenRow> two_devices() {
  return {good_row({{"planned_rows", "2"}, {"pci_address", "0000:17:00.0"}}),
          good_row({{"planned_rows", "2"},
                    {"pci_address", "0000:81:00.0"},
                    {"device_uuid", "u2"},
                    {"status", "failed"},
                    {"check_status", "failed"},
                    {"reason", "wrong_result: x"},
                    {"samples", ""},
                    {"time_median_s", ""}})};
}

TEST(Judge, EveryFormatNamesTheOneDeviceThatFailed) {
  const WrittenRuns runs;
  runs.add_run("a", two_devices());

  const Judged judged(request_of(runs));

  const Qualification& qualification = judged.result->qualification;
  const QualificationCheck& worst = *worst_checks(qualification.checks, 1).at(0);
  EXPECT_EQ(worst.device_uuid, "u2");
  EXPECT_THAT(check_lines(std::span(&worst, 1)), HasSubstr(",GPU,u2,0000:81:00.0\n"));
  EXPECT_THAT(prometheus_text(qualification),
              HasSubstr("device=\"GPU\",device_uuid=\"u2\",pci_address=\"0000:81:00.0\""));
  EXPECT_THAT(junit_xml(qualification),
              HasSubstr("classname=\"gemm/x on 0000:81:00.0\" name=\"correctness\">\n"
                        "      <failure"));
  EXPECT_THAT(junit_xml(qualification),
              HasSubstr("classname=\"gemm/x on 0000:17:00.0\" name=\"correctness\"/>"));
}

TEST(Judge, TestsOfARunOnOneDeviceKeepTheirNamesOnAnother) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row()});

  EXPECT_THAT(junit_xml(Judged(request_of(runs)).result->qualification),
              HasSubstr("classname=\"gemm/x\" name=\"correctness\"/>"));
}

TEST(Judge, JUnitHasAnErrorExactlyWhereTheVerdictIsOpen) {
  const std::vector<std::pair<WrittenRow, QualificationVerdict>> cases = {
      {{}, kGood},
      {{{"precision_verdict", "unresolved"}}, kWarned},
      {{{"timing_status", "noisy"}}, kWarned},
      {{{"status", "skipped"}, {"check_status", "not_run"}, {"time_median_s", ""}}, kOpen},
      {{{"samples", "3"}}, kOpen},
      {{{"device_type", "software"}}, kOpen},
      {{{"check_status", "failed"}}, kBad}};
  for (const auto& [changes, verdict] : cases) {
    const WrittenRuns runs;
    runs.add_run("a", {good_row(changes)});

    const Judged judged(request_of(runs));

    const std::string xml = junit_xml(judged.result->qualification);
    EXPECT_EQ(judged.verdict(), verdict);
    EXPECT_EQ(xml.find("<error") != std::string::npos, verdict == kOpen) << xml;
    EXPECT_EQ(xml.find("<failure") != std::string::npos, verdict == kBad) << xml;
  }
}

TEST(Judge, VerdictLinesFitEightyColumns) {
  std::vector<QualificationCheck> checks;
  for (const CheckResult status :
       {CheckResult::pass, CheckResult::warn, CheckResult::fail, CheckResult::skip,
        CheckResult::inconclusive, CheckResult::error, CheckResult::waived}) {
    checks.resize(checks.size() + 123'456);
    std::for_each(checks.end() - 123'456, checks.end(),
                  [&](auto& check) { check.status = status; });
  }
  for (const auto verdict : {QualificationVerdict::qualified_with_warnings, kOpen, kBad}) {
    EXPECT_LE(verdict_line(verdict, checks).size(), 80U) << verdict_line(verdict, checks);
  }
}

TEST(ExpectedHosts, CountsCommentsAndBlanksAreRead) {
  const auto hosts = parse_expected_hosts("# rack 1\nnode1\n\n  node2 8 # all of them\n", "h.txt");

  ASSERT_TRUE(hosts.ok()) << hosts.error().message;
  ASSERT_EQ(hosts->size(), 2U);
  EXPECT_EQ((*hosts)[1].name, "node2");
  EXPECT_EQ((*hosts)[1].devices, 8U);
}

TEST(ExpectedHosts, WhatIsNoHostIsAnErrorWithItsLine) {
  for (const char* text : {"ok\nnode x\n", "ok\nnode 0\n", "ok\na b c\n", "ok\nok\n"}) {
    const auto hosts = parse_expected_hosts(text, "h.txt");
    ASSERT_FALSE(hosts.ok()) << text;
    EXPECT_THAT(hosts.error().message, HasSubstr("h.txt:2:"));
  }
  EXPECT_FALSE(parse_expected_hosts("# none\n", "h.txt").ok());
}

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

  const auto judged = judge_runs(request_of(runs));

  ASSERT_FALSE(judged.ok());
  EXPECT_EQ(judged.error().kind, ErrorKind::input);
  EXPECT_THAT(judged.error().message, HasSubstr("run.json: scenario"));
}

}  // namespace
}  // namespace gpubench
