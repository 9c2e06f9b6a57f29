// run_files.h — what lies beside a run's results.csv: samples, telemetry, maps of errors, run.json.
// Each may be absent, as where only the table was sent on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "drift/error_map.h"
#include "history/history.h"
#include "record/results_table.h"
#include "record/run_document.h"

namespace gpubench {

/// The columns that read_samples needs in a History.
std::span<const std::string_view> columns_for_samples();

/// For each row of the run, its accepted samples in the order of time; all empty without a
/// samples.csv. Fails with `input` when samples are missing or belong to another case.
Result<std::vector<std::vector<SampleTimes>>> read_samples(const History& history,
                                                           const HistoryRun& run);

/// The course of one case on one device; values are NaN where nothing was read.
struct TelemetrySeries {
  std::string case_id, device_uuid;
  std::vector<double> at_s;  ///< As SampleTimes::at_s.
  std::vector<double> clock_mhz, power_w, temp_c;
  std::vector<double> throttled;  ///< 0 or 1.
};

/// In the order of the file; empty without a telemetry.csv. Fails with `input`.
Result<std::vector<TelemetrySeries>> read_telemetry(const HistoryRun& run);

/// Of one failed output: its cells, row by row.
struct ErrorMap {
  std::string case_id, device_uuid;
  std::vector<ErrorCell> cells;
};

/// In the order of the file; empty without an errors.csv. Fails with `input`.
Result<std::vector<ErrorMap>> read_error_maps(const HistoryRun& run);

/// Nothing without a run.json. Fails with `input`.
Result<std::optional<RunDocument>> read_run_document(const HistoryRun& run);

}  // namespace gpubench
