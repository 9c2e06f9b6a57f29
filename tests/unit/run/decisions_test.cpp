#include "run/decisions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace gpubench {
namespace {

/// A reference of one column whose scales are 1.
Reference reference_of(const std::vector<float>& values) {
  Reference reference;
  reference.rows = reference.rows_per_batch = values.size();
  reference.columns = 1;
  reference.values = FloatArray(values.size());
  std::copy(values.begin(), values.end(), reference.values.data());
  reference.scales = {std::vector<double>(values.size(), 1.0), {1.0}};
  return reference;
}

Tolerance margin_of(double absolute) {
  Tolerance margin;
  margin.absolute = absolute;
  return margin;
}

TEST(Decisions, FlipsAreExplainedByTheIntervalOrNot) {
  // In [0.4998779296875, 0.5), below it, above it, and one that does not flip.
  const Reference expected = reference_of({0.4999F, 0.4990F, 0.5001F, 0.25F});
  const std::vector<float> output = {0.5F, 0.5F, 0.4999F, 0.25F};
  const DecideSpec decide;
  const Tolerance margin = margin_of(5e-4);

  const DecisionFacts facts = judge_decisions({output, {}}, {decide, expected, margin, {}});

  EXPECT_EQ(facts.flips.decided, 4U);
  EXPECT_EQ(facts.flips.up, 2U);
  EXPECT_EQ(facts.flips.down, 1U);
  EXPECT_EQ(facts.flips.in(Lattice::fp16).explained, 1U);
  EXPECT_EQ(facts.flips.in(Lattice::fp16).at_risk, 1U);
  EXPECT_EQ(facts.within_margin, 2U);  // 0.499 is 1e-3 away
  ASSERT_EQ(facts.flips.flips.size(), 3U);
  EXPECT_EQ(facts.margins, std::vector<double>(3, 5e-4));
  EXPECT_TRUE(is_in_margin(facts, 0));
  EXPECT_FALSE(is_in_margin(facts, 1));
  EXPECT_TRUE(is_in_margin(facts, 2));
  EXPECT_FALSE(facts.flips.labelled);
}

TEST(Decisions, AreHeldAgainstTheLabels) {
  const Reference expected = reference_of({0.4999F, 0.1F, 0.9F, 0.9F});
  const std::vector<float> output = {0.5F, 0.1F, 0.9F, 0.9F};
  const std::vector<std::uint8_t> labels = {1, 0, 1, 0};
  const DecideSpec decide;

  const DecisionFacts facts =
      judge_decisions({output, {}}, {decide, expected, margin_of(0), labels});

  EXPECT_TRUE(facts.flips.labelled);
  EXPECT_EQ(facts.flips.reference, (Confusion{1, 1, 1, 1}));  // TP, FP, FN, TN
  EXPECT_EQ(facts.flips.output, (Confusion{2, 1, 0, 1}));
  EXPECT_EQ(facts.flips.repaired, 1U);
  EXPECT_EQ(facts.within_margin, 0U);
}

TEST(Decisions, NanDecidesNothing) {
  const Reference expected = reference_of({0.9F, 0.1F});
  const std::vector<float> output = {std::nanf(""), 0.1F};
  const DecideSpec decide;

  const DecisionFacts facts = judge_decisions({output, {}}, {decide, expected, margin_of(9), {}});

  EXPECT_EQ(facts.flips.undecided, 1U);
  EXPECT_EQ(facts.flips.up + facts.flips.down, 0U);
  EXPECT_EQ(facts.within_margin, 0U);
}

TEST(Decisions, MarginFollowsTheScalesOfRowsAndColumns) {
  Reference expected = reference_of({0.4F, 0.4F, 0.4F, 0.4F});
  expected.rows = 2;
  expected.columns = 2;
  expected.rows_per_batch = 1;  // Two batch members of one row.
  expected.scales = {{1, 2}, {1, 2, 3, 4}};
  const std::vector<float> output(4, 0.5F);
  Tolerance margin;
  margin.scale = 0.1 / 3.5;  // Enough for scales from 3.5 on: 2·3 and 2·4.
  const DecideSpec decide;

  const DecisionFacts facts = judge_decisions({output, {}}, {decide, expected, margin, {}});

  EXPECT_EQ(facts.within_margin, 2U);
  ASSERT_EQ(facts.flips.flips.size(), 4U);
  for (const std::size_t i : {0U, 1U}) EXPECT_FALSE(is_in_margin(facts, i));
  for (const std::size_t i : {2U, 3U}) EXPECT_TRUE(is_in_margin(facts, i));
}

TEST(Decisions, ManyPiecesCountAsOne) {
  const std::size_t count = 10000;
  const Reference expected = reference_of(std::vector<float>(count, 0.4999F));
  const std::vector<float> output(count, 0.5F);
  const std::vector<std::uint8_t> labels(count, 1);
  const DecideSpec decide{.threshold = 0.5, .rule = ">"};

  const DecisionFacts none =
      judge_decisions({output, {}}, {decide, expected, margin_of(1), labels});
  const DecisionFacts all =
      judge_decisions({output, {}}, {DecideSpec{}, expected, margin_of(1), labels});

  EXPECT_EQ(none.flips.up, 0U);  // 0.5 is not above 0.5
  EXPECT_EQ(all.flips.up, count);
  EXPECT_EQ(all.within_margin, count);
  EXPECT_EQ(all.flips.flips.size(), kListedFlips);
  EXPECT_EQ(all.margins.size(), kListedFlips);
  EXPECT_EQ(all.flips.repaired, count);
}

}  // namespace
}  // namespace gpubench
