// synthetic_rates.h — how often compare_sets() is right on sets of runs that were made of random
// numbers, so that the truth is known. Fixed seeds: the same rates everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gpubench {

/// Where the runs of a comparison are from.
enum class MadeSessions : std::uint8_t {
  in_turns,    ///< One session has all runs of both sides.
  one_a_side,  ///< Each side is one session.
  four_a_side,
};

struct SyntheticPlan {
  std::size_t runs = 8;          ///< A side.
  double noise = 0.01;           ///< Standard deviation of the log time from run to run.
  double slow_down = 0;          ///< Of the changed series; 0.05 for 5 % slower.
  std::size_t series = 20;       ///< In each comparison.
  std::size_t changed = 0;       ///< Of them, slower in the new set.
  double session_deviation = 0;  ///< Of the log time of a series from session to session.
  MadeSessions sessions = MadeSessions::in_turns;
  std::size_t floor_sessions = 0;  ///< With a floor of so many sessions of `runs` runs; 0: none.
  std::size_t comparisons = 200;
};

struct SyntheticRates {
  double alarmed = 0;       ///< Share of comparisons with a false IMPROVED or REGRESSED.
  double false_series = 0;  ///< Share of unchanged series so.
  double caught = 0;        ///< Share of changed series that are REGRESSED.
  double same = 0;          ///< Share of unchanged series that are SAME.
};

/// Times are log-normal; one run in ten is slower by up to five times the noise on top, as a run is
/// that something else disturbed.
SyntheticRates synthetic_rates(const SyntheticPlan& plan, std::uint64_t seed);

}  // namespace gpubench
