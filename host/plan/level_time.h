// level_time.h — how the time of a level is shared out among its cases.
// Pure: what a case takes at least is predicted by whoever knows the device.
#pragma once

#include <optional>
#include <span>

#include "plan/case.h"
#include "scenario/scenario.h"

namespace gpubench {

/// The level that the scenario was asked to run at; null: it takes as long as it takes.
const Level* level_of(const Scenario& scenario);

/// What its cases may take together: the rest of its time is for what predictions get wrong.
double planned_seconds(const Level& level);

/// What a case gets of the time that is left.
struct TimeShare {
  std::optional<Reason> skipped;  ///< It would not end in time.
  double spare_s = 0;             ///< For more samples than the fewest.
};

/// `least_s`: what this case and those that come after it take at least. The earlier ones come
/// first: what does not fit beside them takes nothing from them.
TimeShare share_of(const Level& level, double left_s, std::span<const double> least_s);

}  // namespace gpubench
