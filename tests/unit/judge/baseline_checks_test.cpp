#include "judge/baseline_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/judged_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

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
    const QualificationCheck& worst = *worst_checks(judged.runs.qualification.checks, 1).at(0);
    EXPECT_EQ(worst.reason, "missing_case");
    EXPECT_THAT(worst.message, HasSubstr(reason));
  }
}

}  // namespace
}  // namespace gpubench
