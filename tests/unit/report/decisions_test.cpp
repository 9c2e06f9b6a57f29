#include "report/decisions.h"

#include <gtest/gtest.h>

#include <array>

#include "unit/report/golden.h"
#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

using report_tests::expect_fits;
using report_tests::expect_golden;
using report_tests::timed_row;

/// The published classifier: 464 samples, two of which rounding to FP16 turns up.
FlipFacts published(bool flipped) {
  std::vector<double> reference, output, labels;
  const auto add = [&](int count, double from, double to, double label) {
    reference.insert(reference.end(), static_cast<std::size_t>(count), from);
    output.insert(output.end(), static_cast<std::size_t>(count), flipped ? to : from);
    labels.insert(labels.end(), static_cast<std::size_t>(count), label);
  };
  add(206, 0.1, 0.1, 0);
  add(24, 0.6, 0.6, 0);
  add(68, 0.2, 0.2, 1);
  add(164, 0.7, 0.7, 1);
  add(1, 0.49991, 0.5, 0);
  add(1, 0.49995, 0.5, 1);
  FlipCollector collector({});
  collector.add(0, reference, output, labels);
  return collector.facts();
}

Row path(Precision precision, bool flipped) {
  Row row = timed_row(64, precision, 0.001, 1e-7);
  row.planned.problem.op = Op::linear;
  row.planned.problem.shape = {464, 1, 4, 1};
  row.planned.problem.activation = Activation::sigmoid;
  row.planned.decide = DecideSpec{.labels = "drawn"};
  // Of the two flips, the margin reaches one: 0.49995 is 5e-5 away.
  row.decisions = DecisionFacts{published(flipped), {6e-5, 6e-5}, flipped ? 1U : 0U};
  return row;
}

TEST(Decisions, PublishedClassifierHasBothItsMatrices) {
  const std::vector<Row> rows = {path(Precision::fp32, false), path(Precision::fp16, true)};

  const std::string text = decision_tables(rows, {});

  expect_fits(text, 80);
  expect_golden("decisions_published.txt", text);
}

TEST(Decisions, WithoutLabelsThereAreFlipsAlone) {
  std::vector<Row> rows = {path(Precision::fp16, true)};
  FlipCollector collector({0.5, DecisionRule::above});
  collector.add(0, std::array{0.50001, 0.1}, std::array{0.5, 0.1}, {});
  rows[0].decisions = DecisionFacts{collector.facts(), {1e-3}, 1};

  const std::string text = decision_tables(rows, {});

  EXPECT_NE(text.find("fp16       0     1     1       1   -   -   -   -  -\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("turns (0.5, 0.500244140625] down"), std::string::npos) << text;
  EXPECT_EQ(text.find("McNemar"), std::string::npos) << text;
}

TEST(Decisions, TheFirstFlipsOfEachPathAreListedAndTheRestCounted) {
  std::vector<Row> rows = {path(Precision::fp16, true), path(Precision::fp16_acc32, true)};
  FlipCollector collector({});
  collector.add(0, std::array{0.49, 0.49, 0.49, 0.49, 0.49}, std::array{0.5, 0.5, 0.5, 0.5, 0.5},
                {});
  rows[1].decisions = DecisionFacts{collector.facts(), std::vector<double>(5, 0.1), 5};

  const std::string text = decision_tables(rows, {});

  EXPECT_NE(text.find("fp16_acc32        2      0.49     0.5      -    no     yes\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n  and 2 more, in flips.csv\n"), std::string::npos) << text;
}

TEST(Decisions, PathsThatFlipNothingListNothing) {
  const std::vector<Row> rows = {path(Precision::fp32, false)};

  EXPECT_EQ(decision_tables(rows, {}).find("flipped"), std::string::npos);
}

TEST(Decisions, OtherThresholdsAreOtherTables) {
  std::vector<Row> rows = {path(Precision::fp16, true), path(Precision::fp16, true)};
  rows[1].planned.decide->threshold = 0.3;

  const std::string text = decision_tables(rows, {});

  EXPECT_NE(text.find("\n\nWhich decisions"), std::string::npos) << text;
}

TEST(Decisions, RowsThatDecideNothingHaveNoTable) {
  EXPECT_EQ(decision_tables(report_tests::matmul_rows(), {}), "");
}

}  // namespace
}  // namespace gpubench
