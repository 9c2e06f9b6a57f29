#include "compare/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compare/calibration.h"
#include "compare/distributions.h"
#include "record/words.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

std::vector<double> logarithms(std::span<const double> seconds) {
  std::vector<double> logs;
  for (const double value : seconds) logs.push_back(std::log(value));
  return logs;
}

Error cannot(std::string why) {
  return Error{ErrorKind::input, "baseline: " + std::move(why)};
}

/// All devices of one name together.
std::map<std::pair<std::string, std::string>, SeriesSide> pooled(const RunSet& set) {
  std::map<std::pair<std::string, std::string>, SeriesSide> sides;
  for (const SeriesSide& side : set.series) {
    const auto [found, is_new] = sides.try_emplace({side.case_id, side.device_name}, side);
    if (!is_new) merge(found->second, side);
  }
  return sides;
}

std::set<std::size_t> sessions_of(const SeriesSide& side, const std::vector<std::size_t>& numbers) {
  std::set<std::size_t> sessions;
  for (const RunTime& time : side.times) sessions.insert(numbers[time.run]);
  return sessions;
}

BaselineSeries series_of(const SeriesSide& side, std::size_t sessions) {
  BaselineSeries series{side.case_id, side.device_name, side.kernel_hash.text, side.fill.text,
                        side.timer.text};
  for (const RunTime& time : side.times) series.medians_s.push_back(time.median_s);
  series.median_s = median(series.medians_s);
  series.spread = spread_of(series.medians_s);
  series.sessions = sessions;
  if (!std::isnan(side.rel_fro_err)) series.rel_fro_err = side.rel_fro_err;
  series.precision_verdict = to_string(side.precision);
  return series;
}

std::vector<BaselineDevice> devices_of(const RunSet& set) {
  const std::vector<std::size_t> numbers = session_numbers(set.runs);
  std::map<std::string, BaselineDevice> by_name;
  std::map<std::string, std::set<std::string>> drivers;
  std::map<std::string, std::set<std::size_t>> sessions;
  for (const SetDevice& device : set.devices) {
    ++by_name[device.name].devices;
    drivers[device.name].insert(device.drivers.begin(), device.drivers.end());
  }
  for (const SeriesSide& side : set.series) {
    sessions[side.device_name].merge(sessions_of(side, numbers));
  }
  std::vector<BaselineDevice> devices;
  for (auto& [name, device] : by_name) {
    device.name = name;
    device.sessions = sessions[name].size();
    device.drivers.assign(drivers[name].begin(), drivers[name].end());
    devices.push_back(std::move(device));
  }
  return devices;
}

bool is_provisional(const std::vector<BaselineDevice>& devices) {
  return std::ranges::any_of(devices, [](const BaselineDevice& device) {
    return device.devices < kFewestBaselineDevices || device.sessions < kFewestBaselineSessions;
  });
}

void apply_floors(Baseline& baseline, const RunSet& set, const SeriesFloors& floors) {
  for (const CalibratedSeries& measured : calibrate(set).series) {
    const auto found = baseline.series.find({measured.case_id, measured.device_name});
    if (found != baseline.series.end()) found->second.floor_rel = measured.floor.floor_rel;
  }
  for (auto& [key, series] : baseline.series) {
    const auto found = floors.find(key);
    if (found == floors.end()) continue;
    series.floor_rel = std::max(series.floor_rel, found->second.floor_rel);
  }
}

/// The new runs' mean is expected within this of the baseline's, if both spread as the baseline.
void add_student(std::span<const double> base, std::span<const double> fresh,
                 BaselineComparison& result) {
  const double deviation = standard_deviation(base);
  if (base.size() < 3 || !(deviation > 0)) return;
  const auto n_base = static_cast<double>(base.size()), n_new = static_cast<double>(fresh.size());
  const double error = deviation * std::sqrt(1 / n_base + 1 / n_new);
  const double shift = mean(fresh) - mean(base);
  const double reach = error * student_quantile(1 - (1 - kConfidence) / 2, n_base - 1);
  result.evidence = BaselineEvidence::student;
  result.ci_low = change_of(shift - reach);
  result.ci_high = change_of(shift + reach);
  result.p_value = 2 * student_upper_tail(std::abs(shift) / error, n_base - 1);
}

}  // namespace

const BaselineSeries* Baseline::find(std::string_view case_id, std::string_view device_name) const {
  const auto found = series.find({std::string(case_id), std::string(device_name)});
  return found == series.end() ? nullptr : &found->second;
}

Result<Baseline> make_baseline(const RunSet& set, const BaselineOrigin& origin,
                               const SeriesFloors& floors) {
  Baseline baseline;
  baseline.created_at = origin.created_at;
  baseline.by = origin.by;
  baseline.tool = origin.tool;
  baseline.replaces = origin.replaces;
  const std::vector<std::size_t> numbers = session_numbers(set.runs);
  for (const auto& [key, side] : pooled(set)) {
    if (side.times.empty()) continue;
    for (const auto& [name, common] :
         {std::pair("kernel_hash", &side.kernel_hash), std::pair("fill", &side.fill),
          std::pair("timer", &side.timer)}) {
      if (!common->mixed) continue;
      return cannot(
          fmt::format("{} on {}: {} changed between the runs; take runs that timed the "
                      "same",
                      side.case_id, side.device_name, name));
    }
    baseline.series.emplace(key, series_of(side, sessions_of(side, numbers).size()));
  }
  if (baseline.series.empty()) return cannot("no run has a time");
  for (const SetRun& run : set.runs) baseline.runs.push_back(run.run_id);
  baseline.devices = devices_of(set);
  baseline.provisional = is_provisional(baseline.devices);
  apply_floors(baseline, set, floors);
  return baseline;
}

std::vector<std::string> baseline_faults(const RunSet& set) {
  std::vector<std::string> faults;
  for (const SeriesSide& side : set.series) {
    const auto add = [&](std::size_t rows, std::string_view what) {
      if (rows == 0) return;
      faults.push_back(fmt::format("{} on {}: {} of {} rows {}", side.case_id, side.device_name,
                                   rows, side.rows, what));
    };
    add(side.bad_rows, "ended badly, the first with " + side.bad_status);
    if (side.bad_rows == 0) add(side.check_failed_rows, "failed their check");
    add(side.mistrusted_rows, "have an output that proves nothing");
    add(side.accused_rows, "compute in less than they declare");
  }
  for (const SetRun& run : set.runs) {
    if (run.half_written) faults.push_back(run.file + ": the last row is half written");
  }
  return faults;
}

BaselineComparison compare_with_baseline(const BaselineSeries& series,
                                         std::span<const double> medians_s) {
  const std::vector<double> base = logarithms(series.medians_s), fresh = logarithms(medians_s);
  BaselineComparison result;
  result.n_base = base.size();
  result.n_new = fresh.size();
  result.baseline_s = series.median_s;
  result.observed_s = median({medians_s.begin(), medians_s.end()});
  result.minimum_effect = std::max(kMinimumEffect, series.floor_rel);
  const Shift shift = shift_between(base, fresh);
  result.delta_rel = change_of(shift.estimate);
  if (!shift.has_interval()) {
    add_student(base, fresh, result);
    return result;
  }
  result.evidence = BaselineEvidence::ranks;
  result.ci_low = change_of(shift.low);
  result.ci_high = change_of(shift.high);
  result.p_value = rank_test(base, fresh).p_value;
  return result;
}

}  // namespace gpubench
