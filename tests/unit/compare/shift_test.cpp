#include "compare/shift.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace gpubench {
namespace {

TEST(ShiftBetween, IsTheMedianOfAllDifferences) {
  // 2 4 7 less 1 2 3: -1 0 1 1 2 3 4 5 6.
  const std::vector<double> base = {3, 1, 2}, fresh = {7, 2, 4};

  EXPECT_DOUBLE_EQ(shift_between(base, fresh).estimate, 2);
}

TEST(ShiftBetween, AveragesTheTwoMiddleDifferencesOfAnEvenNumber) {
  // 5 9 less 1 2: 3 4 7 8.
  const std::vector<double> base = {1, 2}, fresh = {5, 9};

  EXPECT_DOUBLE_EQ(shift_between(base, fresh).estimate, 5.5);
}

TEST(ShiftBetween, FourASideHaveTheExtremesForAnInterval) {
  // U = 0 alone has P = 1/70, so the smallest and largest difference bound 97 %.
  const std::vector<double> base = {1, 2, 3, 4}, fresh = {11, 12, 13, 14};

  const Shift shift = shift_between(base, fresh);

  EXPECT_DOUBLE_EQ(shift.estimate, 10);
  EXPECT_DOUBLE_EQ(shift.low, 11 - 4);
  EXPECT_DOUBLE_EQ(shift.high, 14 - 1);
}

TEST(ShiftBetween, ThreeASideHaveNoIntervalOfThisConfidence) {
  const std::vector<double> base = {1, 2, 3}, fresh = {4, 5, 6};

  const Shift shift = shift_between(base, fresh);

  EXPECT_FALSE(shift.has_interval());
  EXPECT_TRUE(std::isinf(shift.low));
  EXPECT_TRUE(std::isinf(shift.high));
  EXPECT_DOUBLE_EQ(shift.estimate, 3);
  EXPECT_TRUE(shift_between(base, fresh, 0.9).has_interval());  // 2/20 is just enough.
}

TEST(ShiftBetween, ASampleAgainstItselfHasNoShift) {
  const std::vector<double> values = {0.3, -1.5, 2.25, 0, 7};

  const Shift shift = shift_between(values, values);

  EXPECT_EQ(shift.estimate, 0);
  EXPECT_FALSE(std::signbit(shift.estimate));
  EXPECT_DOUBLE_EQ(shift.low, -shift.high);
}

TEST(ShiftBetween, TurnsAroundWithTheSamples) {
  const std::vector<double> base = {1, 4, 9, 16, 25}, fresh = {2, 3, 5, 7, 11, 13};

  const Shift there = shift_between(base, fresh), back = shift_between(fresh, base);

  EXPECT_DOUBLE_EQ(there.estimate, -back.estimate);
  EXPECT_DOUBLE_EQ(there.low, -back.high);
  EXPECT_DOUBLE_EQ(there.high, -back.low);
}

TEST(KthDifference, IsEveryOneOfTheSortedDifferences) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::vector<double> base(23), fresh(31), differences;
  for (double& value : base) value = normal(random);
  for (double& value : fresh) value = normal(random);
  fresh[3] = base[5];  // A difference of exactly zero.
  std::ranges::sort(base);
  std::ranges::sort(fresh);
  for (const double to : fresh) {
    for (const double from : base) differences.push_back(to - from);
  }
  std::ranges::sort(differences);

  for (std::size_t k = 1; k <= differences.size(); ++k) {
    ASSERT_EQ(kth_difference(base, fresh, k), differences[k - 1]) << k;
  }
}

}  // namespace
}  // namespace gpubench
