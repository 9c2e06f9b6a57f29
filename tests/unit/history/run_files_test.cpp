#include "history/run_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

constexpr const char* kHeader = "run_id,case_id,sample,gpu_s,host_s\n";

History two_rows(const WrittenRuns& runs) {
  runs.add_run("a", {{{"case_id", "x"}, {"samples", "2"}},
                     {{"case_id", "skipped"}},
                     {{"case_id", "y"}, {"samples", "1"}}});
  auto history = read_history(std::array{runs.path()});
  EXPECT_TRUE(history.ok());
  return std::move(*history);
}

TEST(RunFiles, SamplesBelongToTheirRows) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/samples.csv",
             kHeader + std::string("a,x,0,0.5,0.75\na,x,1,0.25,0.5\na,y,0,,2\na,late,0,9,9\n"));

  const auto samples = read_samples(history, history.runs()[0]);

  ASSERT_TRUE(samples.ok()) << samples.error().message;
  ASSERT_EQ(samples->size(), 3U);
  ASSERT_EQ((*samples)[0].size(), 2U);
  EXPECT_EQ((*samples)[0][1].gpu_s, 0.25);
  EXPECT_TRUE((*samples)[1].empty());
  EXPECT_TRUE(std::isnan((*samples)[2][0].gpu_s));
  EXPECT_EQ((*samples)[2][0].host_s, 2);
}

TEST(RunFiles, MissingSamplesAreNamed) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/samples.csv", kHeader + std::string("a,x,0,0.5,0.75\n"));

  const auto samples = read_samples(history, history.runs()[0]);

  ASSERT_FALSE(samples.ok());
  EXPECT_THAT(samples.error().message, HasSubstr("sample 1 of 2 of case x is not there"));
}

TEST(RunFiles, ATableAloneHasNeitherSamplesNorDocument) {
  const WrittenRuns runs;
  const History history = two_rows(runs);

  const auto samples = read_samples(history, history.runs()[0]);
  const auto document = read_run_document(history.runs()[0]);

  ASSERT_TRUE(samples.ok() && document.ok());
  EXPECT_TRUE((*samples)[0].empty());
  EXPECT_FALSE(document->has_value());
  EXPECT_TRUE(read_telemetry(history.runs()[0])->empty());
  EXPECT_TRUE(read_error_maps(history.runs()[0])->empty());
}

TEST(RunFiles, SamplesOfThisVersionSayWhenTheyBegan) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/samples.csv",
             "run_id,case_id,sample,gpu_s,host_s,at_s\na,x,0,1,1,0.5\na,x,1,1,1,1.5\na,y,0,1,1,\n");

  const auto samples = read_samples(history, history.runs()[0]);

  ASSERT_TRUE(samples.ok()) << samples.error().message;
  EXPECT_EQ((*samples)[0][1].at_s, 1.5);
  EXPECT_TRUE(std::isnan((*samples)[2][0].at_s));
}

constexpr const char* kTelemetryHeader =
    "run_id,case_id,device_uuid,at_s,clock_mhz,power_w,temp_c,throttled\n";

TEST(RunFiles, TelemetryIsCutByCaseAndDevice) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/telemetry.csv", kTelemetryHeader + std::string("a,x,u0,0,1500,,60,false\n"
                                                               "a,x,u0,0.1,1200,300,,true\n"
                                                               "a,x,u1,0,,,,\n"));

  const auto telemetry = read_telemetry(history.runs()[0]);

  ASSERT_TRUE(telemetry.ok()) << telemetry.error().message;
  ASSERT_EQ(telemetry->size(), 2U);
  const TelemetrySeries& first = telemetry->front();
  EXPECT_THAT(first.at_s, testing::ElementsAre(0, 0.1));
  EXPECT_THAT(first.clock_mhz, testing::ElementsAre(1500, 1200));
  EXPECT_THAT(first.throttled, testing::ElementsAre(0, 1));
  EXPECT_TRUE(std::isnan(first.power_w[0]));
  EXPECT_EQ(telemetry->back().device_uuid, "u1");
  EXPECT_TRUE(std::isnan(telemetry->back().throttled[0]));
}

constexpr const char* kErrorsHeader =
    "run_id,case_id,device_uuid,row_begin,row_end,column_begin,column_end,max_abs_err,bound_ratio,"
    "nonfinite\n";

TEST(RunFiles, MapsOfErrorsAreCutByCaseAndDevice) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/errors.csv", kErrorsHeader + std::string("a,x,u0,0,4,0,8,0.5,2,0\n"
                                                         "a,x,u0,0,4,8,16,,,3\n"
                                                         "a,y,u0,0,1,0,1,0,0,0\n"));

  const auto maps = read_error_maps(history.runs()[0]);

  ASSERT_TRUE(maps.ok()) << maps.error().message;
  ASSERT_EQ(maps->size(), 2U);
  EXPECT_EQ(maps->front().cells[0].bound_ratio, 2);
  EXPECT_EQ(maps->front().cells[1].column_end, 16U);
  EXPECT_EQ(maps->front().cells[1].nonfinite, 3U);
}

TEST(RunFiles, ACellThatIsNoneNamesItsLine) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/errors.csv", kErrorsHeader + std::string("a,x,u0,0,-4,0,8,0.5,2,0\n"));

  const auto maps = read_error_maps(history.runs()[0]);

  ASSERT_FALSE(maps.ok());
  EXPECT_THAT(maps.error().message,
              HasSubstr("errors.csv:2: column \"row_end\" is \"-4\"; expected a whole number"));
}

TEST(RunFiles, AFileWithoutItsColumnsIsRefused) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/telemetry.csv", "run_id,case_id\n");

  const auto telemetry = read_telemetry(history.runs()[0]);

  ASSERT_FALSE(telemetry.ok());
  EXPECT_THAT(telemetry.error().message,
              HasSubstr("telemetry.csv:1: no column \"device_uuid\"; expected a telemetry.csv"));
}

TEST(RunFiles, ADamagedDocumentIsAnInputError) {
  const WrittenRuns runs;
  const History history = two_rows(runs);
  runs.write("a/run.json", "{\"run_id\": ");

  const auto document = read_run_document(history.runs()[0]);

  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.error().kind, ErrorKind::input);
}

}  // namespace
}  // namespace gpubench
