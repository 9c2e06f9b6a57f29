// compare_power.cpp — how often compare is right where the truth is known: the tables of
// docs/measuring.md on false alarms and on slow-downs that were put in. Decides nothing; the unit
// tests of synthetic_rates hold the bounds.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/text.h"
#include "compare/comparison.h"
#include "record/csv.h"
#include "unit/compare/synthetic_rates.h"

namespace {

using namespace gpubench;

constexpr std::uint64_t kSeed = 20261122;

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

struct SessionCase {
  const char* name;
  MadeSessions sessions;
  double deviation;
  std::size_t floor_sessions;
};

constexpr std::array kNoises = {0.005, 0.02, 0.05};

void print_line(const SessionCase& one, std::size_t runs) {
  std::string alarms, same;
  for (const double noise : kNoises) {
    SyntheticPlan plan;
    plan.runs = runs;
    plan.noise = noise;
    plan.sessions = one.sessions;
    plan.session_deviation = one.deviation;
    plan.floor_sessions = one.floor_sessions;
    const SyntheticRates rates = synthetic_rates(plan, kSeed);
    alarms += fmt::format(" {} |", percent(rates.alarmed));
    same += fmt::format(" {} |", percent(rates.same));
  }
  fmt::print("| {} | {} |{}{}\n", one.name, runs, alarms, same);
}

void print_false_alarms() {
  fmt::print(
      "| sessions | runs a side | false alarm, noise 0.5 % | 2 % | 5 % | SAME, noise 0.5 % | 2 % | "
      "5 % "
      "|\n|---|--:|--:|--:|--:|--:|--:|--:|\n");
  constexpr SessionCase kCases[] = {
      {"in turns", MadeSessions::in_turns, 0, 0},
      {"one a side, 1 % apart", MadeSessions::one_a_side, 0.01, 0},
      {"one a side, 2 % apart", MadeSessions::one_a_side, 0.02, 0},
      {"the same, with a floor of 6 sessions", MadeSessions::one_a_side, 0.02, 6},
      {"four a side, 2 % apart", MadeSessions::four_a_side, 0.02, 0},
  };
  for (const SessionCase& one : kCases) {
    for (const std::size_t runs : {8U, 16U, 32U}) print_line(one, runs);
  }
}

void print_power() {
  fmt::print(
      "\n| runs a side | noise | 2 % slower | 5 % | 10 % | 20 % |\n|--:|--:|--:|--:|--:|--:|\n");
  for (const std::size_t runs : {6U, 8U, 16U, 32U}) {
    for (const double noise : {0.002, 0.005, 0.01, 0.02, 0.05}) {
      std::string line = fmt::format("| {} | {} |", runs, percent(noise));
      for (const double slow_down : {0.02, 0.05, 0.10, 0.20}) {
        SyntheticPlan plan;
        plan.runs = runs;
        plan.noise = noise;
        plan.slow_down = slow_down;
        plan.changed = 2;
        line += fmt::format(" {} |", percent(synthetic_rates(plan, kSeed).caught));
      }
      fmt::print("{}\n", line);
    }
  }
}

/// Adds one line of aa_lavapipe.py's table: round, side, case_id, device_name, started_at, p05,
/// median, p95. The runs of a side are told apart by when they began.
void add_time(RunSet& set, const std::vector<std::string>& fields) {
  const double started_s = *parse_utc(fields[4]);
  if (set.runs.empty() || set.runs.back().started_s != started_s) {
    set.runs.push_back({fields[1] + fields[4], "host", "", "", started_s});
  }
  if (set.devices.empty()) set.devices.push_back({fields[3], "", {}});
  auto side = std::ranges::find(set.series, fields[2], &SeriesSide::case_id);
  if (side == set.series.end()) {
    side = set.series.emplace(side);
    side->case_id = fields[2];
    side->device_name = fields[3];
  }
  const double median_s = *parse_double(fields[6]);
  side->times.push_back({set.runs.size() - 1, median_s, std::log(median_s),
                         std::log(*parse_double(fields[5])), std::log(*parse_double(fields[7]))});
}

struct RealPair {
  RunSet base, fresh;
};

int print_real(const std::string& path) {
  const auto table = read_csv(path);
  if (!table) {
    fmt::print(stderr, "{}\n", table.error().message);
    return 2;
  }
  std::map<std::uint64_t, RealPair> rounds;
  for (const CsvRecord& record : table->records) {
    RealPair& pair = rounds[*parse_unsigned(record.fields[0])];
    add_time(record.fields[1] == "base" ? pair.base : pair.fresh, record.fields);
  }
  std::size_t alarms = 0, changed = 0, same = 0, series = 0;
  for (const auto& [number, pair] : rounds) {
    const auto comparison = compare_sets(pair.base, pair.fresh);
    const std::size_t falsely = count_of(*comparison, SpeedVerdict::regressed) +
                                count_of(*comparison, SpeedVerdict::improved);
    alarms += falsely > 0 ? 1 : 0;
    changed += falsely;
    same += count_of(*comparison, SpeedVerdict::same);
    series += comparison->series.size();
  }
  fmt::print("| {} | {} | {} | {} of {} | {} of {} |\n", rounds.begin()->second.base.runs.size(),
             rounds.size(), alarms, changed, series, same, series);
  return 0;
}

}  // namespace

/// usage: compare_power [CSV of aa_lavapipe.py]...
int main(int argc, char** argv) {
  print_false_alarms();
  print_power();
  fmt::print(
      "\n| runs a side | comparisons | with a false alarm | series falsely changed | series SAME "
      "|\n|--:|--:|--:|--:|--:|\n");
  int status = 0;
  for (int i = 1; i < argc; ++i) status = std::max(status, print_real(argv[i]));
  return status;
}
