#include "judge/checks_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/junit.h"
#include "judge/prometheus.h"
#include "unit/judge/judged_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

TEST(Judge, UnchangedFactsGiveTheSameBytes) {
  const WrittenRuns runs;
  fleet(runs, "1.05");
  const Judged first(request_of(runs));
  const Judged second(request_of(runs));

  const auto& a = first.runs.qualification;
  const auto& b = second.runs.qualification;
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

  const auto& qualification = judged.runs.qualification;
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

  const Qualification& qualification = judged.runs.qualification;
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
  EXPECT_THAT(junit_xml(judged_row().runs.qualification),
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
    const Judged judged = judged_row(changes);

    const std::string xml = junit_xml(judged.runs.qualification);
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
    const std::string line = verdict_line(verdict, tally_of(checks));
    EXPECT_LE(line.size(), 80U) << line;
  }
}

}  // namespace
}  // namespace gpubench
