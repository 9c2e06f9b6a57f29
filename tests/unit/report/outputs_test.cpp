#include "report/outputs.h"

#include <gtest/gtest.h>

#include "unit/report/golden.h"
#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

using report_tests::expect_fits;
using report_tests::expect_golden;
using report_tests::timed_row;

// The outputs of ../docs/silent-precision.md: three numbers of FP32, and what FP16 makes of them.
const std::vector<float> kCpu = {0.6480752F, -0.34015813F, 1.4329923F};
const std::vector<float> kGpu = {0.6484375F, -0.34033203F, 1.4326172F};

Row path(Precision precision, const std::vector<float>& outputs, double difference) {
  Row row = timed_row(64, precision, 0.001, difference);
  row.planned.problem.op = Op::linear;
  row.planned.problem.shape = {464, 3, 4, 1};
  row.end_to_end = EndToEnd{difference, difference, outputs, kCpu};
  return row;
}

TEST(Outputs, PublishedCaseIsTwoKindsOfPaths) {
  std::vector<float> nearly = kCpu;
  nearly[0] += 6e-8F;
  const std::vector<Row> rows = {
      path(Precision::fp32, nearly, 1.2e-7), path(Precision::fp32_relaxed, kCpu, 1.2e-7),
      path(Precision::fp32_via_fp16, kGpu, 9.5e-4), path(Precision::fp16, kGpu, 9.5e-4)};

  const std::string text = outputs_tables({}, rows, {});

  expect_fits(text, 80);
  expect_golden("outputs_published.txt", text);
}

TEST(Outputs, FailedPathSaysSoAndUnmeasuredOnesAreLeftOut) {
  std::vector<Row> rows = {path(Precision::fp32, kGpu, 3.7e-4),
                           path(Precision::fp16, kGpu, 3.7e-4)};
  rows[0].status = RowStatus::failed;
  rows[1].end_to_end.reset();

  const std::string text = outputs_tables({}, rows, {});

  EXPECT_NE(text.find("fp32 FAILED  0.6484375"), std::string::npos) << text;
  EXPECT_EQ(text.find("fp16 "), std::string::npos) << text;
  EXPECT_EQ(outputs_tables({}, std::span(rows).subspan(1), {}), "");
}

TEST(Outputs, FewerOutputsThanAskedForAreShown) {
  Row row = path(Precision::fp32, {0.5F}, 0);
  row.planned.problem.shape = {1, 1, 4, 1};
  row.end_to_end->first_expected = {0.5F};

  const std::string text = outputs_tables({{}, 4}, std::vector<Row>{row}, {});

  EXPECT_NE(text.find("path       y0  cpu diff  alike  round trip"), std::string::npos) << text;
}

}  // namespace
}  // namespace gpubench
