#include "compare/rank_null.h"

#include <gtest/gtest.h>

#include "compare/distributions.h"

namespace gpubench {
namespace {

TEST(RankNull, CountsEveryArrangementOfThreeAgainstThree) {
  // Of the C(6,3) = 20 arrangements, 1 1 2 3 3 have U = 0 1 2 3 4, and the other ten mirror them.
  const std::vector<double> below = rank_null_lower_half(3, 3);

  ASSERT_EQ(below.size(), 5U);
  EXPECT_DOUBLE_EQ(below[0], 1.0 / 20);
  EXPECT_DOUBLE_EQ(below[1], 2.0 / 20);
  EXPECT_DOUBLE_EQ(below[2], 4.0 / 20);
  EXPECT_DOUBLE_EQ(below[3], 7.0 / 20);
  EXPECT_DOUBLE_EQ(below[4], 10.0 / 20);
}

TEST(RankNull, OneAgainstManyIsUniform) {
  // The one value takes each of the 101 places equally often.
  const std::vector<double> below = rank_null_lower_half(100, 1);

  ASSERT_EQ(below.size(), 51U);
  for (std::size_t u = 0; u < below.size(); ++u) {
    EXPECT_NEAR(below[u], static_cast<double>(u + 1) / 101, 1e-12);
  }
}

TEST(RankNull, StaysExactWhereCountsExceedWhatADoubleHolds) {
  // Of 7 against 3,000, two arrangements have U at most 1, and four at most 2 (2 = 1 + 1), while
  // C(3007, 7) is 4e20.
  const std::vector<double> below = rank_null_lower_half(7, 3000);

  EXPECT_NEAR(below[1] * binomial(3007, 7), 2, 1e-9);
  EXPECT_NEAR(below[2] * binomial(3007, 7), 4, 1e-9);
  // The middle halves the arrangements: P(U <= mn/2) = (1 + P(U = mn/2)) / 2.
  const double middle = below[below.size() - 1] - below[below.size() - 2];
  EXPECT_NEAR(below.back(), (1 + middle) / 2, 1e-9);
}

TEST(RankNull, SmallestPIsTheShareOfTheTwoExtremeArrangements) {
  EXPECT_DOUBLE_EQ(smallest_p(1, 1), 1);
  EXPECT_DOUBLE_EQ(smallest_p(3, 3), 2.0 / 20);
  EXPECT_DOUBLE_EQ(smallest_p(5, 5), 2.0 / 252);
  EXPECT_DOUBLE_EQ(smallest_p(1, 39), 2.0 / 40);
}

TEST(RankNull, FourRunsASideReachFivePercent) {
  EXPECT_EQ(runs_to_reach(0.05), 4U);        // 2/70; three reach 2/20.
  EXPECT_EQ(runs_to_reach(0.05 / 100), 8U);  // 2/12870; seven reach 2/3432.
  EXPECT_EQ(runs_to_reach(1), 1U);
}

TEST(RankNull, IntervalRanksAreOneAboveTheCriticalValuesOfTheTables) {
  // Critical values of U, two-sided 5 %, as every table of the test has them.
  EXPECT_EQ(interval_rank(3, 3, 0.95), 0U);  // None: not significant at any U.
  EXPECT_EQ(interval_rank(4, 4, 0.95), 0U + 1);
  EXPECT_EQ(interval_rank(5, 5, 0.95), 2U + 1);
  EXPECT_EQ(interval_rank(5, 8, 0.95), 6U + 1);
  EXPECT_EQ(interval_rank(8, 5, 0.95), 6U + 1);
  EXPECT_EQ(interval_rank(10, 10, 0.95), 23U + 1);
  EXPECT_EQ(interval_rank(20, 20, 0.95), 127U + 1);
}

TEST(RankNull, TheNormalIntervalMeetsTheExactOneWhereItTakesOver) {
  const std::vector<double> below = rank_null_lower_half(21, 20);
  std::size_t exact = 0;
  while (below[exact] <= 0.025) ++exact;

  EXPECT_EQ(rank_method(21, 20), RankMethod::normal);
  EXPECT_NEAR(static_cast<double>(interval_rank(21, 20, 0.95)), static_cast<double>(exact), 1);
}

}  // namespace
}  // namespace gpubench
