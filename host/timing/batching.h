// batching.h — how many launches make one sample, and how one long launch is cut into bands.
// Pure. Bands split rows of the output, never k, so neither changes the numbers that come out.
#pragma once

#include <cstdint>
#include <vector>

namespace gpubench {

/// What is known of the timer that counts.
struct TimerFacts {
  double tick_s = 0;   ///< Its resolution: the timestamp period, or the host clock's.
  double empty_s = 0;  ///< What it reads for a submission without work; 0: not measured.
};

/// The shortest sample that the timer can be trusted with.
double shortest_sample(const TimerFacts& timer);
/// Launches per sample so that a sample is at least `shortest_sample`, and at least `least_s`; 1
/// unless launches are tiny.
std::uint32_t launches_per_sample(const TimerFacts& timer, double launch_s, double least_s = 0);

/// Rows [begin, end) of the output; never empty.
struct Band {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Band&) const = default;
};

/// How far a rate can be trusted to predict the time of a band.
enum class RateEvidence : std::uint8_t {
  none,          ///< Nothing ran on this device yet.
  probe,         ///< Measured with this kernel at a smaller size.
  same_problem,  ///< Measured with this kernel on this problem.
};

struct BandRequest {
  std::uint32_t rows = 0;
  std::uint32_t granule = 1;  ///< Bands begin at multiples of this.
  double flop = 0;            ///< Of the whole launch.
  RateEvidence evidence = RateEvidence::none;
  double rate_flops = 0;      ///< FLOP/s; unused without evidence.
  double max_seconds = 0.25;  ///< An eighth of the shortest watchdog known (Windows, 2 s).
};

/// Consecutive bands that cover [0, rows), of nearly equal size; one band when all fits in one.
std::vector<Band> row_bands(const BandRequest& request);

}  // namespace gpubench
