#include "run/shortest_launch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench {

double seconds_of(const SubmitTime& time) {
  return std::isnan(time.gpu_s) ? time.host_s : time.gpu_s;
}

Result<double> shortest_launch(const std::function<Result<SubmitTime>()>& launch) {
  constexpr int kLeast = 3, kMost = 24;
  constexpr double kSamplingSeconds = 0.1;
  double shortest_s = std::numeric_limits<double>::infinity();
  double spent_s = 0;
  for (int i = 0; i < kLeast || (i < kMost && spent_s < kSamplingSeconds); ++i) {
    const auto time = launch();
    if (!time) return time.error();
    spent_s += seconds_of(*time);
    shortest_s = std::min(shortest_s, seconds_of(*time));
  }
  return std::max(shortest_s, 1e-9);
}

Outcome grow_until_telling(const Growth& growth,
                           const std::function<Outcome(std::uint32_t groups)>& prepare,
                           const std::function<Result<SubmitTime>()>& launch) {
  std::uint32_t groups = growth.first;
  if (auto room = prepare(groups); !room) return room;
  if (const auto compiled = launch(); !compiled) return compiled.error();
  auto time = launch();
  while (time && seconds_of(*time) < growth.telling_s && groups < growth.most) {
    groups *= 2;
    if (auto room = prepare(groups); !room) return room;
    time = launch();
  }
  return time ? Outcome(Done{}) : time.error();
}

}  // namespace gpubench
