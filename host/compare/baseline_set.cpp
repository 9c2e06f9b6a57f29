#include "compare/baseline_set.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace gpubench {
namespace {

/// "20261122T021259Z-ours-9d3e" names its start; 0 where it does not.
double start_of(std::string_view run_id) {
  constexpr std::string_view kShape = "20261122T021259Z";
  if (run_id.size() < kShape.size()) return 0;
  const auto part = [&](std::size_t begin, std::size_t count) {
    return std::string(run_id.substr(begin, count));
  };
  return parse_utc(part(0, 4) + '-' + part(4, 2) + '-' + part(6, 5) + ':' + part(11, 2) + ':' +
                   part(13, 3))
      .value_or(0);
}

PrecisionRank rank_of(std::string_view word) {
  constexpr std::array kRanks = {PrecisionRank::wrong, PrecisionRank::nondeterministic,
                                 PrecisionRank::downgraded, PrecisionRank::unresolved,
                                 PrecisionRank::confirmed};
  const auto found =
      std::ranges::find_if(kRanks, [&](PrecisionRank rank) { return to_string(rank) == word; });
  return found == kRanks.end() ? PrecisionRank::not_probed : *found;
}

SeriesSide side_of(const BaselineSeries& series, std::size_t runs) {
  SeriesSide side;
  side.case_id = series.case_id;
  side.device_name = series.device_name;
  const bool is_one_each = series.medians_s.size() == runs;
  for (std::size_t i = 0; i < series.medians_s.size(); ++i) {
    RunTime time;
    time.run = is_one_each ? i : 0;
    time.median_s = series.medians_s[i];
    // Nothing is known of its samples.
    time.log_median = time.log_p05 = time.log_p95 = std::log(time.median_s);
    side.times.push_back(time);
  }
  side.kernel_hash.add(series.kernel_hash);
  side.fill.add(series.fill);
  side.timer.add(series.timer);
  // Only runs whose outputs were found right become a baseline.
  side.rows = side.checked_rows = series.medians_s.size();
  side.precision = rank_of(series.precision_verdict);
  side.rel_fro_err = series.rel_fro_err.value_or(std::nan(""));
  return side;
}

std::set<std::string> shared_devices(const Baseline& baseline, const RunSet& fresh) {
  std::set<std::string> known, shared;
  for (const BaselineDevice& device : baseline.devices) known.insert(device.name);
  for (const SetDevice& device : fresh.devices) {
    if (known.contains(device.name)) shared.insert(device.name);
  }
  return shared.empty() ? known : shared;
}

}  // namespace

RunSet run_set_of(const Baseline& baseline, const RunSet& fresh) {
  RunSet set;
  for (const std::string& run_id : baseline.runs) {
    SetRun run;
    run.run_id = run_id;
    run.started_s = start_of(run_id);
    set.runs.push_back(std::move(run));
  }
  const std::set<std::string> devices = shared_devices(baseline, fresh);
  for (const BaselineDevice& device : baseline.devices) {
    if (!devices.contains(device.name)) continue;
    set.devices.push_back({device.name, "", {device.drivers.begin(), device.drivers.end()}});
  }
  for (const auto& [key, series] : baseline.series) {
    if (devices.contains(series.device_name)) {
      set.series.push_back(side_of(series, baseline.runs.size()));
    }
  }
  if (baseline.provisional) {
    set.warnings.emplace_back(
        "the baseline is provisional (it takes 3 devices of a name and 5 sessions): a change that "
        "it shows is a hint");
  }
  return set;
}

SeriesFloors floors_with(const Baseline& baseline, SeriesFloors measured) {
  for (const auto& [key, series] : baseline.series) {
    if (!(series.floor_rel > 0)) continue;
    SeriesFloor& floor = measured[key];
    floor.floor_rel = std::max(floor.floor_rel, series.floor_rel);
  }
  return measured;
}

}  // namespace gpubench
