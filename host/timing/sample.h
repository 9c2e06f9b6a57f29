// sample.h — one timed sample, and what was learnt from a series of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpubench {

enum class TimerKind : std::uint8_t { gpu_timestamp, host };
enum class StopReason : std::uint8_t { not_run, converged, settled, budget, max_samples, interrupted };
enum class TimingStatus : std::uint8_t { steady, noisy, drifting, short_series, not_run };

/// Times for ONE launch of the kernel, whatever batching or banding measured it.
struct Sample {
  double gpu_s = 0;   ///< NaN when the queue has no timestamps.
  double host_s = 0;  ///< Submit to wait returned.
};

/// A finished series: accepted samples in time order, and how it ended.
struct Series {
  TimerKind timer = TimerKind::gpu_timestamp;
  double warmup_s = 0;
  std::uint32_t discarded = 0;
  std::uint32_t dispatches_per_sample = 1;
  StopReason stop_reason = StopReason::not_run;
  std::vector<Sample> samples;
};

/// Column group Timing; NaN where there is none.
struct TimingStats {
  TimingStatus status = TimingStatus::not_run;
  double min_s, p05_s, p25_s, median_s, p75_s, p95_s, max_s, mean_s, stddev_s, host_median_s;
};

}  // namespace gpubench
