#include "plan/level_time.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/reasons.h"

namespace gpubench {
namespace {

constexpr double kPlannedShare = 0.94;

}  // namespace

const Level* level_of(const Scenario& scenario) {
  const auto found = std::find_if(scenario.levels.begin(), scenario.levels.end(),
                                  [&](const Level& level) { return level.name == scenario.level; });
  return found == scenario.levels.end() ? nullptr : &*found;
}

double planned_seconds(const Level& level) {
  return kPlannedShare * level.within_s;
}

TimeShare share_of(const Level& level, double left_s, std::span<const double> least_s) {
  if (least_s.front() > left_s) {
    return {Reason{reason::kBudget,
                   fmt::format("needs about {}; of the {} s of level {} {} are left",
                               format_seconds(least_s.front()), shortest(level.within_s),
                               level.name, format_seconds(std::max(left_s, 0.0)))},
            0};
  }
  double spare_s = left_s, cases = 0;
  for (const double least : least_s) {
    if (least > spare_s) continue;
    spare_s -= least;
    ++cases;
  }
  return {std::nullopt, spare_s / cases};
}

}  // namespace gpubench
