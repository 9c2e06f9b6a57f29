#include "timing/sampler.h"

#include <fmt/format.h>

#include <utility>

namespace gpubench {
namespace {

// Enough to see clocks fall in a hold; more would fill samples.csv.
constexpr double kSamplesOfHold = 1000;

/// One measured submission, per launch, and what it took in all.
struct Measured {
  Sample per_launch;
  double seconds = 0;  ///< By the timer that counts.
  double spent_s = 0;  ///< By `now`.
};

Error no_time(double seconds, std::uint32_t launches) {
  return {ErrorKind::internal,
          fmt::format("the timer gave {} s for {} launches; expected a positive time", seconds,
                      launches)};
}

class Sampler {
 public:
  Sampler(const SamplerOptions& options, const MeasureFn& measure, const NowFn& now,
          const ShouldStopFn& should_stop)
      : options_(options), measure_(measure), now_(now), should_stop_(should_stop) {
    series_.timer = options.timer;
    if (options.timer_facts.empty_s > 0) series_.overhead_s = options.timer_facts.empty_s;
  }

  Result<Series> run() {
    series_.begin_s = now_();
    if (Outcome outcome = warm_up(); !outcome) return finished(outcome.error());
    if (Outcome outcome = take_samples(); !outcome) return finished(outcome.error());
    return std::move(series_);
  }

 private:
  Outcome warm_up() {
    WarmupRule rule;
    rule.initialize(options_.warmup);
    if (options_.known_launch_s > 0) {
      rule.add(options_.known_launch_s, 0);
      fit_batch(options_.known_launch_s);
    }
    if (options_.known_launch_s >= options_.warmup.max_s) return Done{};
    while (!rule.is_done()) {
      const Result<Measured> measured = measure_once();
      if (!measured) return measured.error();
      ++series_.discarded;
      series_.warmup_s += measured->spent_s;
      rule.add(measured->seconds, measured->spent_s);
      fit_batch(measured->seconds);
    }
    return Done{};
  }

  Outcome take_samples() {
    StoppingRule rule;
    rule.initialize(options_.stopping);
    while (!rule.is_done()) {
      const Result<Measured> measured = measure_once();
      if (!measured) return measured.error();
      series_.samples.push_back(measured->per_launch);
      rule.add(measured->seconds, measured->spent_s);
    }
    series_.stop_reason = *rule.is_done();
    return Done{};
  }

  /// Larger batches carry less overhead per launch, so the size is fitted again with each
  /// warm-up sample, and stays fixed from then on.
  void fit_batch(double launch_s) {
    const double least_s = options_.stopping.hold_s / kSamplesOfHold;
    series_.dispatches_per_sample = launches_per_sample(options_.timer_facts, launch_s, least_s);
  }

  Result<Measured> measure_once() {
    if (should_stop_()) return Error{ErrorKind::interrupted, "stopped on request"};
    const std::uint32_t launches = series_.dispatches_per_sample;
    const double begin = now_();
    const Result<Sample> whole = measure_(launches);
    const double spent_s = now_() - begin;
    if (!whole) return whole.error();
    const Sample each{.gpu_s = whole->gpu_s / launches,
                      .host_s = whole->host_s / launches,
                      .at_s = begin - series_.begin_s};
    const double seconds = seconds_of(each, options_.timer);
    if (!(seconds > 0)) return no_time(seconds * launches, launches);
    return Measured{each, seconds, spent_s};
  }

  /// An interrupted series keeps what it has; any other error is the caller's.
  Result<Series> finished(const Error& error) {
    if (error.kind != ErrorKind::interrupted) return error;
    series_.stop_reason = StopReason::interrupted;
    return std::move(series_);
  }

  const SamplerOptions& options_;
  const MeasureFn& measure_;
  const NowFn& now_;
  const ShouldStopFn& should_stop_;
  Series series_;
};

}  // namespace

Result<Series> sample(const SamplerOptions& options, const MeasureFn& measure, const NowFn& now,
                      const ShouldStopFn& should_stop) {
  return Sampler(options, measure, now, should_stop).run();
}

}  // namespace gpubench
