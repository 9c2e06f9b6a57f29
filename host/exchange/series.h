// series.h — the rows of a history by what they measure: one case on one device, run after run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history/history.h"

namespace gpubench {

struct ExportedSeries {
  std::string name;               ///< "CASE@DEVICE": unique, and the same in every export.
  std::vector<std::size_t> rows;  ///< In the order of the runs.
};

/// The columns that every export needs.
std::vector<std::string_view> columns_for_export();

/// In the order in which they first appear. Rows that were not run are left out: they are no point
/// of anybody's curve.
std::vector<ExportedSeries> exported_series(const History& history);

/// Whether the row has a time: it ended well and was not found wrong.
bool has_time(const History& history, std::size_t row);

}  // namespace gpubench
