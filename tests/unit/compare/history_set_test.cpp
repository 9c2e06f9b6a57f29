#include "compare/history_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

WrittenRow row(const WrittenRow& more = {}) {
  WrittenRow all = {{"started_at", "2026-11-21T10:00:00Z"},
                    {"host", "h"},
                    {"tool_version", "0.1.0"},
                    {"tool_commit", "abc"},
                    {"device_name", "GPU"},
                    {"device_uuid", "u1"},
                    {"driver_info", "Mesa"},
                    {"driver_version", "22.3"},
                    {"case_id", "gemm/one"},
                    {"kernel_hash", "k"},
                    {"precision", "fp32"},
                    {"fill", "normal"},
                    {"status", "ok"},
                    {"timer", "gpu_timestamp"},
                    {"time_p05_s", "0.9"},
                    {"time_median_s", "1"},
                    {"time_p95_s", "1.25"},
                    {"check_status", "passed"},
                    {"rel_fro_err", "1e-7"},
                    {"precision_verdict", "confirmed"},
                    {"observed_precision", "fp32 inputs"},
                    {"clock_mhz_median", "1900"}};
  for (const auto& [column, value] : more) all[column] = value;
  return all;
}

WrittenRow without_time(const WrittenRow& more) {
  WrittenRow all = row(more);
  for (const char* column : {"time_p05_s", "time_median_s", "time_p95_s", "timer"}) {
    all.erase(column);
  }
  return all;
}

RunSet read_set(const WrittenRuns& written, std::string_view device = {}) {
  const std::vector<std::string> paths = {written.path()};
  const auto history = read_history(paths, run_set_columns());
  EXPECT_TRUE(history.ok()) << history.error().message;
  return history.ok() ? make_run_set(*history, device) : RunSet{};
}

TEST(MakeRunSet, KeepsTheFactsOfEachRunAndSeries) {
  const WrittenRuns written;
  written.add_run("run1", {row()});
  written.add_run("run2", {row({{"time_median_s", "2"}, {"rel_fro_err", "3e-7"}})});

  const RunSet set = read_set(written);

  ASSERT_THAT(set.runs, SizeIs(2));
  EXPECT_EQ(set.runs[1].run_id, "run2");
  EXPECT_EQ(set.runs[1].host, "h");
  EXPECT_EQ(set.runs[1].tool, "0.1.0 (abc)");
  EXPECT_EQ(set.runs[1].started_s, *parse_utc("2026-11-21T10:00:00Z"));
  ASSERT_THAT(set.series, SizeIs(1));
  const SeriesSide& side = set.series.front();
  ASSERT_THAT(side.times, SizeIs(2));
  EXPECT_EQ(side.times[1].run, 1U);
  EXPECT_EQ(side.times[1].median_s, 2);
  EXPECT_EQ(side.times[0].log_p95, std::log(1.25));
  EXPECT_EQ(side.times[0].clock_mhz, 1900);
  EXPECT_TRUE(std::isnan(side.times[0].throttle_ratio));
  EXPECT_EQ(side.rel_fro_err, 3e-7);
  EXPECT_EQ(side.precision, PrecisionRank::confirmed);
  EXPECT_EQ(side.checked_rows, 2U);
  ASSERT_THAT(set.devices, SizeIs(1));
  EXPECT_THAT(set.devices[0].drivers, ElementsAre("Mesa 22.3"));
}

TEST(MakeRunSet, RowsWithoutATimeSayWhy) {
  const WrittenRuns written;
  written.add_run(
      "run1",
      {without_time({{"status", "failed"}, {"reason", "wrong_result: 3"}}),
       without_time({{"case_id", "gemm/two"}, {"status", "skipped"}, {"reason", "budget: long"}})});

  const RunSet set = read_set(written);

  ASSERT_THAT(set.series, SizeIs(2));
  EXPECT_THAT(set.series[0].times, IsEmpty());
  EXPECT_EQ(set.series[0].bad_rows, 1U);
  EXPECT_EQ(set.series[0].bad_status, "failed: wrong_result: 3");
  EXPECT_EQ(set.series[1].bad_rows, 0U);
  EXPECT_EQ(set.series[1].not_run_status, "skipped: budget: long");
}

TEST(MakeRunSet, CountsPrecisionsBelowTheDeclaredOne) {
  const WrittenRuns written;
  written.add_run("run1", {row({{"precision_verdict", "downgraded"}}),
                           row({{"case_id", "gemm/two"},
                                {"precision", "fp32_via_fp16"},
                                {"precision_verdict", "downgraded"}})});

  const RunSet set = read_set(written);

  EXPECT_EQ(set.series[0].precision, PrecisionRank::downgraded);
  EXPECT_EQ(set.series[0].accused_rows, 1U);
  EXPECT_EQ(set.series[1].accused_rows, 0U);  // It says so of itself.
}

TEST(MakeRunSet, KeepsDevicesApartAndLeavesOutWhatIsNotAskedFor) {
  const WrittenRuns written;
  written.add_run("run1", {row(), row({{"device_uuid", "u2"}}),
                           row({{"device_name", "Other"}, {"device_uuid", "u3"}}),
                           without_time({{"device_name", ""}, {"device_uuid", ""}})});

  EXPECT_THAT(read_set(written).series, SizeIs(3));
  EXPECT_THAT(read_set(written, "gpu").series, SizeIs(2));
  EXPECT_THAT(read_set(written, "gpu").devices, SizeIs(2));
  EXPECT_THAT(read_set(written, "none").runs, IsEmpty());
}

TEST(MakeRunSet, EveryDriverOfADeviceIsNoted) {
  const WrittenRuns written;
  written.add_run("run1", {row()});
  written.add_run("run2", {row({{"driver_version", "25.0"}})});
  written.add_run("run3", {row()});

  EXPECT_THAT(read_set(written).devices[0].drivers, ElementsAre("Mesa 22.3", "Mesa 25.0"));
}

TEST(MakeRunSet, HalfALastRowIsAWarning) {
  const WrittenRuns written;
  const std::string table = WrittenRuns::table("run1", {row(), row({{"case_id", "gemm/two"}})});
  written.write("run1/results.csv", table.substr(0, table.size() - 5));

  const RunSet set = read_set(written);

  EXPECT_THAT(set.series, SizeIs(1));
  ASSERT_THAT(set.warnings, SizeIs(1));
  EXPECT_THAT(set.warnings[0], HasSubstr("results.csv:3: the last row is half written"));
  EXPECT_TRUE(set.runs[0].half_written);
}

TEST(MakeRunSet, ATableOfTheFirstSchemaIsRead) {
  const WrittenRuns written;
  written.add_run("run1", {row()}, 1);

  EXPECT_THAT(read_set(written).series, SizeIs(1));
}

TEST(MakeRunSet, ATableWithoutRowsIsAWarning) {
  const WrittenRuns written;
  written.add_run("run1", {row()});
  written.write("run2/results.csv", WrittenRuns::table("run2", {}));

  const RunSet set = read_set(written);

  EXPECT_THAT(set.runs, SizeIs(1));
  EXPECT_THAT(set.warnings, ElementsAre(HasSubstr("has no row")));
}

}  // namespace
}  // namespace gpubench
