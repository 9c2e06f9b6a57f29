#include "pages/dashboard_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "compare/run_set.h"
#include "pages/case_facts.h"
#include "pages/changes.h"

namespace gpubench {
namespace {

constexpr std::array<std::string_view, 4> kSeriesColumns = {"case_id", "device_name", "host",
                                                            "pci_address"};
constexpr std::array<std::string_view, 11> kFactsColumns = {
    "driver_version", "driver_info", "tool_version",  "tool_commit", "kernel", "kernel_params",
    "kernel_hash",    "scenario",    "scenario_hash", "env_id",      "labels"};
constexpr std::array<std::string_view, 7> kStateColumns = {
    "status", "check_status", "timing_status",    "precision_verdict",
    "reason", "precision",    "declared_evidence"};

/// Numbers for combinations of codes, in the order in which they come up.
template <std::size_t N>
class Combinations {
 public:
  Combinations(const History& history, const std::array<std::string_view, N>& columns) {
    for (std::size_t i = 0; i < N; ++i) columns_[i] = &history.text(columns[i]);
  }

  std::uint32_t code(std::size_t row) {
    std::array<std::uint32_t, N> key{};
    for (std::size_t i = 0; i < N; ++i) key[i] = columns_[i]->code(row);
    const auto [found, is_new] =
        codes_.try_emplace(key, static_cast<std::uint32_t>(first_rows_.size()));
    if (is_new) first_rows_.push_back(row);
    return found->second;
  }

  /// The row in which each first came up.
  [[nodiscard]] const std::vector<std::size_t>& first_rows() const { return first_rows_; }

  [[nodiscard]] std::vector<std::vector<std::string>> texts() const {
    std::vector<std::vector<std::string>> texts;
    for (const std::size_t row : first_rows_) {
      auto& of_one = texts.emplace_back();
      for (const TextColumn* column : columns_) of_one.emplace_back((*column)[row]);
    }
    return texts;
  }

 private:
  struct Hash {
    std::size_t operator()(const std::array<std::uint32_t, N>& key) const {
      std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
      for (const std::uint32_t code : key) hash = (hash ^ code) * 0x100000001b3;
      return hash ^ (hash >> 32);
    }
  };
  std::array<const TextColumn*, N> columns_{};
  std::unordered_map<std::array<std::uint32_t, N>, std::uint32_t, Hash> codes_;
  std::vector<std::size_t> first_rows_;
};

DashboardSeries series_of(const CaseFacts& facts) {
  DashboardSeries series;
  series.case_id = facts.text("case_id");
  series.device = facts.text("device_name");
  series.host = facts.text("host");
  series.pci_address = facts.text("pci_address");
  series.op = facts.text("op");
  series.precision = facts.text("precision");
  series.shape = facts.shape();
  series.size = facts.size();
  series.flop = facts.number("flop");
  return series;
}

std::vector<double> run_times(const History& history) {
  const TextColumn& started_at = history.text("started_at");
  std::vector<double> times;
  for (const HistoryRun& run : history.runs()) {
    const auto at_s = run.rows == 0 ? std::nullopt : parse_utc(started_at[run.first_row]);
    times.push_back(at_s.value_or(0));
  }
  return times;
}

/// Rows of one series after the other, each in the order of time; sets first and count.
std::vector<std::size_t> ordered_rows(std::span<const std::uint32_t> series_of_row,
                                      std::vector<DashboardSeries>& series) {
  for (const std::uint32_t one : series_of_row) ++series[one].count;
  std::size_t first = 0;
  for (DashboardSeries& one : series) {
    one.first = first;
    first += one.count;
  }
  std::vector<std::size_t> next, order(series_of_row.size());
  for (const DashboardSeries& one : series) next.push_back(one.first);
  for (std::size_t row = 0; row < series_of_row.size(); ++row)
    order[next[series_of_row[row]]++] = row;
  return order;
}

bool is_bad(const CaseFacts& facts) {
  return facts.has_failed();
}
bool is_imprecise(const CaseFacts& facts) {
  return facts.computes_less();
}

/// The first row of each stretch that is bad.
void add_turns(const History& history, const DashboardSeries& series,
               std::span<const std::size_t> order, bool (*is)(const CaseFacts&), ChangeKind kind,
               std::vector<DashboardChange>& changes) {
  bool before = false;
  for (std::size_t i = series.first; i < series.first + series.count; ++i) {
    const bool now = is(CaseFacts(history, order[i]));
    if (now && !before) changes.push_back({static_cast<std::uint32_t>(i), kind});
    before = now;
  }
}

void add_changes(const History& history, const DashboardSeries& series,
                 std::span<const std::size_t> order, std::vector<DashboardChange>& changes) {
  const std::size_t begin = changes.size();
  std::vector<double> seconds;
  for (std::size_t i = series.first; i < series.first + series.count; ++i) {
    seconds.push_back(history.number("time_median_s")[order[i]]);
  }
  for (const SeriesStep& step : find_steps(seconds)) {
    changes.push_back({static_cast<std::uint32_t>(series.first + step.at),
                       step.kind == StepKind::slower ? ChangeKind::slower : ChangeKind::faster});
  }
  add_turns(history, series, order, is_bad, ChangeKind::worse_status, changes);
  add_turns(history, series, order, is_imprecise, ChangeKind::worse_precision, changes);
  std::stable_sort(
      changes.begin() + static_cast<std::ptrdiff_t>(begin), changes.end(),
      [](const DashboardChange& a, const DashboardChange& b) { return a.row < b.row; });
}

}  // namespace

std::span<const std::string_view> dashboard_columns() {
  static constexpr std::array<std::string_view, 34> kColumns = {"case_id",
                                                                "device_name",
                                                                "host",
                                                                "pci_address",
                                                                "driver_version",
                                                                "driver_info",
                                                                "tool_version",
                                                                "tool_commit",
                                                                "kernel",
                                                                "kernel_params",
                                                                "kernel_hash",
                                                                "scenario",
                                                                "scenario_hash",
                                                                "env_id",
                                                                "labels",
                                                                "status",
                                                                "check_status",
                                                                "timing_status",
                                                                "precision_verdict",
                                                                "declared_evidence",
                                                                "reason",
                                                                "started_at",
                                                                "op",
                                                                "precision",
                                                                "m",
                                                                "n",
                                                                "k",
                                                                "batch",
                                                                "flop",
                                                                "time_median_s",
                                                                "rel_fro_err",
                                                                "fraction_of_peak",
                                                                "fraction_of_bandwidth",
                                                                "run_id"};
  return kColumns;
}

DashboardData dashboard_data(const History& history) {
  DashboardData data;
  Combinations<4> all_series(history, kSeriesColumns);
  std::vector<std::uint32_t> series_of_row;
  series_of_row.reserve(history.size());
  for (std::size_t row = 0; row < history.size(); ++row)
    series_of_row.push_back(all_series.code(row));
  for (const std::size_t row : all_series.first_rows()) {
    data.series.push_back(series_of(CaseFacts(history, row)));
  }
  const std::vector<std::size_t> order = ordered_rows(series_of_row, data.series);

  Combinations<11> facts(history, kFactsColumns);
  Combinations<7> states(history, kStateColumns);
  const NumberColumn &seconds = history.number("time_median_s"),
                     &error = history.number("rel_fro_err"),
                     &of_peak = history.number("fraction_of_peak"),
                     &of_bandwidth = history.number("fraction_of_bandwidth");
  for (const std::size_t row : order) {
    data.run.push_back(static_cast<std::uint32_t>(history.run_of(row)));
    data.facts.push_back(facts.code(row));
    data.state.push_back(states.code(row));
    data.seconds.push_back(static_cast<float>(seconds[row]));
    data.error.push_back(static_cast<float>(error[row]));
    const double share = std::isfinite(of_peak[row]) ? of_peak[row] : of_bandwidth[row];
    data.share.push_back(static_cast<float>(share));
  }
  data.run_at_s = run_times(history);
  data.facts_texts = facts.texts();
  data.state_texts = states.texts();
  for (const std::size_t row : states.first_rows()) {
    data.state_computes_less.push_back(CaseFacts(history, row).computes_less());
  }
  for (const DashboardSeries& one : data.series) add_changes(history, one, order, data.changes);
  return data;
}

}  // namespace gpubench
