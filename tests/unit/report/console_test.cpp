#include "report/console.h"

#include <gtest/gtest.h>

#include "report/answers.h"
#include "report/precision.h"
#include "report/speedup.h"
#include "report/verdict.h"
#include "unit/report/golden.h"
#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

using report_tests::expect_fits;
using report_tests::expect_golden;
using report_tests::matmul_rows;
using report_tests::software_device;
using report_tests::timed_row;

const SpeedupTable kSpeedup = {{}, "fp16", "fp32"};
const std::vector<Comparison> kComparisons = {kSpeedup};

RunReport report_of(const std::vector<Row>& rows) {
  return {.rows = rows,
          .comparisons = kComparisons,
          .files = {"results/20261121T103005Z-matmul-3fa9/results.csv"},
          .command = "./gpubench run scenarios/matmul.yaml"};
}

std::vector<Row> failed_rows() {
  std::vector<Row> rows = matmul_rows();
  rows[2].status = RowStatus::failed;
  rows[2].check->status = CheckStatus::failed;
  rows[2].check->metrics.bound_ratio = 1834.5;
  rows[2].reason = Reason{"wrong_result",
                          "element 4711 is 0.3125, expected 0.8127 within 2.1e-05; 4096 of "
                          "16777216 elements are beyond their tolerance"};
  rows[4].status = RowStatus::device_lost;
  rows[4].reason = Reason{"device_lost", "vkQueueSubmit: VK_ERROR_DEVICE_LOST"};
  return rows;
}

TEST(Console, RunFitsIn80ColumnsAndMatchesGolden) {
  const std::vector<Row> rows = matmul_rows();

  const std::string text =
      device_line(software_device(), {}) + '\n' + run_text(report_of(rows), {});

  expect_fits(text, 80);
  expect_golden("run_matmul.txt", text);
}

TEST(Console, FailedRunMatchesGolden) {
  const std::vector<Row> rows = failed_rows();
  RunReport report = report_of(rows);
  report.broken_expectations = {{rows[3].planned.id, "rel_fro_err at most 2e-6", "1.3e-2"}};

  const std::string text = run_text(report, {});

  expect_fits(text, 80);
  expect_golden("run_failed.txt", text);
}

TEST(Console, ShaderThatDeclaresLessThanItsCaseIsAFindingEvenIfItPassed) {
  std::vector<Row> rows = {timed_row(256, Precision::fp32, 0.001, 1.2e-7)};
  rows[0].declared = DeclaredArithmetic{.fp32 = 9, .relaxed = 12};

  const std::string text = run_text(report_of(rows), {});

  expect_fits(text, 80);
  EXPECT_NE(text.find("passed, not as declared\n"), std::string::npos) << text;
  EXPECT_NE(text.find("NOT AS DECLARED: 1 of 1 cases\n"), std::string::npos) << text;
  EXPECT_NE(text.find("12 of the shader's"), std::string::npos) << text;
}

TEST(Console, RelaxedPathMayBeRelaxed) {
  std::vector<Row> rows = {timed_row(256, Precision::fp32_relaxed, 0.001, 1.2e-7)};
  rows[0].declared = DeclaredArithmetic{.fp32 = 9, .relaxed = 12};

  EXPECT_EQ(run_text(report_of(rows), {}).find("AS DECLARED"), std::string::npos);
}

/// One case built both ways.
std::vector<Row> built_both_ways(const char* as_is_hash, const char* strict_hash) {
  std::vector<Row> rows(2, timed_row(256, Precision::fp32, 0.001, 1.2e-7));
  rows[0].check->output_hash = as_is_hash;
  rows[1].check->output_hash = strict_hash;
  rows[1].planned.kernel.build = "strict";
  rows[1].check->metrics.rel_fro_err = 1.6e-7;
  return rows;
}

TEST(Console, StrictBuildWithOtherBitsIsAFinding) {
  const std::vector<Row> rows = built_both_ways("aa", "bb");

  const std::string text = run_text(report_of(rows), {});

  expect_fits(text, 80);
  EXPECT_NE(
      text.find("Strict build: 1 of 1 outputs differ from the default's\n"
                "  gemm 256² fp32 direct: other bits; relative error 1.2e-07 as it is, 1.6e-07\n"
                "      strict\n"),
      std::string::npos)
      << text;
}

TEST(Console, StrictBuildSaysWhatEachComputesWhereThatWasProbed) {
  std::vector<Row> rows = built_both_ways("aa", "bb");
  rows[0].observed_precision = "fused fp32 sums";
  rows[1].observed_precision = "separate fp32 sums";

  EXPECT_NE(run_text(report_of(rows), {}).find("computes fused fp32 sums as it is"),
            std::string::npos);
}

TEST(Console, StrictBuildWithTheSameBitsIsCounted) {
  const std::vector<Row> rows = built_both_ways("aa", "aa");

  const std::string text = run_text(report_of(rows), {});

  EXPECT_NE(text.find("Strict build: 0 of 1 outputs differ"), std::string::npos) << text;
  EXPECT_EQ(text.find("other bits"), std::string::npos);
}

TEST(Console, StrictBuildIsComparedWithNothingElse) {
  std::vector<Row> rows = built_both_ways("aa", "bb");
  rows[1].planned.problem.seed = 43;

  EXPECT_EQ(run_text(report_of(rows), {}).find("Strict build"), std::string::npos);
}

TEST(Console, SoftmaxShowsBandwidth) {
  Row row = timed_row(1000, Precision::fp32, 0.001, 2e-8);
  row.planned.problem.op = Op::softmax;
  row.planned.problem.shape = {1000, 1000, 0, 1};
  const std::vector<Row> rows = {row};

  // A million elements read and written, 4 bytes each, in 1 ms: 8 GB/s.
  EXPECT_EQ(results_text(rows, {}),
            "softmax: kernel direct, fill normal, seed 42\n"
            "case        median ms   GB/s  spread  rel. error  verdict\n"
            "1000² fp32      1.000  8.000   0.7 %     2.0e-08  passed\n");
}

TEST(Console, SoftwareDeviceSaysSoWhateverItsName) {
  DeviceTraits traits = software_device();
  traits.name = std::string(200, 'x');

  const std::string line = device_line(traits, {});

  EXPECT_NE(line.find("SOFTWARE, runs on the CPU"), std::string::npos);
  expect_fits(line, 80);
}

TEST(Console, SeveralDevicesHaveTheirOwnTables) {
  std::vector<Row> rows = {timed_row(64, Precision::fp32, 1, 0),
                           timed_row(64, Precision::fp32, 1, 0)};
  rows[1].device.name = "Other GPU";
  rows[1].device.uuid = "other";
  rows[1].device.type = DeviceType::discrete;

  const std::string text = results_text(rows, {});

  EXPECT_NE(text.find("llvmpipe"), std::string::npos);
  EXPECT_NE(text.find("Other GPU · Mesa 22.3.6 (LLVM 15.0.6) · discrete"), std::string::npos)
      << text;
}

TEST(Console, FailedRowShowsNoSpeed) {
  std::vector<Row> rows = failed_rows();

  const std::string text = results_text(std::span(rows).subspan(2, 1), {});

  EXPECT_NE(text.find("FAILED wrong_result"), std::string::npos);
  EXPECT_EQ(text.find("1373"), std::string::npos);
  EXPECT_EQ(text.find("1.373"), std::string::npos);
}

TEST(Console, NothingRunIsSaid) {
  EXPECT_EQ(run_text({}, {}), "Nothing was run.\n");
}

TEST(Console, NarrowConsoleClipsTheTables) {
  const std::vector<Row> rows = matmul_rows();

  expect_fits(results_text(rows, {.width = 66}), 66);
}

TEST(Console, ManyVariantsGetATableForEachShape) {
  std::vector<Row> rows;
  for (const std::uint32_t size : {1000, 2000}) {
    for (const char* kernel : {"naive", "tiled"}) {
      rows.push_back(timed_row(size, Precision::fp32_via_fp16, 1, 0));
      rows.back().kernel = kernel;
    }
  }

  // 25 columns of whole labels do not fit beside 48 of the others; 19 without the shape do.
  const std::string text = results_text(rows, {.width = 70});

  expect_fits(text, 70);
  EXPECT_EQ(text.find("…"), std::string::npos);
  EXPECT_NE(text.find("gemm 1000²: fill normal, seed 42\n"), std::string::npos);
  EXPECT_NE(text.find("\n\ngemm 2000²: fill normal, seed 42\n"), std::string::npos);
  EXPECT_NE(text.find("\nfp32_via_fp16 tiled"), std::string::npos);
}

TEST(Console, ColourNeverMeansNoEscapes) {
  const std::vector<Row> rows = failed_rows();

  EXPECT_EQ(run_text(report_of(rows), {}).find('\x1b'), std::string::npos);
  EXPECT_NE(run_text(report_of(rows), {.colour = Colour::always}).find("\x1b[31mFAILED"),
            std::string::npos);
}

TEST(Console, UnsteadySpreadIsTintedInItsRow) {
  std::vector<Row> rows = {timed_row(64, Precision::fp32, 1, 0)};
  const ConsoleStyle style{.colour = Colour::always};
  EXPECT_EQ(results_text(rows, style).find("\x1b[33m0.7 %"), std::string::npos);

  rows[0].timing->status = TimingStatus::drifting;

  EXPECT_NE(results_text(rows, style).find("\x1b[33m0.7 %"), std::string::npos);
}

TEST(Speedup, RatioIsOverByOf) {
  const std::vector<Row> rows = {timed_row(16384, Precision::fp32, 8.6521, 1e-6),
                                 timed_row(16384, Precision::fp16, 6.7691, 1e-2)};

  // 8.6521 / 6.7691 = 1.2782.
  EXPECT_NE(speedup_table(kSpeedup, rows, {}).find("1.28x"), std::string::npos);
}

TEST(Speedup, OtherSeedIsNotItsPair) {
  std::vector<Row> rows = {timed_row(64, Precision::fp32, 2, 0),
                           timed_row(64, Precision::fp16, 1, 0)};
  rows[1].planned.problem.seed = 7;

  EXPECT_EQ(speedup_table(kSpeedup, rows, {}), "");
}

TEST(Speedup, PairsOfOneShapeAreToldApart) {
  std::vector<Row> rows;
  for (const std::uint64_t seed : {42U, 43U}) {
    rows.push_back(timed_row(64, Precision::fp32, 2, 0));
    rows.push_back(timed_row(64, Precision::fp16, 1, 0));
    for (Row& row : std::span(rows).last(2)) row.planned.problem.seed = seed;
  }

  const std::string text = speedup_table(kSpeedup, rows, {});

  EXPECT_NE(text.find("gemm 64² s42"), std::string::npos) << text;
  EXPECT_NE(text.find("gemm 64² s43"), std::string::npos) << text;
}

TEST(Speedup, FailedCaseGivesNoRatio) {
  std::vector<Row> rows = {timed_row(64, Precision::fp32, 2, 0),
                           timed_row(64, Precision::fp16, 1, 0)};
  rows[1].status = RowStatus::failed;
  rows[1].check->status = CheckStatus::failed;
  rows[1].reason = Reason{"wrong_result", ""};

  const std::string text = speedup_table(kSpeedup, rows, {});

  EXPECT_EQ(text.find("2.00x"), std::string::npos);
  EXPECT_NE(text.find("fp16 FAILED wrong_result"), std::string::npos) << text;
}

/// Rows whose probes said this, one for each size.
std::vector<Row> probed_rows(Precision precision, const std::string& verdict,
                             const std::string& observed, std::vector<std::uint32_t> sizes) {
  std::vector<Row> rows;
  for (const std::uint32_t size : sizes) {
    rows.push_back(timed_row(size, precision, 1, 0));
    rows.back().precision_verdict = verdict;
    rows.back().observed_precision = observed;
    rows.back().precision_reason = observed + ": all of 4096 random outputs to the bit";
  }
  return rows;
}

TEST(Precision, ShapesOfOneOutcomeShareAnEntryAndAccusedComeFirst) {
  std::vector<Row> rows = probed_rows(Precision::fp16, "confirmed", "fp16 sums", {64, 128, 64});
  const auto bad = probed_rows(Precision::fp32, "downgraded", "tf32 inputs", {64});
  rows.insert(rows.end(), bad.begin(), bad.end());

  EXPECT_EQ(precision_text(rows, {}),
            "What did each path really compute?\n"
            "  gemm direct declares fp32  DOWNGRADED: tf32 inputs (64²)\n"
            "  gemm direct declares fp16  confirmed: fp16 sums (64², 128²)\n");
  EXPECT_EQ(worst_row(rows), &rows[3]);
}

TEST(Precision, WhatWasNotProbedSaysWhyAndWhatNobodyAskedForSaysNothing) {
  std::vector<Row> rows = {timed_row(64, Precision::fp32, 1, 0)};
  EXPECT_EQ(precision_text(rows, {}), "");

  rows[0].precision_reason = "budget: the probes need about 9 s";
  EXPECT_EQ(precision_text(rows, {}),
            "What did each path really compute?\n"
            "  gemm direct declares fp32  not probed: the probes need about 9 s (64²)\n");
}

TEST(Precision, LongNamesWrap) {
  const auto rows = probed_rows(Precision::fp16_acc32, "confirmed", std::string(200, 'x') + " y",
                                {1, 2, 3, 4, 5, 6});

  const std::string text = precision_text(rows, {});

  EXPECT_NE(text.find("(1², 2², 3², 4² and 2 more)"), std::string::npos) << text;
}

TEST(Precision, VerdictColumnShowsADowngrade) {
  const auto cell_of = [](Precision precision, const char* verdict) {
    return verdict_cell(probed_rows(precision, verdict, "", {64})[0]);
  };

  EXPECT_EQ(cell_of(Precision::fp32, "downgraded").text, "DOWNGRADED");
  EXPECT_EQ(cell_of(Precision::fp32, "downgraded").tint, Tint::bad);
  EXPECT_EQ(cell_of(Precision::fp32, "wrong").text, "WRONG");
  EXPECT_EQ(cell_of(Precision::fp32_via_fp16, "downgraded").text, "passed, downgraded");
  EXPECT_EQ(cell_of(Precision::fp32, "unresolved").text, "passed, unresolved");
  EXPECT_EQ(cell_of(Precision::fp32, "confirmed").text, "passed");
  Row failed = probed_rows(Precision::fp32, "downgraded", "", {64})[0];
  failed.status = RowStatus::failed;
  failed.reason = Reason{"wrong_result", ""};
  EXPECT_EQ(verdict_cell(failed).text, "FAILED, DOWNGRADED");
}

TEST(Answers, FailureIsWorseThanAnyDrift) {
  std::vector<Row> rows = matmul_rows();
  EXPECT_EQ(worst_row(rows), &rows[3]);  // 0.61 of its tolerance, the most.

  rows[0].status = RowStatus::failed;
  rows[0].check->status = CheckStatus::failed;
  rows[0].check->metrics.bound_ratio = kNoValue;  // Poison was left: there is no ratio.
  EXPECT_EQ(worst_row(rows), &rows[0]);

  rows[2].status = RowStatus::failed;
  rows[2].check->status = CheckStatus::failed;
  rows[2].check->metrics.bound_ratio = 1e9;
  EXPECT_EQ(worst_row(rows), &rows[0]);  // No ratio at all is worse than any ratio.
}

TEST(Answers, NothingComparedHasNoWorst) {
  const std::vector<Row> rows = {report_tests::skipped_row(64, Precision::fp32, "")};

  EXPECT_EQ(worst_row(rows), nullptr);
  EXPECT_EQ(worst_drift_text(rows, {}), "Worst drift: no output was compared\n");
}

TEST(Answers, RepeatCommandQuotesWhatTheShellWouldRead) {
  Row row;
  row.planned.id = "gemm/my kernel's";

  EXPECT_EQ(repeat_command("gpubench run x.yaml", row, {}),
            "  gpubench run x.yaml --case 'gemm/my kernel'\\''s'\n");
}

TEST(Answers, LongGroupsAreCutAndCounted) {
  const std::vector<Row> rows(20, report_tests::skipped_row(64, Precision::fp32, "too long"));

  const std::string text = left_out_text(rows, {});

  EXPECT_NE(text.find("Not run: 20 of 20 cases"), std::string::npos);
  EXPECT_NE(text.find("and 12 more, in results.csv"), std::string::npos);
}

}  // namespace
}  // namespace gpubench
