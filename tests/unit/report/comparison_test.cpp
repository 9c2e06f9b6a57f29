#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "report/comparison_markdown.h"
#include "report/comparison_text.h"
#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

SpeedComparison shifted(double change, double low, double high) {
  SpeedComparison speed;
  speed.shift = Shift{std::log1p(change), std::log1p(low), std::log1p(high)};
  return speed;
}

/// `cases` cases whose times are multiplied by `factor` in the new set, and whose bits changed.
SetComparison many(std::size_t cases, double factor) {
  std::vector<SeriesSide> base, fresh;
  std::vector<double> times;
  for (int i = 0; i < 16; ++i) times.push_back(1 + 0.001 * i);
  for (std::size_t i = 0; i < cases; ++i) {
    base.push_back(side_of(times, fmt::format("case{:03}", i)));
    fresh.push_back(base.back());
    fresh.back().output_hash.text = "other";
    for (RunTime& time : fresh.back().times) time.log_median += std::log(factor);
  }
  return *compare_sets(set_of("a", base), set_of("b", fresh));
}

TEST(ComparisonText, ChangesAreSignedAndRoundedToWhatTheyAreWorth) {
  EXPECT_EQ(change_text(shifted(0.0534, 0, 0)), "+5.3 %");
  EXPECT_EQ(change_text(shifted(-0.0004, 0, 0)), "-0.04 %");
  EXPECT_EQ(change_text(shifted(-0.34, 0, 0)), "-34 %");
  EXPECT_EQ(change_text(shifted(1.5, 0, 0)), "2.5x");
  EXPECT_EQ(change_text({}), "-");
  EXPECT_EQ(interval_text(shifted(0.05, 0.041, 0.066)), "+4.1…+6.6 %");
  EXPECT_EQ(interval_text(shifted(1.5, 0.5, 3)), "1.50x…4.00x");
}

TEST(ComparisonText, AnIntervalOfNoEndIsNone) {
  SpeedComparison speed;
  speed.shift = Shift{0.1};
  EXPECT_EQ(interval_text(speed), "-");
}

TEST(ComparisonText, TheSameFindingOfManyCasesIsOneLine) {
  const SetComparison comparison = many(50, 1);

  const std::vector<FindingGroup> groups = finding_groups(comparison);

  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups.front().names.size(), 50U);
  const std::string text = comparison_text(comparison, ListedSeries::notable, {});
  EXPECT_THAT(text, HasSubstr("CHANGED bits  case000, case001, case002 and 47 more:"));
}

TEST(ComparisonText, MoreRowsThanAScreenHoldsAreCounted) {
  const std::string text = comparison_text(many(70, 1.2), ListedSeries::notable, {});

  EXPECT_THAT(text, HasSubstr("and 10 more; --markdown FILE has all"));
  EXPECT_THAT(text, HasSubstr("70 REGRESSED"));
}

TEST(ComparisonText, WhatStayedTheSameIsListedOnDemand) {
  EXPECT_THAT(comparison_text(many(1, 1), ListedSeries::notable, {}), Not(HasSubstr("+0.00 %")));
  EXPECT_THAT(comparison_text(many(1, 1), ListedSeries::all, {}), HasSubstr("+0.00 %"));
}

TEST(ComparisonText, TheSidesDifferencesAreNamed) {
  SetComparison comparison = many(1, 1);
  comparison.fresh.drivers = {"driver 2"};

  const std::vector<SideDifference> differences = side_differences(comparison);

  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].what, "driver");
  EXPECT_THAT(comparison_text(comparison, ListedSeries::notable, {}),
              HasSubstr("driver was driver 1, is driver 2"));
}

TEST(ComparisonMarkdown, TextCannotBecomeMarkup) {
  EXPECT_EQ(markdown_text("a|b<c>&`d` @e *f* [g](h)"),
            "a\\|b&lt;c&gt;&amp;\\`d\\` &#64;e \\*f\\* \\[g\\]\\(h\\)");
  EXPECT_EQ(markdown_text("two\nlines"), "two?lines");
}

TEST(ComparisonMarkdown, WarningsReachThePullRequest) {
  SetComparison comparison = many(3, 1);
  EXPECT_THAT(comparison_markdown(comparison), Not(HasSubstr("Warnings")));

  comparison.warnings = {"a/results.csv:3: the last row is half written and left out"};

  EXPECT_THAT(comparison_markdown(comparison),
              HasSubstr("#### Warnings\n\n- a/results.csv:3: the last row is half written"));
}

TEST(ComparisonMarkdown, WhatStayedTheSameIsFoldedAway) {
  const std::string text = comparison_markdown(many(3, 1));

  EXPECT_THAT(text, testing::StartsWith("### Nothing is worse than the base.\n\n3 SAME\n"));
  EXPECT_THAT(text, HasSubstr("<details><summary>3 SAME</summary>"));
}

}  // namespace
}  // namespace gpubench
