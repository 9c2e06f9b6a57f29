#include "run/timer.h"

#include <vector>

#include "run/shortest_launch.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

// The median of a few: one submission may meet the operating system's own work.
constexpr int kEmptySubmissions = 9;

}  // namespace

TimerFacts timer_facts(Device& device) {
  TimerFacts facts;
  facts.tick_s = device.traits().timestamp_period_ns * 1e-9;
  std::vector<double> seconds;
  for (int i = 0; i < kEmptySubmissions; ++i) {
    const auto time = device.submit({});
    if (!time) return facts;
    seconds.push_back(seconds_of(*time));
  }
  facts.empty_s = median(seconds);
  return facts;
}

}  // namespace gpubench
