#include "plan/level_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace gpubench {
namespace {

const Level kQuick{"quick", 25};

TEST(LevelTime, OfTheLevelsOfAScenarioOneIsChosenByName) {
  Scenario scenario;
  scenario.levels = {kQuick, {"long", 900}};
  EXPECT_EQ(level_of(scenario), nullptr);

  scenario.level = "long";
  ASSERT_NE(level_of(scenario), nullptr);
  EXPECT_EQ(level_of(scenario)->within_s, 900);
  EXPECT_LT(planned_seconds(*level_of(scenario)), 900);
  EXPECT_GT(planned_seconds(*level_of(scenario)), 800);
}

TEST(LevelTime, WhatIsSpareIsSharedAmongTheCasesToCome) {
  const TimeShare share = share_of(kQuick, 10, std::array{1.0, 2.0, 1.0});

  EXPECT_FALSE(share.skipped.has_value());
  EXPECT_DOUBLE_EQ(share.spare_s, 2);
}

TEST(LevelTime, ACaseThatWouldEndTooLateSaysWhatIsLeft) {
  const TimeShare share = share_of(kQuick, 3, std::array{8.0, 1.0});

  ASSERT_TRUE(share.skipped.has_value());
  EXPECT_EQ(share.skipped->code, "budget");
  EXPECT_THAT(share.skipped->text,
              testing::HasSubstr("of the 25 s of level quick 3.00 s are left"));
}

TEST(LevelTime, WhatCannotRunAnywayTakesNothingFromTheOthers) {
  EXPECT_DOUBLE_EQ(share_of(kQuick, 10, std::array{2.0, 1000.0}).spare_s, 8);
}

TEST(LevelTime, WhereAllDoNotFitTheEarlierOnesDo) {
  const TimeShare share = share_of(kQuick, 10, std::array{6.0, 6.0, 2.0});

  EXPECT_FALSE(share.skipped.has_value());
  EXPECT_DOUBLE_EQ(share.spare_s, 1);
}

TEST(LevelTime, AfterItsEndNothingBegins) {
  const TimeShare share = share_of(kQuick, -0.5, std::array{0.1});

  ASSERT_TRUE(share.skipped.has_value());
  EXPECT_THAT(share.skipped->text, testing::Not(testing::HasSubstr("-")));
}

}  // namespace
}  // namespace gpubench
