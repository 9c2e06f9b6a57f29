#include "audit/flips.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/audit/made_arrays.h"

namespace gpubench {
namespace {

using audit_tests::Values;

struct Scores {
  Values reference, output, labels;

  void add(std::size_t count, double score, double label) {
    for (std::size_t i = 0; i < count; ++i) {
      // Different scores, all on the same side of 0.5 and well away from it.
      const double value =
          static_cast<double>(static_cast<float>(score + 1e-4 * static_cast<double>(i)));
      reference.push_back(value);
      output.push_back(static_cast<double>(round_to_half(static_cast<float>(value))));
      labels.push_back(label);
    }
  }
};

/// 464 samples with the counts of the published case: two of them just below the threshold.
Scores published_scores() {
  Scores scores;
  scores.add(206, 0.1, 0);
  scores.add(24, 0.6, 0);
  scores.add(68, 0.2, 1);
  scores.add(164, 0.7, 1);
  scores.add(1, 0.49991, 0);
  scores.add(1, 0.49995, 1);
  return scores;
}

FlipFacts facts_of(const Scores& scores, const DecisionSettings& settings = {}) {
  FlipCollector collector(settings);
  collector.add(0, scores.reference, scores.output, scores.labels);
  return collector.facts();
}

TEST(Flips, PublishedConfusionMatricesAreReproduced) {
  const FlipFacts facts = facts_of(published_scores());

  EXPECT_EQ(facts.decided, 464U);
  EXPECT_EQ(facts.reference, (Confusion{164, 24, 69, 207}));  // TP, FP, FN, TN
  EXPECT_EQ(facts.output, (Confusion{165, 25, 68, 206}));
  EXPECT_EQ(facts.up, 2U);
  EXPECT_EQ(facts.down, 0U);
  EXPECT_EQ(facts.broke, 1U);
  EXPECT_EQ(facts.repaired, 1U);
  EXPECT_EQ(facts.mcnemar_p, 1);
}

TEST(Flips, BothAreExplainedByFp16sWindowAndNamed) {
  const FlipFacts facts = facts_of(published_scores());

  EXPECT_EQ(facts.in(Lattice::fp16).at_risk, 2U);
  EXPECT_EQ(facts.in(Lattice::fp16).explained, 2U);
  ASSERT_EQ(facts.flips.size(), 2U);
  EXPECT_EQ(facts.flips[0].index, 462U);
  EXPECT_EQ(facts.flips[0].label, Label::no);
  EXPECT_EQ(facts.flips[1].output, 0.5);
}

TEST(Flips, StrictRuleFlipsNothingUp) {
  const FlipFacts facts = facts_of(published_scores(), {0.5, DecisionRule::above});

  EXPECT_EQ(facts.up + facts.down, 0U);
  EXPECT_EQ(facts.reference, facts.output);
}

TEST(Flips, FlipOutsideTheWindowIsNotExplained) {
  Scores scores;
  scores.reference = {0.45, 0.4999, 0.55};
  scores.output = {0.51, 0.5, 0.49};

  const FlipFacts facts = facts_of(scores);

  EXPECT_EQ(facts.up, 2U);
  EXPECT_EQ(facts.down, 1U);
  EXPECT_EQ(facts.in(Lattice::fp16).explained, 1U);
  EXPECT_FALSE(facts.flips[0].in_window[static_cast<std::size_t>(Lattice::fp16)]);
  EXPECT_TRUE(facts.flips[1].in_window[static_cast<std::size_t>(Lattice::fp16)]);
  EXPECT_FALSE(facts.labelled);
}

TEST(Flips, NaNDecidesNothing) {
  Scores scores;
  scores.reference = {0.9, 0.9};
  scores.output = {std::numeric_limits<double>::quiet_NaN(), 0.9};

  const FlipFacts facts = facts_of(scores);

  EXPECT_EQ(facts.undecided, 1U);
  EXPECT_EQ(facts.decided, 1U);
  EXPECT_EQ(facts.up + facts.down, 0U);
}

TEST(Flips, McNemarOfAnUnevenSplit) {
  // Six flips away from the label, none towards it: p = 2/2^6.
  Scores scores;
  scores.reference = Values(6, 0.6);
  scores.output = Values(6, 0.4);
  scores.labels = Values(6, 1);

  EXPECT_NEAR(facts_of(scores).mcnemar_p, 2.0 / 64, 1e-12);
}

TEST(Flips, PiecesJoinToTheWhole) {
  const Scores scores = published_scores();
  const std::span<const double> r(scores.reference), g(scores.output), y(scores.labels);
  FlipCollector first({}), second({});
  first.add(0, r.first(463), g.first(463), y.first(463));
  second.add(463, r.subspan(463), g.subspan(463), y.subspan(463));

  first += second;

  const FlipFacts facts = first.facts();
  EXPECT_EQ(facts.output, (Confusion{165, 25, 68, 206}));
  ASSERT_EQ(facts.flips.size(), 2U);
  EXPECT_EQ(facts.flips[1].index, 463U);
  EXPECT_EQ(facts.in(Lattice::fp16).explained, 2U);
}

TEST(Flips, ListIsBoundedAndCountsAreNot) {
  Scores scores;
  scores.reference = Values(5000, 0.4);
  scores.output = Values(5000, 0.6);

  const FlipFacts facts = facts_of(scores);

  EXPECT_EQ(facts.up, 5000U);
  EXPECT_EQ(facts.flips.size(), 1000U);
}

}  // namespace
}  // namespace gpubench
