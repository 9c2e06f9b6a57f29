#include "record/columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "record/csv.h"
#include "record/words.h"

namespace gpubench {
namespace {

using Text = std::string;

template <class Number>
Text whole(Number value) {
  return fmt::format("{}", value);
}

template <Text RunFacts::*Member>
Text run(const Row& row) {
  return row.run == nullptr ? Text() : row.run->*Member;
}

template <auto Member>
Text device(const Row& row) {
  return row.device.*Member;
}

/// PCI numbers as they are usually written.
template <std::uint32_t DeviceTraits::*Member>
Text device_hex(const Row& row) {
  return row.device.name.empty() ? Text() : fmt::format("0x{:04x}", row.device.*Member);
}

template <std::uint32_t Shape::*Member>
Text shape(const Row& row) {
  return whole(row.planned.problem.shape.*Member);
}

/// Nothing about time is shown for a row that has no speed: a wrong answer is never timed.
template <double TimingStats::*Member>
Text time(const Row& row) {
  return has_speed(row) ? csv_number((*row.timing).*Member) : Text();
}

template <std::uint32_t Series::*Member>
Text series(const Row& row) {
  return has_speed(row) ? whole((*row.series).*Member) : Text();
}

const CheckFacts* check_run(const Row& row) {
  return row.check && row.check->status != CheckStatus::not_run ? &*row.check : nullptr;
}

template <double DriftMetrics::*Member>
Text metric(const Row& row) {
  const CheckFacts* check = check_run(row);
  return check == nullptr ? Text() : csv_number(check->metrics.*Member);
}

template <std::uint64_t DriftMetrics::*Member>
Text tally(const Row& row) {
  const CheckFacts* check = check_run(row);
  return check == nullptr ? Text() : whole(check->metrics.*Member);
}

template <Text CheckFacts::*Member>
Text check_text(const Row& row) {
  const CheckFacts* check = check_run(row);
  return check == nullptr ? Text() : check->*Member;
}

template <double EndToEnd::*Member>
Text end_to_end(const Row& row) {
  return row.end_to_end ? csv_number((*row.end_to_end).*Member) : Text();
}

/// Shortest digits that read back as the same FP32 number; "inf" and "nan" where it is one.
template <std::vector<float> EndToEnd::*Member>
Text first_values(const Row& row) {
  return row.end_to_end ? fmt::format("{}", fmt::join((*row.end_to_end).*Member, " ")) : Text();
}

Text decision(const Row& row) {
  if (!row.decisions) return {};
  const DecisionSettings& settings = row.decisions->flips.settings;
  return fmt::format("{} {}", to_string(settings.rule), csv_number(settings.threshold));
}

template <std::uint64_t FlipFacts::*Member>
Text flips(const Row& row) {
  return row.decisions ? whole(row.decisions->flips.*Member) : Text();
}

template <std::uint64_t WindowFacts::*Member>
Text in_interval(const Row& row) {
  return row.decisions ? whole(row.decisions->flips.in(Lattice::fp16).*Member) : Text();
}

Text flips_in_margin(const Row& row) {
  return row.decisions ? whole(row.decisions->within_margin) : Text();
}

template <Confusion FlipFacts::*Side, std::uint64_t Confusion::*Member>
Text confusion(const Row& row) {
  const bool labelled = row.decisions && row.decisions->flips.labelled;
  return labelled ? whole(row.decisions->flips.*Side.*Member) : Text();
}

Text mcnemar_p(const Row& row) {
  const bool labelled = row.decisions && row.decisions->flips.labelled;
  return labelled ? csv_number(row.decisions->flips.mcnemar_p) : Text();
}

Text expected_rel_fro_err(const Row& row) {
  const CheckFacts* check = check_run(row);
  return check == nullptr ? Text() : csv_number(check->expected_rel_fro_err);
}

template <std::optional<double> Telemetry::*Member>
Text telemetry(const Row& row) {
  return csv_number(row.telemetry.*Member);
}

template <std::uint32_t DeclaredArithmetic::*Member>
Text declared(const Row& row) {
  return row.declared ? whole((*row.declared).*Member) : Text();
}

Text reason(const Row& row) {
  if (!row.reason) return {};
  if (row.reason->text.empty()) return row.reason->code;
  return row.reason->code + ": " + row.reason->text;
}

Text tolerance_has_power(const Row& row) {
  const CheckFacts* check = check_run(row);
  if (check == nullptr || !check->tolerance_has_power) return {};
  return *check->tolerance_has_power ? "true" : "false";
}

Text distinct_outputs(const Row& row) {
  const CheckFacts* check = check_run(row);
  return check == nullptr || !check->distinct_outputs ? Text() : whole(*check->distinct_outputs);
}

constexpr std::array kResultColumns = {
    // Run
    Column{"schema_version", "count", "Version of this table; grows when columns are appended.",
           [](const Row&) { return whole(kSchemaVersion); }},
    Column{"run_id", "text", "Name of the run and of its folder; sorts by time.",
           run<&RunFacts::run_id>},
    Column{"started_at", "ISO 8601 UTC", "When the run began.", run<&RunFacts::started_at>},
    Column{"tool_version", "text", "Version of gpubench.", run<&RunFacts::tool_version>},
    Column{"tool_commit", "text",
           "Commit that gpubench was built from; ends in -dirty when files had been changed.",
           run<&RunFacts::tool_commit>},
    Column{"host", "text", "Host name of the machine.", run<&RunFacts::host>},
    Column{"scenario", "text", "Name of the scenario.", run<&RunFacts::scenario>},
    Column{"scenario_hash", "hash", "Content hash of the resolved scenario.",
           run<&RunFacts::scenario_hash>},
    Column{"labels", "text", "The scenario's labels as key=value, separated by semicolons.",
           run<&RunFacts::labels>},
    // Device
    Column{"device_name", "text", "Name that the driver gives the device.",
           device<&DeviceTraits::name>},
    Column{"device_type", "word", "discrete, integrated, virtual, software or other.",
           [](const Row& row) {
             return row.device.name.empty() ? Text() : Text(to_string(row.device.type));
           }},
    Column{"device_uuid", "text", "The device's own identity.", device<&DeviceTraits::uuid>},
    Column{"pci_address", "text", "Domain, bus, device and function on the PCI bus.",
           device<&DeviceTraits::pci_address>},
    Column{"vendor_id", "hex", "PCI vendor.", device_hex<&DeviceTraits::vendor_id>},
    Column{"device_id", "hex", "PCI device.", device_hex<&DeviceTraits::device_id>},
    Column{"driver_id", "text", "Vulkan's name of the driver.", device<&DeviceTraits::driver_id>},
    Column{"driver_version", "text", "Version as the vendor writes it.",
           device<&DeviceTraits::driver_version>},
    Column{"driver_info", "text", "What else the driver says about itself.",
           device<&DeviceTraits::driver_info>},
    Column{"api_version", "text", "Vulkan version of the device.",
           device<&DeviceTraits::api_version>},
    Column{"env_id", "hash",
           "Hash of device, driver, power limit and ECC mode: settings only, no live reading.",
           [](const Row& row) { return row.env_id; }},
    // Case
    Column{"case_id", "text", "Names the case and reruns it with --case.",
           [](const Row& row) { return row.planned.id; }},
    Column{"op", "word", "gemm, linear or softmax.",
           [](const Row& row) { return Text(to_string(row.planned.problem.op)); }},
    Column{"kernel", "text", "Kernel that ran, after kernel: auto was decided; user for a file.",
           [](const Row& row) { return row.kernel; }},
    Column{"kernel_hash", "hash", "Content hash of the shader code and its constants.",
           [](const Row& row) { return row.kernel_hash; }},
    Column{"kernel_params", "text",
           "Tile sizes and other choices of the launch; ends in `tuned` where a table of the tuner "
           "decided, be it on the kernel alone.",
           [](const Row& row) { return row.kernel_params; }},
    Column{"precision", "word", "Declared precision path.",
           [](const Row& row) { return Text(to_string(row.planned.precision)); }},
    Column{"dtype_in", "word", "Format of the inputs that are multiplied.",
           [](const Row& row) { return Text(dtype_in(row.planned.precision)); }},
    Column{"dtype_acc", "word", "Format of the sums.",
           [](const Row& row) { return Text(dtype_acc(row.planned.problem.op, row.planned.precision)); }},
    Column{"dtype_out", "word", "Format of the output in memory.",
           [](const Row& row) { return Text(dtype_out(row.planned.precision)); }},
    Column{"m", "count", "Rows of the output.", shape<&Shape::m>},
    Column{"n", "count", "Columns of the output.", shape<&Shape::n>},
    Column{"k", "count", "Length of each sum; 0 for softmax.", shape<&Shape::k>},
    Column{"batch", "count", "Independent problems in one launch.", shape<&Shape::batch>},
    Column{"layout", "word", "nn, or nt when B is stored transposed.",
           [](const Row& row) { return Text(to_string(row.planned.problem.layout)); }},
    Column{"activation", "word", "Activation of linear; none elsewhere.",
           [](const Row& row) { return Text(to_string(row.planned.problem.activation)); }},
    Column{"fill", "word", "How the inputs were made.",
           [](const Row& row) { return Text(to_string(row.planned.problem.fill)); }},
    Column{"seed", "count", "Seed of the inputs.",
           [](const Row& row) { return whole(row.planned.problem.seed); }},
    // Outcome
    Column{"status", "word",
           "ok, unsupported, skipped, failed, error, timeout, device_lost or out_of_memory.",
           [](const Row& row) { return Text(to_string(row.status)); }},
    Column{"reason", "text", "A code of the fixed list, a colon, and what happened.", reason},
    // Timing
    Column{"timer", "word", "gpu_timestamp, or host where the queue has no timestamps.",
           [](const Row& row) { return has_speed(row) ? Text(to_string(row.series->timer)) : Text(); }},
    Column{"warmup_s", "s", "Time spent on launches before the first sample.",
           [](const Row& row) {
             return has_speed(row) ? csv_number(row.series->warmup_s) : Text();
           }},
    Column{"samples", "count", "Accepted samples; samples.csv has each of them.",
           [](const Row& row) {
             return has_speed(row) ? whole(row.series->samples.size()) : Text();
           }},
    Column{"discarded", "count", "Samples that were measured but not accepted: warm-up.",
           series<&Series::discarded>},
    Column{"stop_reason", "word", "Which rule ended the sampling.",
           [](const Row& row) {
             return Text(to_string(has_speed(row) ? row.series->stop_reason : StopReason::not_run));
           }},
    Column{"timing_status", "word", "steady, noisy, drifting, short or not_run.",
           [](const Row& row) {
             return Text(to_string(has_speed(row) ? row.timing->status : TimingStatus::not_run));
           }},
    Column{"dispatches_per_sample", "count", "Launches that one sample was averaged over.",
           series<&Series::dispatches_per_sample>},
    Column{"time_min_s", "s", "Shortest sample; all times are for one launch.",
           time<&TimingStats::min_s>},
    Column{"time_p05_s", "s", "5th percentile of the samples.", time<&TimingStats::p05_s>},
    Column{"time_p25_s", "s", "25th percentile.", time<&TimingStats::p25_s>},
    Column{"time_median_s", "s", "Median: the time that the rates are made from.",
           time<&TimingStats::median_s>},
    Column{"time_p75_s", "s", "75th percentile.", time<&TimingStats::p75_s>},
    Column{"time_p95_s", "s", "95th percentile.", time<&TimingStats::p95_s>},
    Column{"time_max_s", "s", "Longest sample.", time<&TimingStats::max_s>},
    Column{"time_mean_s", "s", "Mean.", time<&TimingStats::mean_s>},
    Column{"time_stddev_s", "s", "Standard deviation.", time<&TimingStats::stddev_s>},
    Column{"host_median_s", "s", "Median from submit to the end of the wait, on the host clock.",
           time<&TimingStats::host_median_s>},
    // Rate
    Column{"flop", "FLOP", "Work of one launch by convention: 2·batch·m·n·k, or 5 an element.",
           [](const Row& row) { return csv_number(flop(row.planned.problem)); }},
    Column{"throughput_flops", "FLOP/s", "flop / time_median_s.",
           [](const Row& row) { return csv_number(throughput_flops(row)); }},
    Column{"moved_bytes", "B", "Bytes that must cross memory once: inputs read, output written.",
           [](const Row& row) {
             return csv_number(moved_bytes(row.planned.problem, row.planned.precision));
           }},
    Column{"bandwidth_bytes_per_s", "B/s", "moved_bytes / time_median_s.",
           [](const Row& row) { return csv_number(bandwidth_bytes_per_s(row)); }},
    Column{"peak_flops", "FLOP/s", "What the device reaches in multiply-adds of the format that this path multiplies in.",
           [](const Row& row) { return csv_number(row.peak_flops); }},
    Column{"peak_source", "text", "What was measured for peak_flops or peak_bandwidth_bytes_per_s, or why nothing was.",
           [](const Row& row) { return row.peak_source; }},
    Column{"fraction_of_peak", "ratio", "throughput_flops / peak_flops.",
           [](const Row& row) { return csv_number(fraction_of_peak(row)); }},
    // Drift
    Column{"check_status", "word", "passed, mistrusted, failed or not_run.",
           [](const Row& row) {
             return Text(to_string(row.check ? row.check->status : CheckStatus::not_run));
           }},
    Column{"check_coverage", "text", "How much of the output was compared, and how.",
           check_text<&CheckFacts::coverage>},
    Column{"reference", "text", "What the output was compared with, and its version.",
           check_text<&CheckFacts::reference>},
    Column{"max_abs_err", "1", "Largest |output - reference|.",
           metric<&DriftMetrics::max_abs_err>},
    Column{"max_rel_err", "ratio", "Largest relative error where the reference did not cancel (2^-10 of its scale).",
           metric<&DriftMetrics::max_rel_err>},
    Column{"rel_fro_err", "ratio", "‖output - reference‖ / ‖reference‖, Frobenius norms.",
           metric<&DriftMetrics::rel_fro_err>},
    Column{"rmse", "1", "Root of the mean squared error.", metric<&DriftMetrics::rmse>},
    Column{"max_ulp_fp32", "ulp", "Largest error in units of the reference's last place in FP32.",
           metric<&DriftMetrics::max_ulp_fp32>},
    Column{"max_ulp_fp16", "ulp", "The same in FP16.", metric<&DriftMetrics::max_ulp_fp16>},
    Column{"worst_index", "index", "Flat index of the output with the largest error over its tolerance.",
           tally<&DriftMetrics::worst_index>},
    Column{"nonfinite", "count", "Outputs left out of the norms: they or their reference are not finite.",
           tally<&DriftMetrics::nonfinite>},
    Column{"clamped", "count", "Outputs at the largest finite number where the reference overflows.",
           tally<&DriftMetrics::clamped>},
    Column{"underflowed", "count", "Outputs that are zero where the reference is not.",
           tally<&DriftMetrics::underflowed>},
    Column{"bound_ratio", "ratio", "Largest error over the tolerance of its element; above 1 fails.",
           metric<&DriftMetrics::bound_ratio>},
    Column{"tolerance_rule", "text", "Name of the rule that made the tolerance.",
           check_text<&CheckFacts::tolerance_rule>},
    Column{"tolerance", "ratio", "Value that the rule gave for this case.",
           [](const Row& row) {
             const CheckFacts* check = check_run(row);
             return check == nullptr ? Text() : csv_number(check->tolerance);
           }},
    Column{"tolerance_has_power", "flag",
           "true when the next lower precision, emulated, fails the tolerance on this data.",
           tolerance_has_power},
    Column{"rel_fro_err_fp64", "ratio", "Drift from the FP64 oracle on its sampled rows.",
           metric<&DriftMetrics::rel_fro_err_fp64>},
    Column{"reference_rel_fro_err", "ratio", "The FP32 reference's own drift from the oracle.",
           metric<&DriftMetrics::reference_rel_fro_err>},
    Column{"output_hash", "hash", "Content hash of the output's bytes.",
           check_text<&CheckFacts::output_hash>},
    Column{"distinct_outputs", "count", "Different outputs among the repeats; 1 is deterministic.",
           distinct_outputs},
    // Precision
    Column{"observed_precision", "text", "What the path computes, as named by its probes; empty unless that name is sure.",
           [](const Row& row) { return row.observed_precision; }},
    Column{"precision_verdict", "word",
           "wrong, nondeterministic, downgraded, unresolved, confirmed, better or not_probed.",
           [](const Row& row) { return row.precision_verdict; }},
    Column{"fp16_lattice_share", "ratio", "Share of the nonzero FP32 outputs that FP16 can represent exactly.",
           metric<&DriftMetrics::fp16_lattice_share>},
    // Telemetry
    Column{"clock_mhz_median", "MHz", "Median core clock while the case was timed.",
           telemetry<&Telemetry::clock_mhz_median>},
    Column{"power_w_mean", "W", "Mean power draw of the device.",
           telemetry<&Telemetry::power_w_mean>},
    Column{"temp_c_max", "°C", "Highest temperature of the device.",
           telemetry<&Telemetry::temp_c_max>},
    Column{"throttle_ratio", "ratio", "Share of the readings in which the clock was held down.",
           telemetry<&Telemetry::throttle_ratio>},
    // Declared by the SPIR-V of the kernel
    Column{"build", "word", "default, or strict: arithmetic pinned as far as Vulkan allows.",
           [](const Row& row) { return row.planned.kernel.build; }},
    Column{"spirv_fp32", "count", "Instructions of the kernel's SPIR-V that compute in FP32.",
           declared<&DeclaredArithmetic::fp32>},
    Column{"spirv_fp16", "count", "Instructions that compute in FP16.",
           declared<&DeclaredArithmetic::fp16>},
    Column{"spirv_to_fp16", "count", "Instructions that round a value to FP16.",
           declared<&DeclaredArithmetic::to_fp16>},
    Column{"spirv_relaxed", "count",
           "FP32 values decorated RelaxedPrecision, which a driver may compute in FP16.",
           declared<&DeclaredArithmetic::relaxed>},
    Column{"spirv_no_contraction", "count",
           "Instructions decorated NoContraction, which no driver may fuse.",
           declared<&DeclaredArithmetic::no_contraction>},
    Column{"spirv_modes", "text", "Execution modes that fix rounding and subnormals, each with its bits.",
           [](const Row& row) { return row.declared ? row.declared->modes : Text(); }},
    Column{"declared_evidence", "word",
           "What the SPIR-V says of the declared precision: as_declared, relaxed, fp16 or bf16.",
           [](const Row& row) {
             const auto evidence = declared_evidence(row);
             return evidence ? Text(to_string(*evidence)) : Text();
           }},
    // Appended since
    Column{"precision_reason", "text",
           "What precision_verdict rests on; of not_probed a reason code and why, if probes were asked for.",
           [](const Row& row) { return row.precision_reason; }},
    // End to end
    Column{"end_to_end_max_abs_err", "1",
           "Largest |output - FP32 result of the CPU from the inputs before they were rounded to storage|; empty above 4 GFLOP or 4 million outputs.",
           end_to_end<&EndToEnd::max_abs_err>},
    Column{"end_to_end_rel_fro_err", "ratio", "The same as a ratio of Frobenius norms.",
           end_to_end<&EndToEnd::rel_fro_err>},
    Column{"first_outputs", "text", "The first outputs, up to 4, separated by spaces; inf or nan where they are that.",
           first_values<&EndToEnd::first_outputs>},
    Column{"first_expected", "text", "The CPU's FP32 results in their place, from the unrounded inputs.",
           first_values<&EndToEnd::first_expected>},
    // Decisions
    Column{"decision", "text", "Rule of the decisions, such as >= 0.5; empty where the case decides nothing.", decision},
    Column{"decided", "count", "Outputs that were decided: all but NaN.", flips<&FlipFacts::decided>},
    Column{"flips_up", "count", "Decisions that FP32 on the CPU, from unrounded inputs, has on the side of no, and the output has not.", flips<&FlipFacts::up>},
    Column{"flips_down", "count", "The same the other way round.", flips<&FlipFacts::down>},
    Column{"flips_in_fp16_interval", "count", "Flips that rounding the CPU's value to FP16 would make as well.", in_interval<&WindowFacts::explained>},
    Column{"references_in_fp16_interval", "count", "Values of the CPU that rounding to FP16 would flip.", in_interval<&WindowFacts::at_risk>},
    Column{"flips_in_margin", "count", "Flips no further from the threshold than the declared precision may move the value.", flips_in_margin},
    Column{"reference_true_negatives", "count", "Decisions of the CPU against the labels; empty without labels.", confusion<&FlipFacts::reference, &Confusion::true_negative>},
    Column{"reference_false_positives", "count", "The same.", confusion<&FlipFacts::reference, &Confusion::false_positive>},
    Column{"reference_false_negatives", "count", "The same.", confusion<&FlipFacts::reference, &Confusion::false_negative>},
    Column{"reference_true_positives", "count", "The same.", confusion<&FlipFacts::reference, &Confusion::true_positive>},
    Column{"true_negatives", "count", "Decisions of the output against the labels.", confusion<&FlipFacts::output, &Confusion::true_negative>},
    Column{"false_positives", "count", "The same.", confusion<&FlipFacts::output, &Confusion::false_positive>},
    Column{"false_negatives", "count", "The same.", confusion<&FlipFacts::output, &Confusion::false_negative>},
    Column{"true_positives", "count", "The same.", confusion<&FlipFacts::output, &Confusion::true_positive>},
    Column{"mcnemar_p", "ratio", "Exact two-sided McNemar test of flips away from and towards the labels.", mcnemar_p},
    // Theory
    Column{"expected_rel_fro_err", "ratio", "What theory expects of rel_fro_err_fp64 for sums in strict sequence; empty where it has a bound alone.", expected_rel_fro_err},
    // Memory
    Column{"peak_bandwidth_bytes_per_s", "B/s", "What the device's memory takes and gives in a copy; for a softmax larger than caches.",
           [](const Row& row) { return csv_number(row.peak_bandwidth_bytes_per_s); }},
    Column{"fraction_of_bandwidth", "ratio", "bandwidth_bytes_per_s / peak_bandwidth_bytes_per_s.",
           [](const Row& row) { return csv_number(fraction_of_bandwidth(row)); }},
    Column{"kernel_choice", "text",
           "Why kernel: auto took this kernel, and what the tuner's table had to do with it; empty "
           "where the kernel was named and the table says nothing.",
           [](const Row& row) { return row.kernel_choice; }},
    // For whoever judges a table alone
    Column{"planned_rows", "count",
           "Rows that the whole run has, one a case and device; fewer in the table: it is not whole.",
           [](const Row& row) {
             return row.run == nullptr || row.run->planned_rows == 0 ? Text()
                                                                     : whole(row.run->planned_rows);
           }},
    Column{"api_validation", "flag",
           "true when validation layers were on: times are then not to be compared.",
           [](const Row& row) {
             return row.run == nullptr ? Text() : Text(row.run->api_validation ? "true" : "false");
           }},
    Column{"repeats", "count",
           "Outputs of later launches whose bits were compared with those of the first.",
           [](const Row& row) { return check_run(row) == nullptr ? Text() : whole(row.repeats); }},
};

}  // namespace

std::span<const Column> result_columns() {
  return kResultColumns;
}
std::size_t result_column_count(int schema_version) {
  constexpr std::array kLastOfVersion = {
      std::string_view("throttle_ratio"), std::string_view("expected_rel_fro_err"),
      std::string_view("kernel_choice"), std::string_view("api_validation"),
      std::string_view("repeats")};
  static_assert(kLastOfVersion.size() == kSchemaVersion);
  static_assert(kLastOfVersion.back() == kResultColumns.back().name);
  const std::string_view last = kLastOfVersion.at(static_cast<std::size_t>(schema_version) - 1);
  return static_cast<std::size_t>(find_result_column(last) - kResultColumns.data()) + 1;
}

const Column* find_result_column(std::string_view name) {
  const auto* const found = std::find_if(kResultColumns.begin(), kResultColumns.end(),
                                         [&](const Column& column) { return column.name == name; });
  return found == kResultColumns.end() ? nullptr : found;
}

std::optional<bool> is_number_column(std::string_view name) {
  constexpr std::array<std::string_view, 6> kTexts = {"text", "word",         "hash",
                                                      "hex",  "ISO 8601 UTC", "flag"};
  const Column* const column = find_result_column(name);
  if (column == nullptr) return std::nullopt;
  return std::find(kTexts.begin(), kTexts.end(), column->unit) == kTexts.end();
}

std::string results_header() {
  std::vector<Text> names;
  for (const Column& column : kResultColumns) names.emplace_back(column.name);
  return csv_line(names);
}

std::string results_line(const Row& row) {
  std::vector<Text> fields;
  fields.reserve(kResultColumns.size());
  for (const Column& column : kResultColumns) fields.push_back(column.value(row));
  return csv_line(fields);
}

}  // namespace gpubench
