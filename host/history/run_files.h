// run_files.h — what lies beside a run's results.csv: its samples and run.json. Either may be
// absent, as where only the table was sent on.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
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

/// Nothing without a run.json. Fails with `input`.
Result<std::optional<RunDocument>> read_run_document(const HistoryRun& run);

}  // namespace gpubench
