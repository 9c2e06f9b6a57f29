#include "timing/sample.h"

namespace gpubench {
namespace {

// Inter-quartile range of a normal distribution in standard deviations: 2 · 0.67449.
constexpr double kNormalIqr = 1.349;

}  // namespace

double relative_spread(const TimingStats& stats) {
  if (!(stats.median_s > 0)) return kNoTime;
  return (stats.p75_s - stats.p25_s) / kNormalIqr / stats.median_s;
}

}  // namespace gpubench
