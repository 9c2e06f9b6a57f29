// statistics.h — order statistics and moments of a few numbers, and the summary of a series.
// Pure. Which series may be believed is decided in steadiness.h.
#pragma once

#include <span>
#include <vector>

#include "timing/sample.h"

namespace gpubench {

/// Quantile `q` in [0, 1] by linear interpolation between the order statistics at position
/// q·(n-1) (Hyndman and Fan's type 7, the default of NumPy and R). NaN when there are no values.
double quantile(std::span<const double> sorted, double q);
/// NaN when there are no values.
double median(std::vector<double> values);
double mean(std::span<const double> values);
/// Divides by n-1; NaN below two values.
double standard_deviation(std::span<const double> values);

/// The times that count (see `seconds_of`), in time order.
std::vector<double> seconds_of(const Series& series);
/// Every statistic of the column group Timing, with the series' status. Samples without a finite
/// time by the series' own timer are a caller's mistake and make the statistics NaN.
TimingStats summarise(const Series& series);

}  // namespace gpubench
