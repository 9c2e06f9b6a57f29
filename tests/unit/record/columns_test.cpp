#include "record/columns.h"
#include "record/side_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>
#include <utility>

#include "record/csv.h"
#include "record/results_table.h"
#include "record/words.h"
#include "sample_rows.h"

namespace gpubench {
namespace {

using namespace record_tests;
using testing::IsEmpty;

// Golden: dashboards read these names. Columns are only ever appended.
constexpr const char* kHeader =
    "schema_version,run_id,started_at,tool_version,tool_commit,host,scenario,scenario_hash,labels,"
    "device_name,device_type,device_uuid,pci_address,vendor_id,device_id,driver_id,driver_version,"
    "driver_info,api_version,env_id,"
    "case_id,op,kernel,kernel_hash,kernel_params,precision,dtype_in,dtype_acc,dtype_out,m,n,k,"
    "batch,layout,activation,fill,seed,"
    "status,reason,"
    "timer,warmup_s,samples,discarded,stop_reason,timing_status,dispatches_per_sample,time_min_s,"
    "time_p05_s,time_p25_s,time_median_s,time_p75_s,time_p95_s,time_max_s,time_mean_s,"
    "time_stddev_s,host_median_s,"
    "flop,throughput_flops,moved_bytes,bandwidth_bytes_per_s,peak_flops,peak_source,"
    "fraction_of_peak,"
    "check_status,check_coverage,reference,max_abs_err,max_rel_err,rel_fro_err,rmse,max_ulp_fp32,"
    "max_ulp_fp16,worst_index,nonfinite,clamped,underflowed,bound_ratio,tolerance_rule,tolerance,"
    "tolerance_has_power,rel_fro_err_fp64,reference_rel_fro_err,output_hash,distinct_outputs,"
    "observed_precision,precision_verdict,fp16_lattice_share,"
    "clock_mhz_median,power_w_mean,temp_c_max,throttle_ratio,"
    "build,spirv_fp32,spirv_fp16,spirv_to_fp16,spirv_relaxed,spirv_no_contraction,spirv_modes,"
    "declared_evidence,precision_reason,"
    "end_to_end_max_abs_err,end_to_end_rel_fro_err,first_outputs,first_expected,"
    "decision,decided,flips_up,flips_down,flips_in_fp16_interval,references_in_fp16_interval,"
    "flips_in_margin,reference_true_negatives,reference_false_positives,reference_false_negatives,"
    "reference_true_positives,true_negatives,false_positives,false_negatives,true_positives,"
    "mcnemar_p,expected_rel_fro_err,peak_bandwidth_bytes_per_s,fraction_of_bandwidth,"
    "kernel_choice,planned_rows,api_validation,repeats\n";

std::string cell(const Row& row, std::string_view name) {
  const auto table = parse_csv(results_header() + results_line(row), "t.csv");
  EXPECT_TRUE(table.ok()) << (table.ok() ? "" : table.error().message);
  const auto index = table->column(name);
  EXPECT_TRUE(index.has_value()) << name;
  return table->records.at(0).fields.at(*index);
}

/// Cells that would show a time or a speed.
std::vector<std::string> speed_cells(const Row& row) {
  std::vector<std::string> cells;
  for (const Column& column : result_columns()) {
    const bool shows_time = column.name.starts_with("time_") || column.unit == "B/s" ||
                            column.name == "throughput_flops" || column.name == "samples" ||
                            column.name == "warmup_s" || column.name == "host_median_s" ||
                            column.name == "fraction_of_peak" || column.name == "timer";
    if (shows_time && !column.value(row).empty()) cells.emplace_back(column.name);
  }
  return cells;
}

TEST(Columns, SamplesHaveBothTimesAndTheirBeginning) {
  const RunFacts facts = run_facts();
  Row row = timed_row(facts);
  row.series->samples[1].at_s = 0.125;

  EXPECT_EQ(header_of(kSamplesFile), "run_id,case_id,sample,gpu_s,host_s,at_s\n");
  const std::string id = "20261121T103005Z-matmul-3fa9,gemm/a,";
  EXPECT_EQ(sample_lines(row), id + "0,5e-04,0.001,\n" + id + "1,0.00025,0.002,0.125\n");
}

TEST(Columns, TelemetryIsEmptyWhereNothingWasRead) {
  const RunFacts facts = run_facts();
  const Row row = throttled_row(facts);

  EXPECT_EQ(header_of(kTelemetryFile),
            "run_id,case_id,device_uuid,at_s,clock_mhz,power_w,temp_c,throttled\n");
  const std::string id = "20261121T103005Z-matmul-3fa9,gemm/a,uuid-0,";
  EXPECT_EQ(telemetry_lines(row), id + "0,1500,,64,\n" + id + "0.25,1200,300,,true\n");
  EXPECT_EQ(telemetry_lines(timed_row(facts)), "");
}

TEST(Columns, EachCellOfTheErrorsIsALine) {
  const RunFacts facts = run_facts();

  EXPECT_EQ(header_of(kErrorsFile),
            "run_id,case_id,device_uuid,row_begin,row_end,column_begin,column_end,max_abs_err,"
            "bound_ratio,nonfinite\n");
  const std::string id = "20261121T103005Z-matmul-3fa9,gemm/a,uuid-0,";
  EXPECT_EQ(error_lines(wrong_row(facts)), id + "0,32,0,32,0.5,2,0\n" + id + "32,64,0,32,0,0,7\n");
  EXPECT_EQ(error_lines(timed_row(facts)), "");
}

TEST(Columns, FlipsAreLinesOfTheirOwn) {
  const RunFacts facts = run_facts();
  const std::string id = "20261121T103005Z-matmul-3fa9,linear/a,";

  EXPECT_EQ(header_of(kFlipsFile),
            "run_id,case_id,element,reference,output,label,in_fp16_interval,margin,in_margin\n");
  EXPECT_EQ(flip_lines(deciding_row(facts)),
            id + "1,0.4999,0.5,1,true,0.001,true\n" + id + "2,0.75,0.25,1,false,0.001,false\n");
  EXPECT_EQ(flip_lines(timed_row(facts)), "");
}

TEST(Columns, HeaderIsTheContract) {
  EXPECT_EQ(results_header(), kHeader);
}

TEST(Columns, NamesAreUniqueAndEachHasUnitAndMeaning) {
  std::set<std::string_view> names;
  for (const Column& column : result_columns()) {
    EXPECT_TRUE(names.insert(column.name).second) << column.name;
    EXPECT_FALSE(column.unit.empty() || column.meaning.empty()) << column.name;
  }
}

TEST(Row, ValuesComeBackThroughWriterAndReader) {
  const RunFacts facts = run_facts();
  const Row row = timed_row(facts);

  EXPECT_EQ(cell(row, "schema_version"), "5");
  EXPECT_EQ(cell(row, "run_id"), facts.run_id);
  EXPECT_EQ(cell(row, "labels"), "rack=4");
  EXPECT_EQ(cell(row, "device_type"), "discrete");
  EXPECT_EQ(cell(row, "vendor_id"), "0x10de");
  EXPECT_EQ(cell(row, "device_id"), "0x0007");
  EXPECT_EQ(cell(row, "m"), "64");
  EXPECT_EQ(cell(row, "k"), "16");
  EXPECT_EQ(cell(row, "time_median_s"), "5e-04");
  EXPECT_EQ(cell(row, "samples"), "2");
  EXPECT_EQ(cell(row, "timing_status"), "steady");
  EXPECT_EQ(cell(row, "check_status"), "passed");
  EXPECT_EQ(cell(row, "rel_fro_err"), "1.5e-07");
  EXPECT_EQ(cell(row, "tolerance_has_power"), "true");
  EXPECT_EQ(cell(row, "precision_verdict"), "not_probed");
}

TEST(Row, RatesFollowFromWorkAndMedian) {
  const RunFacts facts = run_facts();
  Row row = timed_row(facts);
  row.peak_flops = 65536 / 0.0005 * 4;

  // 2·64·32·16 FLOP / 0.5 ms; (64·16 + 16·32 + 64·32)·4 bytes / 0.5 ms; a quarter of the peak.
  EXPECT_EQ(cell(row, "flop"), "65536");
  EXPECT_DOUBLE_EQ(*throughput_flops(row), 65536 / 0.0005);
  EXPECT_DOUBLE_EQ(*bandwidth_bytes_per_s(row), 14336 / 0.0005);
  EXPECT_DOUBLE_EQ(*fraction_of_peak(row), 0.25);
}

TEST(Row, OnlyAGoodOutcomeHasASpeed) {
  const RunFacts facts = run_facts();
  for (const RowStatus status :
       {RowStatus::unsupported, RowStatus::skipped, RowStatus::failed, RowStatus::error,
        RowStatus::timeout, RowStatus::device_lost, RowStatus::out_of_memory}) {
    Row row = timed_row(facts);
    row.status = status;
    EXPECT_THAT(speed_cells(row), IsEmpty()) << to_string(status);
    EXPECT_EQ(sample_lines(row), "");
    EXPECT_EQ(cell(row, "timing_status"), "not_run");
  }
}

TEST(Row, AFailedCheckHasNoSpeedWhateverTheStatus) {
  const RunFacts facts = run_facts();
  Row row = timed_row(facts);
  row.check->status = CheckStatus::failed;

  EXPECT_THAT(speed_cells(row), IsEmpty());
  EXPECT_EQ(cell(row, "check_status"), "failed");
}

TEST(Row, NoAcceptedSampleHasNoSpeed) {
  const RunFacts facts = run_facts();
  Row row = timed_row(facts);
  row.series->samples.clear();

  EXPECT_THAT(speed_cells(row), IsEmpty());
}

TEST(Row, ZeroMedianGivesNoRate) {
  const RunFacts facts = run_facts();
  Row row = timed_row(facts);
  row.timing->median_s = 0;

  EXPECT_EQ(cell(row, "throughput_flops"), "");
  EXPECT_EQ(cell(row, "bandwidth_bytes_per_s"), "");
}

TEST(Row, DecisionsAreWrittenWithTheirRuleAndBothMatrices) {
  Row row;
  FlipCollector flips({0.5, DecisionRule::at_least});
  flips.add(0, std::array{0.4999, 0.1, 0.9}, std::array{0.5, 0.6, 0.9}, std::array{1.0, 0.0, 1.0});
  row.decisions = DecisionFacts{flips.facts(), {1e-3, 1e-3}, 1};

  const std::pair<const char*, const char*> wanted[] = {{"decision", ">= 0.5"},
                                                        {"decided", "3"},
                                                        {"flips_up", "2"},
                                                        {"flips_down", "0"},
                                                        {"flips_in_fp16_interval", "1"},
                                                        {"references_in_fp16_interval", "1"},
                                                        {"flips_in_margin", "1"},
                                                        {"reference_true_negatives", "1"},
                                                        {"reference_false_positives", "0"},
                                                        {"reference_false_negatives", "1"},
                                                        {"reference_true_positives", "1"},
                                                        {"true_negatives", "0"},
                                                        {"false_positives", "1"},
                                                        {"false_negatives", "0"},
                                                        {"true_positives", "2"},
                                                        {"mcnemar_p", "1"}};
  for (const auto& [name, value] : wanted) EXPECT_EQ(cell(row, name), value) << name;
}

TEST(Row, WithoutLabelsThereAreNoMatrices) {
  Row row;
  FlipCollector flips({0.5, DecisionRule::above});
  flips.add(0, std::array{0.1}, std::array{0.6}, {});
  row.decisions = DecisionFacts{flips.facts(), {0}, 0};

  EXPECT_EQ(cell(row, "decision"), "> 0.5");
  EXPECT_EQ(cell(row, "flips_up"), "1");
  for (const char* name : {"reference_true_negatives", "true_positives", "mcnemar_p"}) {
    EXPECT_EQ(cell(row, name), "") << name;
  }
}

TEST(Row, FirstOutputsAreWrittenAsTheyAre) {
  Row row;
  row.end_to_end =
      EndToEnd{kNoValue, 0.5, {-0.25F, std::numeric_limits<float>::infinity()}, {1, 2}};

  EXPECT_EQ(cell(row, "end_to_end_max_abs_err"), "");
  EXPECT_EQ(cell(row, "end_to_end_rel_fro_err"), "0.5");
  EXPECT_EQ(cell(row, "first_outputs"), "-0.25 inf");
  EXPECT_EQ(cell(row, "first_expected"), "1 2");
}

TEST(Row, NothingIsWrittenAsNanOrInf) {
  const RunFacts facts = run_facts();
  Row row = timed_row(facts);
  row.check->metrics.max_rel_err = std::numeric_limits<double>::infinity();
  row.check->metrics.rel_fro_err_fp64 = std::numeric_limits<double>::quiet_NaN();
  row.peak_flops = std::numeric_limits<double>::infinity();

  EXPECT_EQ(cell(row, "max_rel_err"), "");
  EXPECT_EQ(cell(row, "rel_fro_err_fp64"), "");
  EXPECT_EQ(cell(row, "peak_flops"), "");
}

TEST(Row, MetricsOfACheckThatDidNotRunAreMissing) {
  const RunFacts facts = run_facts();
  const Row row = skipped_row(facts, "gemm/a");

  EXPECT_EQ(cell(row, "check_status"), "not_run");
  EXPECT_EQ(cell(row, "rel_fro_err"), "");
  EXPECT_EQ(cell(row, "worst_index"), "");
  EXPECT_EQ(cell(row, "nonfinite"), "");
}

TEST(Row, ReasonIsCodeThenText) {
  const RunFacts facts = run_facts();
  Row row = skipped_row(facts, "gemm/a");
  EXPECT_EQ(cell(row, "reason"), "memory: needs 3.2 GiB, 2.0 GiB free");

  row.reason = Reason{"budget", ""};
  EXPECT_EQ(cell(row, "reason"), "budget");
}

TEST(Row, VerdictsAccuseAllButThePathThatSaysSoOfItself) {
  EXPECT_TRUE(accuses("downgraded", "fp32"));
  EXPECT_FALSE(accuses("downgraded", "fp32_via_fp16"));
  for (const char* verdict : {"wrong", "nondeterministic"}) {
    EXPECT_TRUE(accuses(verdict, "fp32_via_fp16"));
  }
  for (const char* verdict : {"unresolved", "confirmed", "better", "not_probed"}) {
    EXPECT_FALSE(accuses(verdict, "fp32"));
  }
}

TEST(Row, WithoutADeviceItsCellsAreMissing) {
  Row row;

  EXPECT_EQ(cell(row, "device_type"), "");
  EXPECT_EQ(cell(row, "vendor_id"), "");
  EXPECT_EQ(cell(row, "run_id"), "");
}

TEST(Row, SamplesAreNumberedInTimeOrder) {
  const RunFacts facts = run_facts();
  Row row = timed_row(facts);
  row.series->samples[1].gpu_s = std::numeric_limits<double>::quiet_NaN();

  EXPECT_EQ(sample_lines(row),
            "20261121T103005Z-matmul-3fa9,gemm/a,0,5e-04,0.001,\n"
            "20261121T103005Z-matmul-3fa9,gemm/a,1,,0.002,\n");
}

TEST(RowStatus, EachWordReadsBack) {
  for (const std::string_view word : row_status_words()) {
    const auto status = parse_row_status(word);
    ASSERT_TRUE(status.has_value()) << word;
    EXPECT_EQ(to_string(*status), word);
  }
  EXPECT_FALSE(parse_row_status("good").has_value());
}

TEST(ResultsTable, ForeignHeaderNamesTheColumn) {
  const ScratchFolder scratch;
  put(scratch.path("results.csv"), "schema_version,run\n1,x\n");

  const auto table = ResultsTable::read(scratch.path("results.csv"));

  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message,
              testing::HasSubstr("results.csv:1: column 2 is \"run\"; expected \"run_id\""));
}

TEST(ResultsTable, ColumnsAppendedByALaterVersionAreAccepted) {
  const ScratchFolder scratch;
  const RunFacts facts = run_facts();
  std::string header = results_header();
  std::string line = results_line(timed_row(facts));
  header.insert(header.size() - 1, ",later");
  line.insert(line.size() - 1, ",x");
  put(scratch.path("results.csv"), header + line);

  const auto table = ResultsTable::read(scratch.path("results.csv"));

  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->size(), 1U);
  EXPECT_EQ(table->text(0, "kernel"), "tiled");
  EXPECT_EQ(table->number(0, "time_median_s"), 0.0005);
  EXPECT_FALSE(table->number(0, "time_p05_s").has_value());
}

}  // namespace
}  // namespace gpubench
