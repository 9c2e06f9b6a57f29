#include "report/out_of_range.h"

#include <gtest/gtest.h>

#include "unit/report/golden.h"
#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

using report_tests::expect_fits;
using report_tests::timed_row;

Row path(Precision precision, std::uint64_t nonfinite, std::uint64_t clamped, std::uint64_t zero) {
  Row row = timed_row(64, precision, 0.001, 1e-7);
  DriftMetrics& metrics = row.check->metrics;
  metrics.elements = 4096;
  metrics.nonfinite = nonfinite;
  metrics.clamped = clamped;
  metrics.underflowed = zero;
  return row;
}

TEST(OutOfRange, PathsThatStayedWithinStandBesideThoseThatDidNot) {
  // Clamped outputs are counted among those left out of the norms, too.
  const std::vector<Row> rows = {path(Precision::fp32, 0, 0, 0),
                                 path(Precision::fp16, 4000, 100, 7)};

  const std::string text = out_of_range_tables(rows, {});

  expect_fits(text, 80);
  EXPECT_EQ(text,
            "Which paths left the range of their format? gemm 64²: kernel direct, fill\n"
            "  normal, seed 42\n"
            "path  Inf or NaN  clamped  zero    of  verdict\n"
            "fp32           0        0     0  4096  passed\n"
            "fp16        3900      100     7  4096  passed\n");
}

TEST(OutOfRange, NothingIsSaidWhereEverythingFits) {
  EXPECT_EQ(out_of_range_tables(std::vector<Row>{path(Precision::fp16, 0, 0, 0)}, {}), "");
  EXPECT_EQ(out_of_range_tables(report_tests::matmul_rows(), {}), "");
}

TEST(OutOfRange, RowsWithoutACheckAreLeftOut) {
  std::vector<Row> rows = {path(Precision::fp32, 1, 0, 0), path(Precision::fp16, 1, 0, 0)};
  rows[1].check.reset();

  EXPECT_EQ(out_of_range_tables(rows, {}).find("fp16"), std::string::npos);
}

}  // namespace
}  // namespace gpubench
