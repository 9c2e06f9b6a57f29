// steadiness.h — whether a series of timings was steady enough to be believed.
// Pure: numbers in time order in, a verdict out. docs/measuring.md gives the reasons.
#pragma once

#include <cstdint>
#include <span>

#include "timing/sample.h"

namespace gpubench {

/// How a series moved while it was taken.
struct Trend {
  double change = 0;  ///< From first to last sample by the Theil–Sen slope, over the median.
  double z = 0;       ///< Mann–Kendall statistic; 0 when no order is preferred.
};

/// {0, 0} below two values.
Trend trend(std::span<const double> seconds);

/// not_run without samples, short_series below ten; then drifting before noisy before steady: a
/// ramp also widens the spread, but its cause and cure are others.
TimingStatus steadiness(std::span<const double> seconds);

}  // namespace gpubench
