#include "compare/run_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

using testing::ElementsAre;

TEST(ParseUtc, CountsSecondsSince1970) {
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_utc("1970-01-02T01:02:03Z"), 86400 + 3600 + 2 * 60 + 3);
  EXPECT_EQ(parse_utc("2026-11-21T10:30:05Z"), 1795257005);  // date -u -d … +%s
}

TEST(ParseUtc, TakesNothingElse) {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T10:30:05", "2026-13-21T10:30:05Z", "2026-02-30T10:30:05Z",
        "2026-11-21 10:30:05Z", "20x6-11-21T10:30:05Z"}) {
    EXPECT_FALSE(parse_utc(text).has_value()) << text;
  }
}

TEST(SessionNumbers, RunsWithinAnHourOfTheLastAreOneSession) {
  std::vector<SetRun> runs = runs_named("r", 5, 0);
  runs[2].started_s = runs[1].started_s + 3600;
  runs[3].started_s = runs[2].started_s + 3601;
  runs[4].started_s = runs[3].started_s;
  runs[4].host = "other";

  EXPECT_THAT(session_numbers(runs), ElementsAre(0, 0, 0, 1, 2));
}

TEST(SessionNumbers, DoNotDependOnTheOrderOfTheRuns) {
  std::vector<SetRun> runs = runs_named("r", 3, 0);
  runs[0].started_s = 5000;  // An hour and more after the other two.

  EXPECT_THAT(session_numbers(runs), ElementsAre(1, 0, 0));
}

TEST(Common, KeepsWhatAllSayAndTellsWhenTheyDoNot) {
  Common common;
  common.add("");
  common.add("a");
  common.add("a");
  EXPECT_EQ(common.text, "a");
  EXPECT_FALSE(common.mixed);
  common.add("b");
  EXPECT_TRUE(common.mixed);
}

TEST(Merge, TakesTheWorstOfBothDevices) {
  SeriesSide into = side_of(std::vector<double>{1, 2}), more = side_of(std::vector<double>{3});
  more.precision = PrecisionRank::downgraded;
  more.observed_precision = "tf32 inputs";
  more.rel_fro_err = 0.5;
  more.distinct_outputs = 2;
  more.bad_rows = 1;
  more.bad_status = "failed";
  more.kernel_hash.text = "other";

  merge(into, more);

  EXPECT_EQ(into.times.size(), 3U);
  EXPECT_EQ(into.times[1].run, 0U);
  EXPECT_EQ(into.rows, 3U);
  EXPECT_EQ(into.precision, PrecisionRank::downgraded);
  EXPECT_EQ(into.observed_precision, "tf32 inputs");
  EXPECT_EQ(into.rel_fro_err, 0.5);
  EXPECT_EQ(into.distinct_outputs, 2);
  EXPECT_EQ(into.bad_status, "failed");
  EXPECT_TRUE(into.kernel_hash.mixed);
}

}  // namespace
}  // namespace gpubench
