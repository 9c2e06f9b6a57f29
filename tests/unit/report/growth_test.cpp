#include "report/growth.h"

#include <gtest/gtest.h>

#include "unit/report/golden.h"
#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

using report_tests::expect_fits;
using report_tests::planned_row;
using report_tests::timed_row;

Row sum_of(std::uint32_t k, Precision precision, double error, double expected) {
  Row row = timed_row(8, precision, 0.001, error);
  row.planned.problem.shape = {8, 8, k, 1};
  row.check->metrics.rel_fro_err_fp64 = error;
  row.check->expected_rel_fro_err = expected;
  return row;
}

TEST(Growth, ShowsTheErrorAndItsShareOfTheExpected) {
  std::vector<Row> rows = {
      sum_of(1024, Precision::fp32, 4e-7, 4e-7), sum_of(256, Precision::fp32, 1e-7, 2e-7),
      sum_of(1024, Precision::fp16, 0.9, 3e-3), sum_of(256, Precision::fp16, 9e-4, 1e-3)};

  const std::string text = growth_tables({}, rows, {});

  expect_fits(text, 80);
  EXPECT_TRUE(
      text.starts_with("How does the error grow with k? gemm: kernel direct, fill normal, "
                       "seed 42\n"
                       "   k          fp32          fp16\n"
                       " 256  1.0e-07 0.50  9.0e-04 0.90\n"
                       "1024  4.0e-07 1.00   9.0e-01 300\n"))
      << text;
}

TEST(Growth, OtherDataAreAnotherTable) {
  std::vector<Row> rows = {
      sum_of(256, Precision::fp32, 1e-7, 1e-7), sum_of(512, Precision::fp32, 1e-7, 1e-7),
      sum_of(256, Precision::fp32, 1e-7, 1e-7), sum_of(512, Precision::fp32, 1e-7, 1e-7)};
  for (const std::size_t i : {2U, 3U}) rows[i].planned.problem.fill = Fill::uniform01;

  const std::string text = growth_tables({}, rows, {});

  EXPECT_NE(text.find("\n\nHow does the error grow with k? gemm: kernel direct, fill uniform01"),
            std::string::npos)
      << text;
}

TEST(Growth, WhatIsMissingSaysSo) {
  std::vector<Row> rows = {
      sum_of(256, Precision::fp32, 1e-7, 1e-7), sum_of(512, Precision::fp32, 1e-7, kNoValue),
      sum_of(256, Precision::fp16, 1e-3, 1e-3), planned_row(8, Precision::fp16)};
  rows[3].planned.problem.shape = {8, 8, 512, 1};
  rows[3].kernel = "direct";
  rows[3].status = RowStatus::skipped;

  const std::string text = growth_tables({}, rows, {});

  EXPECT_NE(text.find("512       1.0e-07       not run\n"), std::string::npos) << text;
}

TEST(Growth, OneSizeDoesNotGrow) {
  const std::vector<Row> rows = {sum_of(256, Precision::fp32, 1e-7, 1e-7)};

  EXPECT_EQ(growth_tables({}, rows, {}), "");
}

}  // namespace
}  // namespace gpubench
