#include "pages/course_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace gpubench {
namespace {

using testing::HasSubstr;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// A reading each second.
TelemetrySeries readings(const std::vector<double>& throttled) {
  TelemetrySeries series;
  for (std::size_t i = 0; i < throttled.size(); ++i) {
    series.at_s.push_back(static_cast<double>(i));
    series.clock_mhz.push_back(1980);
    series.power_w.push_back(kNothing);
    series.temp_c.push_back(kNothing);
  }
  series.throttled = throttled;
  return series;
}

const std::vector<ChartPoint> kSamples = {{0, 0.25}, {2, 0.5}};

TEST(ThrottleBands, ReachHalfWayToTheReadingsThatSayOtherwise) {
  const auto bands = throttle_bands(readings({0, 1, 1, 0, kNothing, 1}));

  ASSERT_EQ(bands.size(), 2U);
  EXPECT_EQ(bands[0].begin_s, 0.5);
  EXPECT_EQ(bands[0].end_s, 2.5);
  EXPECT_EQ(bands[1].begin_s, 4.5);
  EXPECT_EQ(bands[1].end_s, 5);
}

TEST(ThrottleText, TellsHeldDownFromNeverAndFromNotKnown) {
  EXPECT_THAT(throttle_text(readings({0, 1, 1, 0})),
              HasSubstr("held down for 2.00 s of 3.00 s: from 500 ms to 2.50 s"));
  EXPECT_THAT(throttle_text(readings({0, 0})), HasSubstr("never seen held down"));
  EXPECT_THAT(throttle_text(readings({kNothing, kNothing})), HasSubstr("could not be read"));
}

TEST(CourseFigure, HasAPanelForWhatCouldBeRead) {
  const auto figure = course_figure("c", "t", kSamples, readings({0, 1, 0}));

  ASSERT_TRUE(figure.has_value());
  const auto chart = nlohmann::json::parse(figure->chart);
  ASSERT_EQ(chart["panels"].size(), 2U);
  EXPECT_EQ(chart["panels"][1]["name"], "clock");
  EXPECT_EQ(chart["panels"][1]["points"][0], nlohmann::json({0.0, 1.98e9}));
  EXPECT_EQ(chart["bands"], nlohmann::json({{0.5, 1.5}}));
  EXPECT_EQ(figure->numbers.rows.size(), 5U);
}

TEST(CourseFigure, IsNoneWithoutSamplesOrReadings) {
  EXPECT_FALSE(course_figure("c", "t", {}, readings({0})).has_value());
  EXPECT_FALSE(course_figure("c", "t", kSamples, readings({})).has_value());
}

}  // namespace
}  // namespace gpubench
