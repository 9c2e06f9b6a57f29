// sample.h — one timed sample, a finished series of them, and what was learnt from it.
// Numbers and words only: knows nothing of clocks, devices or files. docs/measuring.md explains
// each field.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace gpubench {

/// Which of a sample's two times the statistics are made from.
enum class TimerKind : std::uint8_t { gpu_timestamp, host };
enum class StopReason : std::uint8_t {
  not_run,
  converged,
  settled,
  budget,
  max_samples,
  held,
  interrupted
};
enum class TimingStatus : std::uint8_t { steady, noisy, drifting, short_series, not_run };

inline constexpr double kNoTime = std::numeric_limits<double>::quiet_NaN();

/// Times for ONE launch of the kernel, whatever batching or banding measured it.
struct Sample {
  double gpu_s = 0;       ///< NaN when the queue has no timestamps.
  double host_s = 0;      ///< Submit to wait returned.
  double at_s = kNoTime;  ///< When it began, after the series did; warm-up comes first.
};

/// A finished series: accepted samples in time order, and how it ended.
struct Series {
  TimerKind timer = TimerKind::gpu_timestamp;
  double begin_s = 0;  ///< By the clock that the sampler was given.
  double warmup_s = 0;
  std::uint32_t discarded = 0;  ///< Warm-up samples.
  std::uint32_t dispatches_per_sample = 1;
  double overhead_s = kNoTime;  ///< An empty submission by the same timer; NaN: not measured.
                                ///< Recorded, never subtracted.
  StopReason stop_reason = StopReason::not_run;
  std::vector<Sample> samples;
};

/// Column group Timing; NaN where there is none.
struct TimingStats {
  TimingStatus status = TimingStatus::not_run;
  double min_s = kNoTime, p05_s = kNoTime, p25_s = kNoTime, median_s = kNoTime, p75_s = kNoTime,
         p95_s = kNoTime, max_s = kNoTime, mean_s = kNoTime, stddev_s = kNoTime,
         host_median_s = kNoTime;
};

/// By the device's clock, or by the host's where it has none.
inline double seconds_of(const Sample& sample) {
  return std::isnan(sample.gpu_s) ? sample.host_s : sample.gpu_s;
}

/// The time that counts: by timestamp or by the host's clock, as `timer` says.
inline double seconds_of(const Sample& sample, TimerKind timer) {
  return timer == TimerKind::gpu_timestamp ? sample.gpu_s : sample.host_s;
}

/// Robust standard deviation over the median, (p75 - p25) / 1.349 / median: column values alone,
/// so that it can be made again from the CSV. NaN when there were no samples.
double relative_spread(const TimingStats& stats);

}  // namespace gpubench
