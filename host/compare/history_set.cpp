#include "compare/history_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "record/row.h"

namespace gpubench {
namespace {

using namespace std::string_view_literals;

constexpr std::array kColumns = {"run_id"sv,
                                 "started_at"sv,
                                 "tool_version"sv,
                                 "tool_commit"sv,
                                 "host"sv,
                                 "device_name"sv,
                                 "device_uuid"sv,
                                 "driver_version"sv,
                                 "driver_info"sv,
                                 "case_id"sv,
                                 "kernel_hash"sv,
                                 "fill"sv,
                                 "timer"sv,
                                 "status"sv,
                                 "reason"sv,
                                 "time_p05_s"sv,
                                 "time_median_s"sv,
                                 "time_p95_s"sv,
                                 "check_status"sv,
                                 "rel_fro_err"sv,
                                 "output_hash"sv,
                                 "distinct_outputs"sv,
                                 "observed_precision"sv,
                                 "precision_verdict"sv,
                                 "precision"sv,
                                 "declared_evidence"sv,
                                 "clock_mhz_median"sv,
                                 "throttle_ratio"sv};

/// The columns, looked up once.
struct Columns {
  explicit Columns(const History& history)
      : started_at(history.text("started_at")),
        tool_version(history.text("tool_version")),
        tool_commit(history.text("tool_commit")),
        host(history.text("host")),
        device_name(history.text("device_name")),
        device_uuid(history.text("device_uuid")),
        driver_version(history.text("driver_version")),
        driver_info(history.text("driver_info")),
        case_id(history.text("case_id")),
        kernel_hash(history.text("kernel_hash")),
        fill(history.text("fill")),
        timer(history.text("timer")),
        status(history.text("status")),
        reason(history.text("reason")),
        check_status(history.text("check_status")),
        output_hash(history.text("output_hash")),
        observed_precision(history.text("observed_precision")),
        precision_verdict(history.text("precision_verdict")),
        precision(history.text("precision")),
        declared_evidence(history.text("declared_evidence")),
        p05_s(history.number("time_p05_s")),
        median_s(history.number("time_median_s")),
        p95_s(history.number("time_p95_s")),
        rel_fro_err(history.number("rel_fro_err")),
        distinct_outputs(history.number("distinct_outputs")),
        clock_mhz(history.number("clock_mhz_median")),
        throttle_ratio(history.number("throttle_ratio")) {}

  const TextColumn &started_at, &tool_version, &tool_commit, &host, &device_name, &device_uuid,
      &driver_version, &driver_info, &case_id, &kernel_hash, &fill, &timer, &status, &reason,
      &check_status, &output_hash, &observed_precision, &precision_verdict, &precision,
      &declared_evidence;
  const NumberColumn &p05_s, &median_s, &p95_s, &rel_fro_err, &distinct_outputs, &clock_mhz,
      &throttle_ratio;
};

PrecisionRank precision_rank(std::string_view word) {
  if (word == "wrong") return PrecisionRank::wrong;
  if (word == "nondeterministic") return PrecisionRank::nondeterministic;
  if (word == "downgraded") return PrecisionRank::downgraded;
  if (word == "unresolved") return PrecisionRank::unresolved;
  if (word == "confirmed" || word == "better") return PrecisionRank::confirmed;
  return PrecisionRank::not_probed;
}

void add_time(SeriesSide& side, const Columns& columns, std::size_t row, std::size_t run) {
  const double median_s = columns.median_s[row];
  if (!(median_s > 0) || !std::isfinite(median_s)) return;
  const auto log_or = [&](double seconds) {
    return seconds > 0 ? std::log(seconds) : std::log(median_s);
  };
  side.times.push_back({run, median_s, std::log(median_s), log_or(columns.p05_s[row]),
                        log_or(columns.p95_s[row]), columns.clock_mhz[row],
                        columns.throttle_ratio[row]});
  side.kernel_hash.add(columns.kernel_hash[row]);
  side.fill.add(columns.fill[row]);
  side.timer.add(columns.timer[row]);
}

std::string status_text(const Columns& columns, std::size_t row) {
  const std::string_view status = columns.status[row], reason = columns.reason[row];
  return reason.empty() ? std::string(status) : fmt::format("{}: {}", status, reason);
}

void add_outcome(SeriesSide& side, const Columns& columns, std::size_t row) {
  const std::string_view status = columns.status[row];
  if (status == "skipped" || status == "unsupported") {
    if (side.not_run_rows++ == 0) side.not_run_status = status_text(columns, row);
  } else if (status != "ok") {
    if (side.bad_rows++ == 0) side.bad_status = status_text(columns, row);
  }
  const std::string_view check = columns.check_status[row];
  if (check == "passed" || check == "mistrusted" || check == "failed") ++side.checked_rows;
  if (check == "mistrusted") ++side.mistrusted_rows;
  if (check == "failed") ++side.check_failed_rows;
}

void add_declared(SeriesSide& side, std::string_view evidence) {
  if (evidence.empty()) return;
  ++side.declared_rows;
  if (evidence == "as_declared") return;
  if (side.declares_less_rows++ == 0) side.declared_evidence = evidence;
}

void add_row(SeriesSide& side, const Columns& columns, std::size_t row, std::size_t run) {
  ++side.rows;
  add_time(side, columns, row, run);
  add_outcome(side, columns, row);
  add_precision(side, precision_rank(columns.precision_verdict[row]),
                columns.observed_precision[row]);
  if (accuses(columns.precision_verdict[row], columns.precision[row])) ++side.accused_rows;
  add_declared(side, columns.declared_evidence[row]);
  side.rel_fro_err = larger(side.rel_fro_err, columns.rel_fro_err[row]);
  side.distinct_outputs = larger(side.distinct_outputs, columns.distinct_outputs[row]);
  side.output_hash.add(columns.output_hash[row]);
}

SetRun run_facts(const HistoryRun& run, const Columns& columns) {
  const std::size_t row = run.first_row;
  return {run.run_id,
          std::string(columns.host[row]),
          fmt::format("{} ({})", columns.tool_version[row], columns.tool_commit[row]),
          run.file,
          parse_utc(columns.started_at[row]).value_or(0),
          run.half_line.has_value()};
}

std::string driver_text(const Columns& columns, std::size_t row) {
  return fmt::format("{} {}", columns.driver_info[row], columns.driver_version[row]);
}

/// Finds the series of a row by numbers alone: a million rows, a thousand series.
class SeriesFinder {
 public:
  SeriesFinder(RunSet& set, const Columns& columns, std::string_view device)
      : set_(set), columns_(columns), device_(lowercase(device)) {}

  /// Null for a row of no device, or of one that nobody asked for.
  SeriesSide* of(std::size_t row) {
    const Key key = {columns_.case_id.code(row), columns_.device_name.code(row),
                     columns_.device_uuid.code(row)};
    const auto [found, is_new] = places_.try_emplace(key, kNone);
    if (is_new && is_wanted(row)) found->second = add(row);
    if (found->second == kNone) return nullptr;
    note_driver(row);
    return &set_.series[found->second];
  }

 private:
  using Key = std::array<std::uint32_t, 3>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return (std::uint64_t{key[0]} * 0x9E3779B97F4A7C15U) ^
             (std::uint64_t{key[1]} << 32U | key[2]) * 0xC2B2AE3D27D4EB4FU;
    }
  };
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  [[nodiscard]] bool is_wanted(std::size_t row) const {
    const std::string_view name = columns_.device_name[row];
    return !name.empty() && lowercase(name).find(device_) != std::string::npos;
  }

  std::size_t add(std::size_t row) {
    SeriesSide side;
    side.case_id = columns_.case_id[row];
    side.device_name = columns_.device_name[row];
    side.device_uuid = columns_.device_uuid[row];
    set_.series.push_back(std::move(side));
    return set_.series.size() - 1;
  }

  void note_driver(std::size_t row) {
    const Key key = {columns_.device_name.code(row), columns_.device_uuid.code(row),
                     columns_.driver_version.code(row)};
    const std::uint32_t info = columns_.driver_info.code(row);
    if (!last_driver_ || *last_driver_ != std::pair(key, info)) {
      last_driver_ = {key, info};
      device_of(row).drivers.insert(driver_text(columns_, row));
    }
  }

  SetDevice& device_of(std::size_t row) {
    const std::string_view name = columns_.device_name[row], uuid = columns_.device_uuid[row];
    const auto found = std::ranges::find_if(set_.devices, [&](const SetDevice& known) {
      return known.name == name && known.uuid == uuid;
    });
    if (found != set_.devices.end()) return *found;
    return set_.devices.emplace_back(SetDevice{std::string(name), std::string(uuid), {}});
  }

  RunSet& set_;
  const Columns& columns_;
  std::string device_;
  std::unordered_map<Key, std::size_t, KeyHash> places_;
  std::optional<std::pair<Key, std::uint32_t>> last_driver_;
};

}  // namespace

std::span<const std::string_view> run_set_columns() {
  return kColumns;
}

RunSet make_run_set(const History& history, std::string_view device) {
  RunSet set;
  if (history.size() == 0) return set;
  const Columns columns(history);
  SeriesFinder finder(set, columns, device);
  for (const HistoryRun& run : history.runs()) {
    if (run.half_line) {
      set.warnings.push_back(fmt::format("{}:{}: the last row is half written and left out",
                                         run.file, run.half_line->line));
    }
    if (run.rows == 0) {
      set.warnings.push_back(fmt::format("{}: has no row", run.file));
      continue;
    }
    bool counts = false;
    for (std::size_t row = run.first_row; row < run.first_row + run.rows; ++row) {
      SeriesSide* side = finder.of(row);
      if (side == nullptr) continue;
      add_row(*side, columns, row, set.runs.size());
      counts = true;
    }
    if (counts) set.runs.push_back(run_facts(run, columns));
  }
  return set;
}

}  // namespace gpubench
