#include "compare/rank_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace gpubench {
namespace {

/// Two samples without ties in which exactly `u` pairs have the larger value in the second.
struct Samples {
  std::vector<double> base, fresh;
};

Samples samples_with(std::size_t u, std::size_t n_base, std::size_t n_new) {
  Samples samples;
  for (std::size_t i = 1; i <= n_base; ++i) samples.base.push_back(static_cast<double>(i));
  for (std::size_t j = 0; j < n_new; ++j) {
    const std::size_t below = std::min(u, n_base);
    u -= below;
    samples.fresh.push_back(static_cast<double>(below) + 0.5 + 0.001 * static_cast<double>(j));
  }
  return samples;
}

TEST(RankTest, AgreesWithRsDocumentationOnPermeability) {
  // Hollander and Wolfe's placental permeabilities, the example of R's wilcox.test: W = 35 of the
  // first over the second, one-sided p 0.1272.
  const std::vector<double> at_term = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const std::vector<double> early = {1.15, 0.88, 0.90, 0.74, 1.21};

  const RankTest test = rank_test(early, at_term);

  EXPECT_DOUBLE_EQ(test.u, 35);
  EXPECT_NEAR(test.p_value, 2 * 0.1272, 1e-4);
  EXPECT_EQ(test.method, RankMethod::exact);
}

TEST(RankTest, SeparatedSamplesReachTheSmallestP) {
  const std::vector<double> base = {1, 2, 3, 4, 5}, fresh = {6, 7, 8, 9, 10};

  EXPECT_DOUBLE_EQ(rank_test(base, fresh).p_value, 2.0 / 252);
  EXPECT_DOUBLE_EQ(rank_test(fresh, base).p_value, 2.0 / 252);
  EXPECT_DOUBLE_EQ(rank_test(base, fresh).u, 25);
  EXPECT_DOUBLE_EQ(rank_test(fresh, base).u, 0);
}

TEST(RankTest, CountsTiesByHand) {
  // Ranks 1 2½ 2½ 4, new sum 6½ against a mean of 5. Of the six pairs of ranks, sums 3½ 3½ 5 5 6½
  // 6½, four are at least 1½ off.
  const std::vector<double> base = {1, 2}, fresh = {2, 3};

  const RankTest test = rank_test(base, fresh);

  EXPECT_DOUBLE_EQ(test.u, 3.5);
  EXPECT_DOUBLE_EQ(test.p_value, 4.0 / 6);
}

TEST(RankTest, CountsTiesInSamplesOfUnequalSizeAlikeFromEitherSide) {
  // Doubled ranks 2 4 7 7 10: the pair {2, 2} of the larger sample has rank 3½ each. The single new
  // value 0 has doubled rank 2, 4 below the mean of 6; of the five, 2 and 10 are as far.
  const std::vector<double> base = {1, 2, 2, 3}, fresh = {0};

  EXPECT_DOUBLE_EQ(rank_test(base, fresh).p_value, 2.0 / 5);
  EXPECT_DOUBLE_EQ(rank_test(fresh, base).p_value, 2.0 / 5);
}

TEST(RankTest, EqualValuesSayNothing) {
  const std::vector<double> four(4, 1.5), fifty(50, 1.5);

  EXPECT_DOUBLE_EQ(rank_test(four, four).p_value, 1);
  EXPECT_DOUBLE_EQ(rank_test(fifty, fifty).p_value, 1);
  EXPECT_DOUBLE_EQ(rank_test(four, fifty).p_value, 1);
}

TEST(RankTest, ASampleAgainstItselfHasP1) {
  const std::vector<double> values = {1.1, 1.2, 1.3, 1.3, 1.7};

  EXPECT_DOUBLE_EQ(rank_test(values, values).p_value, 1);
}

TEST(RankTest, TheNormalApproximationIsCautiousWhereItTakesOver) {
  // At 21 against 20, and at the least equal split of 8 against 33.
  for (const auto& [n_base, n_new] : {std::pair{21U, 20U}, std::pair{8U, 33U}}) {
    const std::vector<double> below = rank_null_lower_half(n_base, n_new);
    for (std::size_t u = 0; u < below.size(); ++u) {
      const double exact = std::min(1.0, 2 * below[u]);
      const Samples samples = samples_with(u, n_base, n_new);
      const RankTest test = rank_test(samples.base, samples.fresh);
      ASSERT_EQ(test.method, RankMethod::normal);
      ASSERT_DOUBLE_EQ(test.u, static_cast<double>(u));
      EXPECT_GE(test.p_value, 0.97 * exact) << n_base << " against " << n_new << ", U " << u;
      const double limit = exact < 0.01 ? 1 : 1.2 * exact;
      EXPECT_LE(test.p_value, limit) << n_base << " against " << n_new << ", U " << u;
    }
  }
}

TEST(RankTest, TiesNarrowTheNormalApproximation) {
  // 21 values, six of them 1 and the others 0, against 20 with twelve 1: U = 12·15 + (15·8 +
  // 6·12)/2 = 276 against a mean of 210. Ties of 23 and 18 give Σ(t³ - t) = 17,958, so the variance
  // is 35·(42 - 17,958/(41·40)) = 1086.75 and z = 65.5/32.966 = 1.9869.
  std::vector<double> base(21, 0.0), fresh(20, 0.0);
  std::fill_n(base.begin(), 6, 1.0);
  std::fill_n(fresh.begin(), 12, 1.0);

  const RankTest test = rank_test(base, fresh);

  EXPECT_EQ(test.u, 276);
  EXPECT_NEAR(test.p_value, 0.04693, 1e-5);
}

TEST(RankTest, FewAgainstManyAreCountedExactly) {
  // One value above 49 others: of its 50 places, the two ends are as far from the middle.
  std::vector<double> many(49);
  std::iota(many.begin(), many.end(), 1.0);
  const std::vector<double> one = {100};

  const RankTest test = rank_test(many, one);

  EXPECT_EQ(test.method, RankMethod::exact);
  EXPECT_NEAR(test.p_value, 2.0 / 50, 1e-12);
}

TEST(RankTest, TiesAmongManyLeanTowardsNoDifference) {
  // The one value ties with the largest of 49: U = 48.5, taken for 48, so four of 50 places.
  std::vector<double> many(49);
  std::iota(many.begin(), many.end(), 1.0);
  const std::vector<double> one = {49};

  EXPECT_NEAR(rank_test(many, one).p_value, 4.0 / 50, 1e-12);
}

}  // namespace
}  // namespace gpubench
