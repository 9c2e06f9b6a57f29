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
