#include "pages/dashboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "pages/dashboard_data.h"
#include "pages/files.h"
#include "pages/packed.h"
#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

WrittenRow row(const std::string& case_id, const std::string& seconds) {
  return {{"case_id", case_id},
          {"device_name", "Card"},
          {"host", "node"},
          {"op", "gemm"},
          {"precision", "fp32"},
          {"status", "ok"},
          {"m", "64"},
          {"n", "64"},
          {"k", "64"},
          {"batch", "1"},
          {"flop", "524288"},
          {"check_status", "passed"},
          {"started_at", "2026-01-01T00:00:00Z"},
          {"time_median_s", seconds}};
}

Result<DashboardInput> input_of(const WrittenRuns& runs, const std::string& annotations = "") {
  return read_dashboard_input({{runs.path()}, annotations, ""});
}

std::string error_of(const WrittenRuns& runs, const std::string& annotations) {
  const auto input = input_of(runs, annotations);
  return input.ok() ? "no error" : input.error().message;
}

DashboardData data_of(const WrittenRuns& runs) {
  const auto input = input_of(runs);
  EXPECT_TRUE(input.ok()) << input.error().message;
  return dashboard_data(input->history);
}

TEST(DashboardData, RowsStandBySeriesAndThenByTime) {
  const WrittenRuns runs;
  runs.add_run("20260101T000000Z-a", {row("one", "1"), row("two", "2")});
  runs.add_run("20260102T000000Z-b", {row("two", "3"), row("one", "4")});

  const DashboardData data = data_of(runs);

  ASSERT_EQ(data.series.size(), 2U);
  EXPECT_EQ(data.series[0].case_id, "one");
  EXPECT_EQ(data.series[1].first, 2U);
  EXPECT_THAT(data.seconds, ElementsAre(1, 4, 2, 3));
  EXPECT_THAT(data.run, ElementsAre(0, 1, 0, 1));
}

TEST(DashboardData, ADriverIsNoNewSeriesButAHostIs) {
  const WrittenRuns runs;
  WrittenRow newer = row("one", "1"), elsewhere = row("one", "1");
  newer["driver_info"] = "550";
  elsewhere["host"] = "other";
  runs.add_run("a", {row("one", "1")});
  runs.add_run("b", {newer});
  runs.add_run("c", {elsewhere});

  const DashboardData data = data_of(runs);

  EXPECT_EQ(data.series.size(), 2U);
  EXPECT_THAT(data.facts, ElementsAre(0, 1, 0));
}

TEST(DashboardData, AFailureIsMarkedWhereItBegins) {
  const WrittenRuns runs;
  WrittenRow failed = row("one", "");
  failed["status"] = "failed";
  runs.add_run("a", {row("one", "1")});
  runs.add_run("b", {failed});
  runs.add_run("c", {failed});
  runs.add_run("d", {row("one", "1")});

  const DashboardData data = data_of(runs);

  ASSERT_EQ(data.changes.size(), 1U);
  EXPECT_EQ(data.changes[0].row, 1U);
  EXPECT_EQ(data.changes[0].kind, ChangeKind::worse_status);
  EXPECT_TRUE(std::isnan(data.seconds[1]));
}

TEST(DashboardData, PrecisionIsLostWhereJudgeSaysSo) {
  const auto changes_of = [](const WrittenRow& changed) {
    const WrittenRuns runs;
    WrittenRow later = row("one", "1");
    for (const auto& [column, value] : changed) later[column] = value;
    runs.add_run("a", {row("one", "1")});
    runs.add_run("b", {later});
    return data_of(runs);
  };

  for (const char* verdict : {"downgraded", "wrong", "nondeterministic"}) {
    const DashboardData data = changes_of({{"precision_verdict", verdict}});
    ASSERT_EQ(data.changes.size(), 1U) << verdict;
    EXPECT_EQ(data.changes[0].kind, ChangeKind::worse_precision);
    EXPECT_THAT(data.state_computes_less, ElementsAre(false, true));
  }
  EXPECT_EQ(changes_of({{"declared_evidence", "relaxed"}}).changes.size(), 1U);
  // It computes in FP16, and says so.
  EXPECT_TRUE(changes_of({{"precision", "fp32_via_fp16"}, {"precision_verdict", "downgraded"}})
                  .changes.empty());
}

TEST(DashboardData, AskedForColumnsAreThoseOfTheContract) {
  for (const std::string_view name : dashboard_columns()) {
    EXPECT_TRUE(is_number_column(name).has_value()) << name;
  }
}

// RFC 4648, section 10.
TEST(Packed, IsBase64) {
  const std::string text = "foobar";
  const auto bytes = std::as_bytes(std::span(text));

  EXPECT_EQ(base64({}), "");
  EXPECT_EQ(base64(bytes.first(1)), "Zg==");
  EXPECT_EQ(base64(bytes.first(5)), "Zm9vYmE=");
  EXPECT_EQ(base64(bytes), "Zm9vYmFy");
}

TEST(Packed, PartsOfLargeColumnsMeetWithoutPadding) {
  const std::vector<std::byte> zeros((3 << 20) + 3);

  EXPECT_EQ(base64(zeros), std::string(4 * (1 << 20) + 4, 'A'));
}

TEST(Dashboard, TextsOfFilesCannotLeaveTheirElement) {
  const WrittenRuns runs;
  WrittenRow planted = row("</script><script>alert(1)</script>", "1");
  planted["device_name"] = "<!-- <script>";
  runs.add_run("a", {planted});

  const auto input = input_of(runs);
  ASSERT_TRUE(input.ok());
  const std::string page = dashboard_page(*input);

  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<!--")));
  EXPECT_THAT(page, HasSubstr("\\u003c!-- \\u003cscript\\u003e"));
}

TEST(Dashboard, WhatIsInlinedCannotEndItsElement) {
  for (const char* script : {"dashboard.js", "dashboard_data.js"}) {
    EXPECT_EQ(page_file(script).find("</script"), std::string_view::npos) << script;
  }
}

TEST(Annotations, ADayOrAMoment) {
  const WrittenRuns runs;
  runs.add_run("a", {row("one", "1")});
  runs.write("annotations.csv", "date,text\n1970-01-02,day\n1970-01-01T00:01:00Z,\"a, moment\"\n");

  const auto input = input_of(runs);

  ASSERT_TRUE(input.ok()) << input.error().message;
  ASSERT_EQ(input->annotations.size(), 2U);
  EXPECT_EQ(input->annotations[0].at_s, 86400);
  EXPECT_EQ(input->annotations[1].at_s, 60);
  EXPECT_EQ(input->annotations[1].text, "a, moment");
}

TEST(Annotations, WhatIsNoDateIsNamedWithItsLine) {
  const WrittenRuns runs;
  runs.add_run("a", {row("one", "1")});

  EXPECT_THAT(error_of(runs, runs.write("x.csv", "date,text\n2026-02-30,no such day\n")),
              HasSubstr("x.csv:2: \"2026-02-30\" is no date; expected one such as 2026-11-21"));
  EXPECT_THAT(error_of(runs, runs.write("y.csv", "day,text\n")),
              HasSubstr("y.csv:1: expected the columns date and text"));
  EXPECT_THAT(error_of(runs, runs.path("z.csv")), HasSubstr("z.csv"));
}

}  // namespace
}  // namespace gpubench
