#include "compare/false_discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/distributions.h"

namespace gpubench {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(AdjustedPValues, AreTimesTestsOverRankAndNeverFall) {
  // Ascending 0.005 0.01 0.03 0.04, times 4/1 4/2 4/3 4/4: 0.02 0.02 0.04 0.04.
  const std::vector<double> p_values = {0.01, 0.04, 0.03, 0.005};

  EXPECT_THAT(adjusted_p_values(p_values),
              ElementsAre(DoubleEq(0.02), DoubleEq(0.04), DoubleEq(0.04), DoubleEq(0.02)));
}

TEST(AdjustedPValues, ALaterRankPullsAnEarlierOneDown) {
  // 0.02·3/1 = 0.06 would not do alone; 0.025·3/3 does for all three.
  const std::vector<double> p_values = {0.02, 0.024, 0.025};

  for (const double adjusted : adjusted_p_values(p_values)) EXPECT_DOUBLE_EQ(adjusted, 0.025);
}

TEST(AdjustedPValues, OneTestStaysAsItIsAndNoneIsNone) {
  EXPECT_THAT(adjusted_p_values(std::vector<double>{0.3}), ElementsAre(DoubleEq(0.3)));
  EXPECT_THAT(adjusted_p_values({}), IsEmpty());
}

TEST(Distributions, AreThoseOfTheTables) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959964, 1e-6);
  EXPECT_NEAR(normal_upper_tail(1.959964), 0.025, 1e-8);
  EXPECT_NEAR(normal_upper_tail(10) / 7.6198530e-24, 1, 1e-7);
  EXPECT_NEAR(student_quantile(0.975, 4), 2.776445, 1e-6);
  EXPECT_NEAR(student_upper_tail(2.776445, 4), 0.025, 1e-7);
}

TEST(Distributions, BinomialsAreExactOrNearlySo) {
  EXPECT_EQ(binomial(40, 20), 137846528820.0);
  EXPECT_EQ(binomial(5, 7), 0);
  EXPECT_EQ(binomial(7, 0), 1);
  EXPECT_NEAR(binomial(60, 30) / 118264581564861424.0, 1, 1e-12);
}

}  // namespace
}  // namespace gpubench
