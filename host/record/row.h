// row.h — one row of results.csv: every fact of one case on one device, and the rates that follow
// from them. Knows nothing of files or of how a row is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/flips.h"
#include "base/device_traits.h"
#include "base/result.h"
#include "drift/drift.h"
#include "drift/error_map.h"
#include "kernels/declared_arithmetic.h"
#include "plan/case.h"
#include "timing/sample.h"

namespace gpubench {

enum class RowStatus : std::uint8_t {
  ok,
  unsupported,
  skipped,
  failed,
  error,
  timeout,
  device_lost,
  out_of_memory,
};

/// The same in every row of a run.
struct RunFacts {
  std::string run_id;
  std::string started_at;  ///< ISO 8601 UTC with Z.
  std::string tool_version, tool_commit, host, scenario, scenario_hash, labels;
  std::uint64_t planned_rows = 0;  ///< Of the whole run: cases times devices; 0: nobody knows.
  bool api_validation = false;     ///< Layers of the API were on, which costs time.
};

struct CheckFacts {
  CheckStatus status = CheckStatus::not_run;
  std::string coverage;   ///< "full", "sampled_rows", … ; see docs/results-format.md
  std::string reference;  ///< "onednn_fp32 2.6.3"
  DriftMetrics metrics;
  std::string tolerance_rule;
  std::optional<double> tolerance;
  std::optional<double> expected_rel_fro_err;
  std::optional<bool> tolerance_has_power;
  std::string output_hash;
  std::optional<std::uint32_t> distinct_outputs;
};

/// The path as a whole, the rounding of its inputs to storage included: against the CPU's FP32
/// result of the inputs before that.
struct EndToEnd {
  double max_abs_err = kNoValue;  ///< Over pairs that are finite on both sides.
  double rel_fro_err = kNoValue;
  std::vector<float> first_outputs;   ///< At most kMaxFirstOutputs.
  std::vector<float> first_expected;  ///< Of the CPU.
};

/// Decisions at a threshold against those of the CPU, as in EndToEnd.
struct DecisionFacts {
  FlipFacts flips;
  /// For each flip that is listed: how far the declared precision may move its reference.
  std::vector<double> margins;
  /// Flips whose reference is no further from the threshold than the declared precision, from
  /// unrounded inputs on, may be off by there.
  std::uint64_t within_margin = 0;
};

/// Whether honest arithmetic of the path may take either side at listed flip `listed`.
bool is_in_margin(const DecisionFacts& facts, std::size_t listed);

/// One look at a device.
struct TelemetryReading {
  std::optional<double> clock_mhz, power_w, temp_c;
  std::optional<bool> throttled;  ///< Power or heat held the clock down; idling does not count.
  double at_s = 0;                ///< After the sampling of the case began.
};

struct Telemetry {
  std::optional<double> clock_mhz_median, power_w_mean, temp_c_max, throttle_ratio;
  /// In the order of time; empty where nothing can be read.
  std::vector<TelemetryReading> course;
};

struct Row {
  const RunFacts* run = nullptr;
  DeviceTraits device;  ///< Name empty: no device was reached.
  std::string env_id;
  Case planned;
  std::string kernel;         ///< The kernel that ran, after `auto`.
  std::string kernel_choice;  ///< Why `auto` took it; empty when it was named.
  std::string kernel_hash;
  std::string kernel_params;
  std::optional<DeclaredArithmetic> declared;  ///< By the kernel's modules; none: not read.
  RowStatus status = RowStatus::error;
  std::optional<Reason> reason;
  std::optional<Series> series;
  std::optional<TimingStats> timing;
  std::optional<double> peak_flops;
  std::optional<double> peak_bandwidth_bytes_per_s;
  std::string peak_source;
  std::optional<CheckFacts> check;
  std::uint32_t repeats = 0;           ///< Later outputs whose bits were compared with the first's.
  std::vector<ErrorCell> error_map;    ///< Of an output that failed; see Checker for which.
  std::optional<EndToEnd> end_to_end;  ///< Nothing: the result of the unrounded inputs costs much.
  std::optional<DecisionFacts> decisions;
  std::string observed_precision;
  std::string precision_verdict = "not_probed";
  std::string precision_reason;  ///< What the verdict rests on; for `not_probed` why, if asked for.
  Telemetry telemetry;
};

/// Whether the row may show a time at all: the case ended well, its output was not found wrong,
/// and at least one sample was accepted. Everything that writes or prints a time asks this first.
bool has_speed(const Row& row);

/// Empty without a speed, a positive median or (for the fraction) a known peak.
std::optional<double> throughput_flops(const Row& row);
std::optional<double> bandwidth_bytes_per_s(const Row& row);
std::optional<double> fraction_of_peak(const Row& row);
std::optional<double> fraction_of_bandwidth(const Row& row);

/// Two measurements of one device's speed differ, by its clock and by who else uses it; a shorter
/// format is faster by a factor of two or more. docs/measuring.md has what was measured.
inline constexpr double kPeakMargin = 1.1;
/// Whether it ran faster than what was measured of its ceiling.
bool is_above_peak(const Row& row);
/// Whether that proves something: a product that declares FP32.
bool proves_less_than_fp32(const Row& row);

/// Whether the modules say what the case does; none where they were not read.
std::optional<DeclaredEvidence> declared_evidence(const Row& row);

/// Whether a verdict speaks against a path that declares this precision. fp32_via_fp16 says of
/// itself that it is downgraded.
bool accuses(std::string_view precision_verdict, std::string_view declared);

/// The status of a row whose case ended with this kind of error.
RowStatus status_of(ErrorKind kind);

}  // namespace gpubench
