// Three steps: what can be said of each series alone; p-values adjusted for all of them; verdicts.
#include "compare/speed.h"

#include <algorithm>
#include <map>
#include <set>

#include "compare/distributions.h"
#include "compare/false_discovery.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

std::vector<double> log_medians(const SeriesSide& side) {
  std::vector<double> values;
  values.reserve(side.times.size());
  for (const RunTime& time : side.times) values.push_back(time.log_median);
  return values;
}

bool has_times(const SeriesSide* side) {
  return side != nullptr && !side->times.empty();
}

SpeedReason why_no_times(const SeriesSide* side) {
  if (side == nullptr) return SpeedReason::absent;
  return side->bad_rows > 0 ? SpeedReason::failed : SpeedReason::not_run;
}

bool differ(const Common& base, const Common& fresh) {
  return base.mixed || fresh.mixed || base.text != fresh.text;
}

SpeedReason why_incomparable(const SpeedInput& input) {
  const bool kernels = input.across == Across::nothing;
  if (kernels && differ(input.base->kernel_hash, input.fresh->kernel_hash)) {
    return SpeedReason::kernel_hash;
  }
  if (differ(input.base->fill, input.fresh->fill)) return SpeedReason::fill;
  if (differ(input.base->timer, input.fresh->timer)) return SpeedReason::timer;
  return SpeedReason::none;
}

/// What of the ratio is sure when all that is known are the samples of one run each.
Shift shift_of_samples(const RunTime& base, const RunTime& fresh) {
  return {fresh.log_median - base.log_median, fresh.log_p05 - base.log_p95,
          fresh.log_p95 - base.log_p05};
}

/// Whether at least half of each side's runs are of sessions that have runs of both: then what a
/// session does to them, it does to both.
bool share_sessions(const TimeSessions& sessions) {
  const auto half_of = [](const std::vector<std::size_t>& side,
                          const std::vector<std::size_t>& other) {
    const std::set<std::size_t> others(other.begin(), other.end());
    const auto shared =
        std::ranges::count_if(side, [&](std::size_t one) { return others.contains(one); });
    return 2 * static_cast<std::size_t>(shared) >= side.size();
  };
  return half_of(sessions.base, sessions.fresh) && half_of(sessions.fresh, sessions.base);
}

/// One value for each session, so that a session counts once.
std::vector<double> session_medians(const SeriesSide& side,
                                    const std::vector<std::size_t>& sessions) {
  std::map<std::size_t, std::vector<double>> by_session;
  for (std::size_t i = 0; i < side.times.size(); ++i) {
    by_session[sessions[i]].push_back(side.times[i].log_median);
  }
  std::vector<double> medians;
  for (auto& [session, times] : by_session) medians.push_back(median(std::move(times)));
  return medians;
}

/// Could so few sessions alone be so far apart? With a floor, by Student's t of the deviation that
/// it found between sessions; without, by the ranks of these, or not at all beyond kSessionEffect.
double session_p(const SpeedInput& input, double shift) {
  const std::vector<double> base = session_medians(*input.base, input.sessions.base);
  const std::vector<double> fresh = session_medians(*input.fresh, input.sessions.fresh);
  if (input.floor && input.floor->sessions >= kFewestFloorSessions) {
    const double error =
        input.floor->session_deviation *
        std::sqrt(1 / static_cast<double>(base.size()) + 1 / static_cast<double>(fresh.size()));
    if (!(error > 0)) return 0;
    const auto freedom = static_cast<double>(input.floor->sessions - 1);
    return 2 * student_upper_tail(std::abs(shift) / error, freedom);
  }
  if (std::abs(shift) >= std::log1p(kSessionEffect)) return 0;
  return rank_test(base, fresh).p_value;
}

void measure_times(const SpeedInput& input, SpeedComparison& speed) {
  const std::vector<double> base = log_medians(*input.base), fresh = log_medians(*input.fresh);
  speed.n_base = base.size();
  speed.n_new = fresh.size();
  speed.base_median_s = std::exp(median(base));
  speed.new_median_s = std::exp(median(fresh));
  if (base.size() == 1 && fresh.size() == 1) {
    speed.shift = shift_of_samples(input.base->times.front(), input.fresh->times.front());
    return;
  }
  speed.shift = shift_between(base, fresh);
  const double of_runs = rank_test(base, fresh).p_value;
  const double of_sessions =
      share_sessions(input.sessions) ? 0 : session_p(input, speed.shift->estimate);
  speed.p_value = std::max(of_runs, of_sessions);
  speed.limited_by_sessions = of_sessions > of_runs && of_runs <= kFalseDiscoveryRate;
  speed.smallest_p = smallest_p(base.size(), fresh.size());
}

/// Everything but what depends on other series. `not_timed` stays where a verdict is still to come.
SpeedComparison measure(const SpeedInput& input) {
  SpeedComparison speed;
  if (input.floor) speed.minimum_effect = std::max(kMinimumEffect, input.floor->floor_rel);
  if (!has_times(input.base) && !has_times(input.fresh)) return speed;
  if (!has_times(input.base)) {
    speed.verdict = SpeedVerdict::added;
    speed.reason = why_no_times(input.base);
  } else if (!has_times(input.fresh)) {
    speed.verdict = SpeedVerdict::missing;
    speed.reason = why_no_times(input.fresh);
  } else if (const SpeedReason reason = why_incomparable(input); reason != SpeedReason::none) {
    speed.verdict = SpeedVerdict::incomparable;
    speed.reason = reason;
  } else {
    measure_times(input, speed);
  }
  return speed;
}

double median_of(const SeriesSide& side, double RunTime::*member) {
  std::vector<double> values;
  for (const RunTime& time : side.times) {
    if (!std::isnan(time.*member)) values.push_back(time.*member);
  }
  return median(std::move(values));
}

/// Whether the clock moved so that it explains half of the shift or more, or was held down longer.
bool clock_explains(const SpeedInput& input, double shift) {
  constexpr double kReadingError = 0.01;  // Clocks are read in steps of some MHz.
  constexpr double kThrottled = 0.05;     // Share of the readings.
  const double slower_clock = std::log(median_of(*input.base, &RunTime::clock_mhz) /
                                       median_of(*input.fresh, &RunTime::clock_mhz));
  if (std::abs(slower_clock) >= kReadingError && slower_clock / shift >= 0.5) return true;
  const double throttled = median_of(*input.fresh, &RunTime::throttle_ratio) -
                           median_of(*input.base, &RunTime::throttle_ratio);
  return std::abs(throttled) >= kThrottled && throttled * shift > 0;
}

bool is_off_zero(const Shift& shift) {
  return shift.low > 0 || shift.high < 0;
}

struct Verdict {
  SpeedVerdict verdict;
  SpeedReason reason;
};

Verdict changed(double shift, SpeedReason reason) {
  return {shift > 0 ? SpeedVerdict::regressed : SpeedVerdict::improved, reason};
}

/// One run a side is weaker evidence: its samples know nothing of what differs from run to run.
Verdict judge_single(const SpeedInput& input, const SpeedComparison& speed) {
  // Of all pairs of sessions, one in twenty is further apart than the floor; hardly any so far.
  const double of_floor = input.floor ? 2 * input.floor->floor_rel : 0;
  const double effect = std::log1p(std::max({speed.minimum_effect, of_floor, kSessionEffect}));
  const bool apart = is_off_zero(*speed.shift) && std::abs(speed.shift->estimate) >= effect;
  if (apart) return changed(speed.shift->estimate, SpeedReason::single_run);
  return {SpeedVerdict::ambiguous, SpeedReason::single_run};
}

/// `reachable` is the largest p that would count in this series.
Verdict judge(const SpeedInput& input, const SpeedComparison& speed, double reachable) {
  const Shift& shift = *speed.shift;
  const double effect = std::log1p(speed.minimum_effect);
  if (shift.low >= -effect && shift.high <= effect) return {SpeedVerdict::same, SpeedReason::none};
  if (*speed.smallest_p > reachable) {
    return {SpeedVerdict::ambiguous, SpeedReason::underpowered};
  }
  if (*speed.adjusted_p > kFalseDiscoveryRate || !is_off_zero(shift)) {
    return {SpeedVerdict::ambiguous,
            speed.limited_by_sessions ? SpeedReason::single_session : SpeedReason::noisy};
  }
  if (std::abs(shift.estimate) < effect) return {SpeedVerdict::ambiguous, SpeedReason::small};
  if (clock_explains(input, shift.estimate)) {
    return {SpeedVerdict::ambiguous, SpeedReason::clock};
  }
  return changed(shift.estimate, SpeedReason::none);
}

/// Adjusts the p-values of the series that have one; returns the largest p that would still count
/// in one more of them.
double adjust(std::span<SpeedComparison> all) {
  std::vector<double> p_values;
  for (const SpeedComparison& speed : all) {
    if (speed.p_value) p_values.push_back(*speed.p_value);
  }
  const std::vector<double> adjusted = adjusted_p_values(p_values);
  std::size_t next = 0, rejected = 0;
  for (SpeedComparison& speed : all) {
    if (!speed.p_value) continue;
    speed.adjusted_p = adjusted[next++];
    if (*speed.adjusted_p <= kFalseDiscoveryRate) ++rejected;
  }
  if (p_values.empty()) return 1;
  const auto tests = static_cast<double>(p_values.size());
  return kFalseDiscoveryRate * std::min(1.0, static_cast<double>(rejected + 1) / tests);
}

}  // namespace

std::vector<SpeedComparison> compare_speed(std::span<const SpeedInput> inputs) {
  std::vector<SpeedComparison> all;
  all.reserve(inputs.size());
  for (const SpeedInput& input : inputs) all.push_back(measure(input));
  const double reachable = adjust(all);
  const std::size_t needed = runs_to_reach(reachable);
  for (std::size_t i = 0; i < all.size(); ++i) {
    SpeedComparison& speed = all[i];
    if (!speed.shift) continue;
    const Verdict verdict =
        speed.p_value ? judge(inputs[i], speed, reachable) : judge_single(inputs[i], speed);
    speed.verdict = verdict.verdict;
    speed.reason = verdict.reason;
    if (speed.p_value && *speed.smallest_p > reachable) speed.runs_needed = needed;
  }
  return all;
}

}  // namespace gpubench
