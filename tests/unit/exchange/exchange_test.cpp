#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "exchange/benchmark_json.h"
#include "exchange/series.h"
#include "exchange/wide_csv.h"
#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

WrittenRow row_of(const WrittenRow& changes) {
  WrittenRow row = changes;
  row.merge(WrittenRow{{"case_id", "gemm/x"},
                       {"device_name", "GPU"},
                       {"host", "n1"},
                       {"started_at", "2026-11-22T00:00:00Z"},
                       {"tool_commit", "abc"},
                       {"status", "ok"},
                       {"check_status", "passed"},
                       {"samples", "20"},
                       {"time_median_s", "0.5"},
                       {"host_median_s", "0.75"}});
  return row;
}

/// Two runs; the second is faster, has a wrong softmax and a case that was not run.
History two_runs(const WrittenRuns& runs) {
  runs.add_run("a", {row_of({}), row_of({{"case_id", "softmax"}})});
  runs.add_run("b",
               {row_of({{"time_median_s", "0.25"}}),
                row_of({{"case_id", "softmax"}, {"status", "failed"}, {"reason", "wrong_result"}}),
                row_of({{"case_id", "huge"}, {"status", "skipped"}})});
  auto history = read_history(std::array{runs.path()}, columns_for_export());
  EXPECT_TRUE(history.ok()) << (history.ok() ? "" : history.error().message);
  return std::move(*history);
}

TEST(BenchmarkJson, RunsAreRepetitionsOfTheirSeries) {
  const WrittenRuns runs;

  const auto json = nlohmann::json::parse(benchmark_json(two_runs(runs)));

  const auto& entries = json.at("benchmarks");
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].at("name"), "gemm/x@GPU");
  EXPECT_EQ(entries[1].at("name"), "gemm/x@GPU");
  EXPECT_EQ(entries[0].at("repetitions"), 2);
  EXPECT_EQ(entries[1].at("repetition_index"), 1);
  EXPECT_EQ(entries[0].at("real_time"), 5e8);
  EXPECT_EQ(entries[0].at("cpu_time"), 7.5e8);
  EXPECT_EQ(entries[1].at("real_time"), 2.5e8);
  EXPECT_EQ(entries[0].at("time_unit"), "ns");
  EXPECT_EQ(json.at("context").at("host_name"), "n1");
}

TEST(BenchmarkJson, AWrongResultIsAnErrorWithoutATime) {
  const WrittenRuns runs;

  const auto json = nlohmann::json::parse(benchmark_json(two_runs(runs)));

  const auto& wrong = json.at("benchmarks")[3];
  EXPECT_EQ(wrong.at("name"), "softmax@GPU");
  EXPECT_EQ(wrong.at("error_occurred"), true);
  EXPECT_EQ(wrong.at("error_message"), "wrong_result");
  EXPECT_FALSE(wrong.contains("real_time"));
}

TEST(WideCsv, HasALineARunAndAColumnASeries) {
  const WrittenRuns runs;

  const auto csv = wide_csv(two_runs(runs), "time_median_s");

  ASSERT_TRUE(csv.ok());
  EXPECT_EQ(*csv,
            "run_id,time,tool_commit,gemm/x@GPU,softmax@GPU\n"
            "a,2026-11-22T00:00:00Z,abc,0.5,0.5\n"
            "b,2026-11-22T00:00:00Z,abc,0.25,\n");
}

TEST(WideCsv, AMetricThatIsNoColumnOfNumbersIsRefused) {
  const WrittenRuns runs;
  const History history = two_runs(runs);

  for (const char* metric : {"speed", "device_name"}) {
    const auto csv = wide_csv(history, metric);
    ASSERT_FALSE(csv.ok());
    EXPECT_EQ(csv.error().kind, ErrorKind::usage);
    EXPECT_THAT(csv.error().message, HasSubstr(metric));
  }
}

}  // namespace
}  // namespace gpubench
