// wide_csv.h — a line a run and a column a series, for change-point tools such as Otava, and for
// spreadsheets.
#pragma once

#include <string>

#include "base/result.h"
#include "history/history.h"

namespace gpubench {

/// Columns: run_id, time (when the run began, ISO 8601 UTC), tool_commit, then one a series named
/// "CASE@DEVICE" that holds `metric`, a column of numbers; empty where the row has no time or no
/// value. Fails with `usage` where `metric` is none. `history` was read with columns_for_export()
/// and the metric.
Result<std::string> wide_csv(const History& history, std::string_view metric);

}  // namespace gpubench
