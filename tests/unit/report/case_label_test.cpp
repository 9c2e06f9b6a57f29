#include "report/case_label.h"

#include <gtest/gtest.h>

#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

using report_tests::planned_row;
using report_tests::timed_row;

std::vector<const Row*> pointers(const std::vector<Row>& rows) {
  std::vector<const Row*> result;
  for (const Row& row : rows) result.push_back(&row);
  return result;
}

TEST(CaseLabel, ShapesAreAsShortAsTheyCanBe) {
  Problem problem;
  problem.shape = {64, 64, 64, 1};
  EXPECT_EQ(shape_text(problem), "64²");
  problem.shape = {64, 10, 37, 1};
  EXPECT_EQ(shape_text(problem), "64×10×37");
  problem.shape = {64, 64, 37, 8};
  EXPECT_EQ(shape_text(problem), "8 of 64×64×37");
  problem.op = Op::softmax;
  problem.shape = {64, 1000, 0, 1};
  EXPECT_EQ(shape_text(problem), "64×1000");
}

TEST(CaseLabel, AloneItSaysAllThatIsNotOrdinary) {
  Case planned;
  planned.problem.op = Op::linear;
  planned.problem.shape = {64, 10, 37, 1};
  planned.kernel.name = "auto";
  EXPECT_EQ(short_label(planned), "linear 64×10×37 fp32");

  planned.kernel.name = "tiled";
  planned.problem.activation = Activation::gelu;
  planned.problem.bias = true;
  planned.problem.fill = Fill::uniform;
  EXPECT_EQ(short_label(planned), "linear 64×10×37 fp32 tiled gelu bias uniform");

  planned.problem.fill = Fill::file;
  planned.problem.fill_file_b = "some/where/weight.npy";
  EXPECT_EQ(short_label(planned), "linear 64×10×37 fp32 tiled gelu bias b=weight.npy");
}

TEST(CaseLabel, HeldCaseIsToldFromAShortOne) {
  std::vector<Row> rows = {timed_row(64, Precision::fp32, 1, 0),
                           timed_row(64, Precision::fp32, 1, 0)};
  rows[1].planned.hold_s = 10;

  EXPECT_EQ(case_labels(pointers(rows)).labels,
            (std::vector<std::string>{"64² fp32", "64² fp32 held 10s"}));
  EXPECT_EQ(row_label(rows[1]), "gemm 64² fp32 direct held 10s");
}

TEST(CaseLabel, WhatIsCommonStandsInTheTitle) {
  const std::vector<Row> rows = {timed_row(64, Precision::fp32, 1, 0),
                                 timed_row(64, Precision::fp16, 1, 0)};

  const CaseLabels result = case_labels(pointers(rows));

  EXPECT_EQ(result.common, "kernel direct, fill normal, seed 42");
  EXPECT_EQ(result.labels, (std::vector<std::string>{"64² fp32", "64² fp16"}));
}

TEST(CaseLabel, WhatDiffersStandsInTheRow) {
  std::vector<Row> rows = {timed_row(64, Precision::fp32, 1, 0),
                           timed_row(64, Precision::fp32, 1, 0)};
  rows[1].kernel = "tiled";
  rows[1].planned.problem.layout = Layout::nt;
  rows[1].planned.problem.seed = 7;

  const CaseLabels result = case_labels(pointers(rows));

  EXPECT_EQ(result.common, "fill normal");
  EXPECT_EQ(result.labels,
            (std::vector<std::string>{"64² fp32 direct s42", "64² fp32 tiled nt s7"}));
}

TEST(CaseLabel, SkippedAutoKernelDoesNotSetTheOthersApart) {
  const std::vector<Row> rows = {planned_row(64, Precision::fp32),
                                 timed_row(64, Precision::fp16, 1, 0)};

  EXPECT_EQ(case_labels(pointers(rows)).common, "kernel direct, fill normal, seed 42");
}

}  // namespace
}  // namespace gpubench
