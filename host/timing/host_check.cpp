#include "timing/host_check.h"

#include <fmt/format.h>

#include <cmath>

namespace gpubench {
namespace {

// Two crystals differ by far less than 0.1 %, and the host starts first and ends last; 1 % and one
// microsecond leave room for coarse clocks and nothing else.
constexpr double kClockAgreement = 1.01;
constexpr double kClockStep_s = 1e-6;
// A submission costs tens of microseconds and waking the waiting thread up to a scheduler's tick.
// Beyond a quarter of the time and 2 ms, something else ran or the timestamps are too short.
constexpr double kHostShare = 1.25;
constexpr double kHostOverhead_s = 2e-3;

}  // namespace

HostCheck check_against_host(const Series& series, const TimingStats& stats) {
  const bool comparable = series.timer == TimerKind::gpu_timestamp && stats.median_s > 0 &&
                          std::isfinite(stats.host_median_s);
  if (!comparable) return {};
  const double gpu_s = stats.median_s * series.dispatches_per_sample;
  const double host_s = stats.host_median_s * series.dispatches_per_sample;
  const double ratio = host_s / gpu_s;
  if (gpu_s > kClockAgreement * host_s + kClockStep_s) {
    return {HostVerdict::gpu_exceeds_host, ratio,
            fmt::format("GPU timestamps claim {:.2f} times the time that the host waited: the "
                        "timestamps are wrong",
                        1 / ratio)};
  }
  if (host_s > kHostShare * gpu_s + kHostOverhead_s) {
    return {HostVerdict::host_exceeds_gpu, ratio,
            fmt::format("the host waited {:.2f} times the GPU's time: the device was shared, slow "
                        "to start, or its timestamps are short",
                        ratio)};
  }
  return {HostVerdict::consistent, ratio, ""};
}

}  // namespace gpubench
