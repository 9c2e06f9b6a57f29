#include "compare/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "base/text.h"

namespace gpubench {
namespace {

using Names = std::set<std::string>;

Names device_names(const RunSet& set) {
  Names names;
  for (const SetDevice& device : set.devices) names.insert(device.name);
  return names;
}

Names device_uuids(const RunSet& set, const std::string& name) {
  Names uuids;
  for (const SetDevice& device : set.devices) {
    if (device.name == name) uuids.insert(device.uuid);
  }
  return uuids;
}

std::string listed(const Names& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(fmt::format("\"{}\"", name));
  return join(quoted, ", ");
}

Error bad(std::string message) {
  return Error{ErrorKind::input, "compare: " + std::move(message)};
}

Outcome check_devices(const RunSet& base, const RunSet& fresh, DeviceMatch match) {
  const Names from = device_names(base), to = device_names(fresh);
  if (match == DeviceMatch::any) {
    if (from.size() == 1 && to.size() == 1) return Done{};
    return bad(
        fmt::format("across devices each set must be of one device; the base has {}, the new "
                    "set {}; choose with --device",
                    listed(from), listed(to)));
  }
  if (from == to) return Done{};
  return bad(
      fmt::format("the sets are of different devices: the base has {}, the new set {}; choose one "
                  "with --device, or say --across devices to compare them all the same",
                  listed(from), listed(to)));
}

Names run_ids(const RunSet& set) {
  Names ids;
  for (const SetRun& run : set.runs) ids.insert(run.run_id);
  return ids;
}

/// Whether both sets are the same runs; fails when they merely share some.
Result<bool> are_same_runs(const RunSet& base, const RunSet& fresh) {
  const Names from = run_ids(base), to = run_ids(fresh);
  if (from == to) return true;
  for (const SetRun& run : fresh.runs) {
    if (!from.contains(run.run_id)) continue;
    return bad(fmt::format("run {} ({}) is in both sets; each run belongs to one of them",
                           run.run_id, run.file));
  }
  return false;
}

struct SeriesKey {
  std::string case_id, device, uuid;
  bool operator<(const SeriesKey& other) const {
    return std::tie(case_id, device, uuid) < std::tie(other.case_id, other.device, other.uuid);
  }
};

/// Devices of one name are kept apart where both sets have the very same ones, and taken together
/// otherwise: their identities change with the driver or the machine.
class KeyMaker {
 public:
  KeyMaker(const RunSet& base, const RunSet& fresh, DeviceMatch match) : match_(match) {
    for (const std::string& name : device_names(base)) {
      const Names uuids = device_uuids(base, name);
      if (uuids.size() > 1 && uuids == device_uuids(fresh, name)) kept_apart_.insert(name);
    }
  }

  [[nodiscard]] SeriesKey key_of(const SeriesSide& side) const {
    if (match_ == DeviceMatch::any) return {side.case_id, "", ""};
    const bool apart = kept_apart_.contains(side.device_name);
    return {side.case_id, side.device_name, apart ? side.device_uuid : ""};
  }

 private:
  DeviceMatch match_;
  Names kept_apart_;
};

using Sides = std::map<SeriesKey, SeriesSide>;

Sides sides_of(const RunSet& set, const KeyMaker& keys) {
  Sides sides;
  for (const SeriesSide& side : set.series) {
    const auto [found, is_new] = sides.try_emplace(keys.key_of(side), side);
    if (!is_new) merge(found->second, side);
  }
  return sides;
}

/// Sessions of the runs of both sides together.
struct Sessions {
  std::vector<std::size_t> of_base, of_new;
};

Sessions sessions_of(const RunSet& base, const RunSet& fresh) {
  std::vector<SetRun> all = base.runs;
  all.insert(all.end(), fresh.runs.begin(), fresh.runs.end());
  const std::vector<std::size_t> numbers = session_numbers(all);
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(base.runs.size());
  return {{numbers.begin(), middle}, {middle, numbers.end()}};
}

std::vector<std::size_t> numbers_of(const SeriesSide& side,
                                    const std::vector<std::size_t>& sessions) {
  std::vector<std::size_t> numbers;
  for (const RunTime& time : side.times) numbers.push_back(sessions[time.run]);
  return numbers;
}

const SeriesSide* find(const Sides& sides, const SeriesKey& key) {
  const auto found = sides.find(key);
  return found == sides.end() ? nullptr : &found->second;
}

/// The larger of what both devices' floors ask for.
std::optional<SeriesFloor> floor_of(const SeriesFloors& floors, const SeriesSide* base,
                                    const SeriesSide* fresh) {
  std::optional<SeriesFloor> largest;
  for (const SeriesSide* side : {base, fresh}) {
    if (side == nullptr) continue;
    const auto found = floors.find({side->case_id, side->device_name});
    if (found == floors.end()) continue;
    if (!largest || found->second.floor_rel > largest->floor_rel) largest = found->second;
  }
  return largest;
}

std::string device_text(const SeriesSide* base, const SeriesSide* fresh) {
  if (base == nullptr) return fresh->device_name;
  if (fresh == nullptr || base->device_name == fresh->device_name) return base->device_name;
  return fmt::format("{} → {}", base->device_name, fresh->device_name);
}

std::string detail_of(const SpeedComparison& speed, const SeriesSide* base,
                      const SeriesSide* fresh) {
  const SeriesSide* side = speed.verdict == SpeedVerdict::added ? base : fresh;
  if (side == nullptr) return "";
  if (speed.reason == SpeedReason::failed) return side->bad_status;
  return speed.reason == SpeedReason::not_run ? side->not_run_status : "";
}

/// Sorted by what a reader wants to see first.
void sort_worst_first(std::vector<SeriesComparison>& series) {
  const auto rank = [](const SeriesComparison& one) {
    const bool listed_last = one.speed.verdict == SpeedVerdict::not_timed;
    const double shift = one.speed.shift ? one.speed.shift->estimate : 0;
    return std::tuple(!has_worse_output(one), listed_last, one.speed.verdict, -shift);
  };
  std::ranges::stable_sort(series, [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

SideFacts facts_of(const RunSet& set, const std::vector<std::size_t>& sessions) {
  SideFacts facts;
  facts.runs = set.runs.size();
  facts.sessions = std::set(sessions.begin(), sessions.end()).size();
  Names tools, hosts, drivers;
  for (const SetRun& run : set.runs) {
    if (!run.tool.empty()) tools.insert(run.tool);
    if (!run.host.empty()) hosts.insert(run.host);
  }
  for (const SetDevice& device : set.devices) {
    drivers.insert(device.drivers.begin(), device.drivers.end());
  }
  const auto to_list = [](const Names& names) {
    return std::vector<std::string>(names.begin(), names.end());
  };
  facts.devices = to_list(device_names(set));
  facts.drivers = to_list(drivers);
  facts.tools = to_list(tools);
  facts.hosts = to_list(hosts);
  const auto [first, last] = std::ranges::minmax_element(set.runs, {}, &SetRun::run_id);
  facts.first_run = first->run_id;
  facts.last_run = last->run_id;
  return facts;
}

ComparisonOutcome outcome_of(const SetComparison& comparison) {
  bool decided = false, open = false;
  for (const SeriesComparison& series : comparison.series) {
    const SpeedVerdict verdict = series.speed.verdict;
    if (verdict == SpeedVerdict::regressed || has_worse_output(series)) {
      return ComparisonOutcome::worse;
    }
    decided |= verdict == SpeedVerdict::same || verdict == SpeedVerdict::improved;
    open |= verdict == SpeedVerdict::missing || verdict == SpeedVerdict::incomparable ||
            has_unchecked_output(series);
  }
  return decided && !open ? ComparisonOutcome::nothing_worse : ComparisonOutcome::inconclusive;
}

/// Everything that a pair of sides says of itself; speed is still to come.
SeriesComparison describe(const SeriesKey& key, const SeriesSide* base, const SeriesSide* fresh) {
  SeriesComparison series;
  series.case_id = key.case_id;
  series.device = device_text(base, fresh);
  series.device_uuid = key.uuid;
  if (fresh != nullptr) {
    series.outputs = base != nullptr ? compare_outputs(*base, *fresh) : faults_of(*fresh);
  }
  return series;
}

void take_for_same(std::vector<SpeedComparison>& speeds) {
  for (SpeedComparison& speed : speeds) {
    if (speed.verdict == SpeedVerdict::not_timed) continue;
    speed.verdict = SpeedVerdict::same;
    speed.reason = SpeedReason::same_runs;
  }
}

}  // namespace

bool has_worse_output(const SeriesComparison& series) {
  return std::ranges::any_of(series.outputs, [](const OutputFinding& finding) {
    return finding.change == OutputChange::worse;
  });
}

bool has_unchecked_output(const SeriesComparison& series) {
  return std::ranges::any_of(series.outputs, [](const OutputFinding& finding) {
    return finding.change == OutputChange::unchecked;
  });
}

std::size_t count_of(const SetComparison& comparison, SpeedVerdict verdict) {
  const auto count = std::ranges::count_if(comparison.series, [&](const SeriesComparison& series) {
    return series.speed.verdict == verdict;
  });
  return static_cast<std::size_t>(count);
}

Result<SetComparison> compare_sets(const RunSet& base, const RunSet& fresh,
                                   const CompareOptions& options) {
  if (base.runs.empty()) return bad("the base has no row of any device that was asked for");
  if (fresh.runs.empty()) return bad("the new set has no row of any device that was asked for");
  if (auto checked = check_devices(base, fresh, options.devices); !checked) return checked.error();
  const auto same_runs = are_same_runs(base, fresh);
  if (!same_runs) return same_runs.error();

  const KeyMaker keys(base, fresh, options.devices);
  const Sides from = sides_of(base, keys), to = sides_of(fresh, keys);
  const Sessions sessions = sessions_of(base, fresh);
  std::set<SeriesKey> all;
  for (const Sides* sides : {&from, &to}) {
    std::ranges::transform(*sides, std::inserter(all, all.end()), &Sides::value_type::first);
  }

  SetComparison comparison;
  comparison.same_runs = *same_runs;
  std::vector<SpeedInput> inputs;
  for (const SeriesKey& key : all) {
    const SeriesSide *before = find(from, key), *after = find(to, key);
    SpeedInput input{before, after, {}, floor_of(options.floors, before, after), options.across};
    if (before != nullptr && after != nullptr) {
      input.sessions = {numbers_of(*before, sessions.of_base), numbers_of(*after, sessions.of_new)};
    }
    comparison.floors_used += input.floor ? 1 : 0;
    inputs.push_back(input);
    comparison.series.push_back(describe(key, before, after));
  }
  std::vector<SpeedComparison> speeds = compare_speed(inputs);
  if (*same_runs) take_for_same(speeds);
  for (std::size_t i = 0; i < speeds.size(); ++i) {
    comparison.series[i].speed = speeds[i];
    comparison.series[i].speed_detail = detail_of(speeds[i], inputs[i].base, inputs[i].fresh);
  }
  sort_worst_first(comparison.series);
  comparison.base = facts_of(base, sessions.of_base);
  comparison.fresh = facts_of(fresh, sessions.of_new);
  comparison.warnings = base.warnings;
  if (!*same_runs) {
    comparison.warnings.insert(comparison.warnings.end(), fresh.warnings.begin(),
                               fresh.warnings.end());
  }
  comparison.outcome = outcome_of(comparison);
  return comparison;
}

}  // namespace gpubench
