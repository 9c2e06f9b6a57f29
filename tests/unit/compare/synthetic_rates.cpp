#include "unit/compare/synthetic_rates.h"

#include "compare/calibration.h"
#include "compare/comparison.h"
#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

/// Random numbers that are the same with every standard library: its distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  double uniform() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  double normal() {
    constexpr double kTwoPi = 6.283185307179586;
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(kTwoPi * uniform());
  }

 private:
  std::mt19937_64 engine_;
};

double log_time(double noise, Random& random) {
  const double disturbed = random.uniform() < 0.1 ? 5 * noise * random.uniform() : 0;
  return noise * random.normal() + disturbed;
}

/// `sessions` sessions, a day apart, with the runs spread evenly over them in the order of time.
RunSet make_set(const SyntheticPlan& plan, const std::string& prefix, std::size_t sessions,
                double slow_down, Random& random) {
  const auto session_of = [&](std::size_t run) { return run * sessions / plan.runs; };
  std::vector<SeriesSide> series;
  for (std::size_t s = 0; s < plan.series; ++s) {
    const double changed = s < plan.changed ? std::log1p(slow_down) : 0;
    std::vector<double> session_effects, times;
    for (std::size_t i = 0; i < sessions; ++i) {
      session_effects.push_back(plan.session_deviation * random.normal());
    }
    for (std::size_t run = 0; run < plan.runs; ++run) {
      times.push_back(
          std::exp(changed + session_effects[session_of(run)] + log_time(plan.noise, random)));
    }
    series.push_back(side_of(times, fmt::format("case {:02}", s)));
  }
  RunSet set = set_of(prefix, std::move(series));
  for (std::size_t run = 0; run < plan.runs; ++run) {
    set.runs[run].started_s += kDay_s * static_cast<double>(session_of(run));
  }
  return set;
}

SeriesFloors floors_of(const SyntheticPlan& plan, Random& random) {
  SeriesFloors floors;
  if (plan.floor_sessions == 0) return floors;
  SyntheticPlan long_plan = plan;
  long_plan.runs = plan.runs * plan.floor_sessions;
  const RunSet set = make_set(long_plan, "f", plan.floor_sessions, 0, random);
  for (const CalibratedSeries& series : calibrate(set).series) {
    floors[{series.case_id, series.device_name}] = series.floor;
  }
  return floors;
}

void move_in_time(RunSet& set, double seconds) {
  for (SetRun& run : set.runs) run.started_s += seconds;
}

bool is_changed(SpeedVerdict verdict) {
  return verdict == SpeedVerdict::regressed || verdict == SpeedVerdict::improved;
}

/// Adds the counts of one comparison; whether it has a false alarm.
bool count(const SetComparison& comparison, const SyntheticPlan& plan, SyntheticRates& counts) {
  bool alarm = false;
  for (const SeriesComparison& series : comparison.series) {
    const bool truly = series.case_id < fmt::format("case {:02}", plan.changed);
    const SpeedVerdict verdict = series.speed.verdict;
    if (truly) {
      counts.caught += verdict == SpeedVerdict::regressed ? 1 : 0;
    } else {
      counts.false_series += is_changed(verdict) ? 1 : 0;
      counts.same += verdict == SpeedVerdict::same ? 1 : 0;
      alarm = alarm || is_changed(verdict);
    }
  }
  return alarm;
}

}  // namespace

SyntheticRates synthetic_rates(const SyntheticPlan& plan, std::uint64_t seed) {
  Random random(seed);
  const std::size_t sessions = plan.sessions == MadeSessions::four_a_side ? 4 : 1;
  SyntheticRates counts;
  for (std::size_t i = 0; i < plan.comparisons; ++i) {
    const RunSet base = make_set(plan, "a", sessions, 0, random);
    RunSet fresh = make_set(plan, "b", sessions, plan.slow_down, random);
    if (plan.sessions != MadeSessions::in_turns) move_in_time(fresh, 30 * kDay_s);
    CompareOptions options;
    options.floors = floors_of(plan, random);
    const auto comparison = compare_sets(base, fresh, options);
    if (count(*comparison, plan, counts)) counts.alarmed += 1;
  }
  const auto comparisons = static_cast<double>(plan.comparisons);
  const double unchanged = comparisons * static_cast<double>(plan.series - plan.changed);
  counts.alarmed /= comparisons;
  counts.false_series /= std::max(1.0, unchanged);
  counts.same /= std::max(1.0, unchanged);
  counts.caught /= std::max(1.0, comparisons * static_cast<double>(plan.changed));
  return counts;
}

}  // namespace gpubench
