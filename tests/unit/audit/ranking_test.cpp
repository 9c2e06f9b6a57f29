#include "audit/ranking.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/audit/made_arrays.h"

namespace gpubench {
namespace {

using audit_tests::Values;

RankingFacts facts_of(std::uint64_t columns, std::uint32_t top_k, const Values& reference,
                      const Values& output) {
  RankingCollector collector(0, columns, top_k);
  collector.add(reference, output);
  return collector.facts();
}

TEST(Ranking, CountsAgreementOfFirstSetAndOrder) {
  const Values reference = {1, 2, 3, 4,  //
                            1, 2, 3, 4,  //
                            1, 2, 3, 4};
  const Values output = {1, 2, 3, 4,   // the same
                         1, 2, 4, 3,   // the first two swapped
                         9, 2, 3, 4};  // another first
  const RankingFacts facts = facts_of(4, 2, reference, output);

  EXPECT_EQ(facts.rows, 3U);
  EXPECT_EQ(facts.same_first, 1U);
  EXPECT_EQ(facts.same_set, 2U);
  EXPECT_EQ(facts.same_order, 1U);
  EXPECT_DOUBLE_EQ(facts.mean_overlap, (1 + 1 + 0.5) / 3);
  ASSERT_EQ(facts.disagreements.size(), 2U);
  EXPECT_EQ(facts.disagreements[1].row, 2U);
  EXPECT_EQ(facts.disagreements[1].output_class, 0U);
  EXPECT_EQ(facts.disagreements[1].margin, 3);
  EXPECT_EQ(facts.largest_disputed_margin, 3);
  EXPECT_EQ(facts.smallest_margin, 1);
}

TEST(Ranking, SwapWithinAFormatsRoundingIsExcused) {
  // 0.7 and 0.7002 are both 0.7001953125 in fp16, whose ulp there is 2^-11; the first of equals
  // wins.
  const RankingFacts facts = facts_of(2, 1, {0.7, 0.7002}, {0.7001953125, 0.7001953125});

  EXPECT_EQ(facts.same_first, 0U);
  EXPECT_EQ(facts.output_ties, 1U);
  EXPECT_EQ(facts.excused[static_cast<std::size_t>(Lattice::fp16)], 1U);
  const RankingFacts far = facts_of(2, 1, {0.7, 0.702}, {0.703, 0.702});
  EXPECT_EQ(far.excused[static_cast<std::size_t>(Lattice::fp16)], 0U);
  EXPECT_EQ(far.excused[static_cast<std::size_t>(Lattice::bf16)], 1U);  // its ulp is 2^-8
}

TEST(Ranking, FirstOfEqualsWins) {
  EXPECT_EQ(facts_of(3, 1, {5, 5, 1}, {5, 5, 1}).same_first, 1U);
  EXPECT_EQ(facts_of(3, 2, {5, 5, 5}, {5, 5, 5}).same_order, 1U);
}

TEST(Ranking, RowsWithNaNAreNotRanked) {
  const double nan = std::numeric_limits<double>::quiet_NaN();

  const RankingFacts facts = facts_of(2, 1, {1, 2, 1, 2}, {nan, 2, 1, 2});

  EXPECT_EQ(facts.unranked, 1U);
  EXPECT_EQ(facts.same_first, 1U);
  EXPECT_EQ(facts.disagreeing(), 0U);
}

TEST(Ranking, ProbabilitiesAreRecognisedAndCompared) {
  const RankingFacts facts = facts_of(2, 1, {0.25, 0.75, 0.5, 0.5}, {0.25, 0.75, 0.4375, 0.5625});

  EXPECT_TRUE(facts.distributions);
  EXPECT_EQ(facts.max_sum_error, 0);
  EXPECT_DOUBLE_EQ(facts.max_total_variation, 0.0625);
  // Half of 0.5·ln(0.5/0.4375) + 0.5·ln(0.5/0.5625).
  EXPECT_NEAR(facts.mean_divergence, (std::log(0.5 / 0.4375) + std::log(0.5 / 0.5625)) / 4, 1e-15);
  EXPECT_FALSE(facts_of(2, 1, {0.25, 0.5}, {0.25, 0.5}).distributions);
  EXPECT_FALSE(facts_of(2, 1, {-0.5, 1.5}, {0.25, 0.5}).distributions);
}

TEST(Ranking, RowsMayComeInPieces) {
  const Values reference = {1, 2, 3, 3, 2, 1}, output = {1, 2, 3, 1, 2, 3};
  const std::span<const double> r(reference), g(output);
  RankingCollector whole(0, 3, 2), pieces(0, 3, 2), first(0, 3, 2), second(1, 3, 2);
  whole.add(r, g);
  for (const std::size_t i : {0, 2, 4}) pieces.add(r.subspan(i, 2), g.subspan(i, 2));
  first.add(r.first(3), g.first(3));
  second.add(r.subspan(3), g.subspan(3));
  first += second;

  for (const RankingFacts& facts : {whole.facts(), pieces.facts(), first.facts()}) {
    EXPECT_EQ(facts.rows, 2U);
    EXPECT_EQ(facts.same_first, 1U);
    ASSERT_EQ(facts.disagreements.size(), 1U);
    EXPECT_EQ(facts.disagreements[0].row, 1U);
    EXPECT_DOUBLE_EQ(facts.mean_overlap, 0.75);
  }
}

}  // namespace
}  // namespace gpubench
