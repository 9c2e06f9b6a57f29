// calibration.h — how far apart runs of the same thing lie: the A/A floor of each series, below
// which a difference says nothing about what changed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compare/run_set.h"
#include "compare/speed.h"

namespace gpubench {

/// Halves of fewer say nothing.
inline constexpr std::size_t kFewestToCalibrate = 4;

struct CalibratedSeries {
  std::string case_id, device_name;
  SeriesFloor floor;
  std::size_t splits = 0;  ///< Pairs of sessions or of halves whose shift was looked at.
  double median_s = 0;
  double spread = 0;  ///< Of the runs' medians: robust deviation over their median.
};

struct Calibration {
  std::vector<CalibratedSeries> series;
  std::size_t too_few = 0;  ///< Series with times of too few runs.
  std::size_t mixed = 0;    ///< Series whose runs timed different things.
};

/// The 95th percentile of the shifts between any two sessions; of runs of one session, of the
/// shifts between halves of them, split in up to 200 ways, or the shift between the first and the
/// second half in time where that is larger. The same runs give the same floors, everywhere.
Calibration calibrate(const RunSet& set);

/// Robust relative deviation of the times: (p75 - p25) / 1.349 / median, as docs/measuring.md.
double spread_of(std::vector<double> seconds);

}  // namespace gpubench
