#include "compare/baseline_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Two runs on two days, of the device "Card" alone.
Baseline small_baseline() {
  Baseline baseline;
  baseline.runs = {"20261121T100000Z-a-0001", "20261122T110530Z-a-0002"};
  baseline.devices = {{"Card", 1, 2, {"driver 1"}}, {"Other", 1, 2, {"driver 2"}}};
  BaselineSeries series{"case", "Card", "kernel", "normal", "gpu", {0.5, 0.25}};
  series.floor_rel = 0.03;
  series.rel_fro_err = 1e-6;
  series.precision_verdict = "confirmed";
  baseline.series[{"case", "Card"}] = series;
  return baseline;
}

RunSet runs_on(const std::string& device) {
  RunSet set;
  set.devices.push_back({device, "uuid", {}});
  return set;
}

TEST(BaselineSet, EachTimeBelongsToItsRunAndDay) {
  const RunSet set = run_set_of(small_baseline(), runs_on("Card"));

  ASSERT_EQ(set.runs.size(), 2U);
  EXPECT_EQ(set.runs[1].started_s, *parse_utc("2026-11-22T11:05:30Z"));
  ASSERT_EQ(set.series.size(), 1U);
  const SeriesSide& side = set.series[0];
  ASSERT_EQ(side.times.size(), 2U);
  EXPECT_EQ(side.times[1].run, 1U);
  EXPECT_EQ(side.times[1].median_s, 0.25);
  EXPECT_EQ(side.precision, PrecisionRank::confirmed);
  EXPECT_EQ(side.rel_fro_err, 1e-6);
}

TEST(BaselineSet, TimesOfUnknownRunsAreOneSession) {
  Baseline baseline = small_baseline();
  baseline.series[{"case", "Card"}].medians_s = {0.5, 0.25, 0.125};

  const RunSet set = run_set_of(baseline, runs_on("Card"));

  for (const RunTime& time : set.series[0].times) EXPECT_EQ(time.run, 0U);
}

TEST(BaselineSet, DevicesThatTheNewRunsDoNotHaveAreLeftOut) {
  const auto names = [](const RunSet& set) {
    std::vector<std::string> all;
    for (const SetDevice& device : set.devices) all.push_back(device.name);
    return all;
  };

  EXPECT_THAT(names(run_set_of(small_baseline(), runs_on("Card"))), ElementsAre("Card"));
  EXPECT_TRUE(run_set_of(small_baseline(), runs_on("Other")).series.empty());
  // Of none of them: all are named, so that a comparison can say what it was not given.
  EXPECT_THAT(names(run_set_of(small_baseline(), runs_on("H100"))), ElementsAre("Card", "Other"));
}

TEST(BaselineSet, AProvisionalBaselineSaysSo) {
  Baseline baseline = small_baseline();
  EXPECT_THAT(run_set_of(baseline, runs_on("Card")).warnings,
              ElementsAre(HasSubstr("provisional")));
  baseline.provisional = false;
  EXPECT_TRUE(run_set_of(baseline, runs_on("Card")).warnings.empty());
}

TEST(BaselineSet, ItsFloorsRaiseThoseThatWereMeasured) {
  const std::pair<std::string, std::string> key{"case", "Card"};
  SeriesFloor measured;
  measured.floor_rel = 0.01;
  measured.sessions = 5;

  const SeriesFloors floors = floors_with(small_baseline(), {{key, measured}});

  EXPECT_EQ(floors.at(key).floor_rel, 0.03);
  EXPECT_EQ(floors.at(key).sessions, 5U);
  measured.floor_rel = 0.05;
  EXPECT_EQ(floors_with(small_baseline(), {{key, measured}}).at(key).floor_rel, 0.05);
}

}  // namespace
}  // namespace gpubench
