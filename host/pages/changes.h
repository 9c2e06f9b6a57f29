// changes.h — where a series of times made a step: slower or faster from one run on. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace gpubench {

enum class StepKind : unsigned char { slower, faster };

struct SeriesStep {
  std::size_t at = 0;  ///< The first run behind it.
  StepKind kind = StepKind::slower;
};

/// Runs on either side that are compared. By chance alone, all seven behind a point are above or
/// below all seven before it in 2 of 3,432 places (14 over 7), 0.06 %.
constexpr std::size_t kStepRuns = 7;

/// Steps in the order of time; a change of the median below kMinimumEffect is none. `seconds` are
/// of one case on one device, one for each run; a run without a time (NaN) is left out.
std::vector<SeriesStep> find_steps(std::span<const double> seconds);

}  // namespace gpubench
