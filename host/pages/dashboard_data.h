// dashboard_data.h — the rows of a History, ordered by series and time, as columns that pack well.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "history/history.h"

namespace gpubench {

/// Columns of results.csv that a dashboard shows.
std::span<const std::string_view> dashboard_columns();

/// One case on one device of one host. A driver is no part of it: its change is what a line shows.
struct DashboardSeries {
  std::size_t first = 0, count = 0;  ///< Of the ordered rows.
  std::string case_id, device, host, pci_address, op, precision, shape;
  double size = 0, flop = 0;
};

enum class ChangeKind : std::uint8_t { slower, faster, worse_status, worse_precision };

struct DashboardChange {
  std::uint32_t row = 0;
  ChangeKind kind = ChangeKind::slower;
};

struct DashboardData {
  std::vector<DashboardSeries> series;
  std::vector<DashboardChange> changes;  ///< In the order of rows.
  // One value for each ordered row.
  std::vector<std::uint32_t> run, facts, state;
  std::vector<float> seconds, error, share;
  // One value for each run.
  std::vector<double> run_at_s;
  /// Texts of columns that change together, by code: dashboard.js names the columns.
  std::vector<std::vector<std::string>> facts_texts, state_texts;
  std::vector<bool> state_computes_less;  ///< Of each of state_texts: see CaseFacts.
};

DashboardData dashboard_data(const History& history);

}  // namespace gpubench
