#include "timing/batching.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench {
namespace {

// A sample is read to one tick at each end: 1,000 ticks keep that to 0.1 %, a fifth of the spread
// at which a series has converged.
constexpr double kTicks = 1000;
// A submission's own cost then is at most 1 % of the sample; it stays in the time.
constexpr double kEmpties = 100;
// Timestamps of some devices move in larger steps than their period says, up to about 1 µs seen:
// two of them are 4 % of this floor in one sample and average out over the series.
constexpr double kFloor = 50e-6;
// A host timer with slow submissions asks for more; beyond this, samples would be few.
constexpr double kCeiling = 10e-3;
// Command buffers grow with each launch; a kernel of 50 ns still reaches the floor.
constexpr double kMaxLaunches = 1024;

// Widely used Vulkan programs flush after this much work without harm on any desktop GPU.
constexpr double kProbeFlop = 200e9;
// 0.25 s on a device of 4 GFLOP/s, slower than any that this is meant for.
constexpr double kBlindFlop = 1e9;

/// The most work that one band may hold.
double flop_limit(const BandRequest& request) {
  const double timed = request.max_seconds * request.rate_flops;
  switch (request.evidence) {
    case RateEvidence::none:
      return kBlindFlop;
    // A kernel can fall off its rate when the problem leaves the cache, hence the second bound.
    case RateEvidence::probe:
      return std::min(timed, kProbeFlop);
    // The time is known: a fast GPU need not be cut into slivers that cost more than they save.
    case RateEvidence::same_problem:
      return timed;
  }
  return kBlindFlop;
}

/// Granules in [0, `granules`] that fit into one band; at least one.
std::uint32_t granules_per_band(const BandRequest& request, std::uint32_t granules) {
  const double flop_per_granule = request.flop / granules;
  const double fit = std::floor(flop_limit(request) / flop_per_granule);
  // The comparison is false for NaN (no work at all): then everything fits.
  if (!(fit < granules)) return granules;
  return std::max(1U, static_cast<std::uint32_t>(fit));
}

}  // namespace

double shortest_sample(const TimerFacts& timer) {
  return std::clamp(std::max(kTicks * timer.tick_s, kEmpties * timer.empty_s), kFloor, kCeiling);
}

std::uint32_t launches_per_sample(const TimerFacts& timer, double launch_s, double least_s) {
  const double launches = std::ceil(std::max(shortest_sample(timer), least_s) / launch_s);
  if (!(launches > 1)) return 1;
  return static_cast<std::uint32_t>(std::min(launches, kMaxLaunches));
}

std::vector<Band> row_bands(const BandRequest& request) {
  std::vector<Band> bands;
  if (request.rows == 0) return bands;
  const std::uint32_t granules = (request.rows - 1) / request.granule + 1;
  const std::uint32_t per_band = granules_per_band(request, granules);
  const std::uint32_t count = (granules - 1) / per_band + 1;
  // Spread the granules evenly, so that the last band is not a sliver with a rate of its own.
  const auto border = [&](std::uint64_t i) {
    const std::uint64_t row = i * granules / count * request.granule;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(row, request.rows));
  };
  for (std::uint32_t i = 0; i < count; ++i) bands.push_back({border(i), border(i + 1)});
  return bands;
}

}  // namespace gpubench
