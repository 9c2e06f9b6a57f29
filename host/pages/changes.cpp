#include "pages/changes.h"

#include <algorithm>
#include <cmath>

#include "compare/speed.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

/// Log of the ratio of the medians behind and before `at`; 0 where the two mingle.
double step_at(std::span<const double> seconds, std::size_t at) {
  const auto before = seconds.subspan(at - kStepRuns, kStepRuns),
             after = seconds.subspan(at, kStepRuns);
  const auto [before_low, before_high] = std::minmax_element(before.begin(), before.end());
  const auto [after_low, after_high] = std::minmax_element(after.begin(), after.end());
  if (*after_low <= *before_high && *after_high >= *before_low) return 0;
  const double change =
      std::log(median({after.begin(), after.end()}) / median({before.begin(), before.end()}));
  return std::abs(change) < std::log1p(kMinimumEffect) ? 0 : change;
}

}  // namespace

std::vector<SeriesStep> find_steps(std::span<const double> seconds) {
  std::vector<std::size_t> places;
  std::vector<double> times;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    if (!std::isfinite(seconds[i])) continue;
    places.push_back(i);
    times.push_back(seconds[i]);
  }
  std::vector<SeriesStep> steps;
  for (std::size_t at = kStepRuns; at + kStepRuns <= times.size(); ++at) {
    if (step_at(times, at) == 0) continue;
    // Noise can let a step seem to begin early; it is where it is largest.
    const std::size_t end = std::min(at + kStepRuns, times.size() - kStepRuns + 1);
    std::size_t best = at;
    for (std::size_t other = at + 1; other < end; ++other) {
      if (std::abs(step_at(times, other)) > std::abs(step_at(times, best))) best = other;
    }
    steps.push_back({places[best], step_at(times, best) > 0 ? StepKind::slower : StepKind::faster});
    at = best + kStepRuns - 1;  // One step is not found twice.
  }
  return steps;
}

}  // namespace gpubench
