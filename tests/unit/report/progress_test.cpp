#include "report/progress.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "report/width.h"
#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

Progress in_the_middle() {
  return {.position = 7, .total = 21, .label = "gemm 4096² fp16", .share = 0.42, .left_s = 72};
}

TEST(Progress, LineSaysWhereAndHowLong) {
  EXPECT_EQ(progress_line(in_the_middle(), 80), "[ 7/21] gemm 4096² fp16 · 42 % · 1 min 12 s left");
}

TEST(Progress, UnknownPartsAreLeftOut) {
  EXPECT_EQ(progress_line({.position = 1, .total = 9, .label = "softmax 64² fp32"}, 80),
            "[1/9] softmax 64² fp32");
}

TEST(Progress, NarrowTerminalClipsTheLabelFirst) {
  // Head 8 and tail 26 columns leave 6 of the label.
  const std::string line = progress_line(in_the_middle(), 39);

  EXPECT_EQ(line, "[ 7/21] gem…16 · 42 % · 1 min 12 s left");
  EXPECT_EQ(display_width(line), 39U);
}

TEST(Progress, NeverWiderThanTheTerminal) {
  for (std::size_t width = 0; width < 60; ++width) {
    EXPECT_LE(display_width(progress_line(in_the_middle(), width)), width);
  }
}

TEST(Progress, FinishedCaseShowsTimeAndVerdict) {
  const Row row = report_tests::timed_row(4096, Precision::fp16, 0.00124, 0);

  EXPECT_EQ(finished_line(in_the_middle(), row), "[ 7/21] gemm 4096² fp16: 1.24 ms, passed");
}

TEST(Progress, SkippedCaseShowsNoTime) {
  const Row row = report_tests::skipped_row(4096, Precision::fp16, "");

  EXPECT_EQ(finished_line(in_the_middle(), row), "[ 7/21] gemm 4096² fp16: skipped: budget");
}

TEST(TimeLeft, PredictionsAreCorrectedByWhatWasSeen) {
  const std::vector<double> predicted = {1, 2, 10, 20};

  // 3 s predicted took 6 s: the remaining 30 s will take 60 s, of which 5 s are over.
  EXPECT_DOUBLE_EQ(
      *time_left(
          {.predicted_s = predicted, .finished = 2, .finished_took_s = 6, .current_took_s = 5}),
      55);
}

TEST(TimeLeft, PredictionsStandBeforeAnythingHasFinished) {
  const std::vector<double> predicted = {1, 2};

  EXPECT_DOUBLE_EQ(*time_left({.predicted_s = predicted}), 3);
}

TEST(TimeLeft, IsNeverNegative) {
  const std::vector<double> predicted = {1, 1};

  EXPECT_DOUBLE_EQ(
      *time_left(
          {.predicted_s = predicted, .finished = 1, .finished_took_s = 1, .current_took_s = 100}),
      0);
}

TEST(TimeLeft, UnknownPredictionGivesNone) {
  const std::vector<double> predicted = {1, std::numeric_limits<double>::infinity()};

  EXPECT_EQ(time_left({.predicted_s = predicted}), std::nullopt);
}

}  // namespace
}  // namespace gpubench
