#include "plan/level_time.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/reasons.h"

namespace gpubench {

TimeShare share_of(const Level& level, double left_s, std::span<const double> least_s) {
  if (least_s.front() > left_s) {
    return {Reason{reason::kBudget,
                   fmt::format("needs about {}; of the {} s of level {} {} are left",
                               format_seconds(least_s.front()), shortest(level.within_s),
                               level.name, format_seconds(std::max(left_s, 0.0)))},
            0};
  }
  double needed_s = 0, cases = 0;
  for (const double least : least_s) {
    if (least > left_s) continue;
    needed_s += least;
    ++cases;
  }
  return {std::nullopt, std::max(left_s - needed_s, 0.0) / cases};
}

}  // namespace gpubench
