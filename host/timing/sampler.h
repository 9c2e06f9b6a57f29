// sampler.h — takes a series: warm-up, batches of launches, samples until the rule is met.
// Knows neither Vulkan nor a clock: what runs and what time it is are passed in.
#pragma once

#include <functional>

#include "base/result.h"
#include "timing/batching.h"
#include "timing/sample.h"
#include "timing/stopping.h"
#include "timing/warmup.h"

namespace gpubench {

struct SamplerOptions {
  TimerKind timer = TimerKind::gpu_timestamp;
  TimerFacts timer_facts;
  WarmupOptions warmup;
  StoppingOptions stopping;  ///< Its budget covers the samples, not the warm-up.
  /// One launch as seen when its output was checked; 0: unknown. A launch that fills the whole
  /// warm-up has been the warm-up.
  double known_launch_s = 0;
};

/// Runs `launches` launches back to back, a barrier after each, and returns the times of the whole
/// submission, not per launch. An error of kind `interrupted` ends the series without failing it.
using MeasureFn = std::function<Result<Sample>(std::uint32_t launches)>;
/// Seconds since any fixed moment; never runs backwards.
using NowFn = std::function<double()>;
/// True: take no more samples.
using ShouldStopFn = std::function<bool()>;

/// Fails with the error of `measure`, or with `internal` when the timer that counts gives no
/// positive time.
Result<Series> sample(const SamplerOptions& options, const MeasureFn& measure, const NowFn& now,
                      const ShouldStopFn& should_stop);

}  // namespace gpubench
