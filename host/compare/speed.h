// speed.h — did one case get slower or faster from one set of runs to another?
// Pure: numbers in, verdict out. The rules are in docs/comparing.md.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compare/rank_test.h"
#include "compare/run_set.h"
#include "compare/shift.h"

namespace gpubench {

enum class SpeedVerdict : std::uint8_t {
  regressed,
  missing,       ///< The base has times, the new set has none.
  incomparable,  ///< The two sets timed different things.
  ambiguous,     ///< The runs cannot tell.
  improved,
  added,  ///< Only the new set has times. The word is NEW.
  same,
  not_timed,  ///< In neither set.
};

enum class SpeedReason : std::uint8_t {
  none,
  same_runs,       ///< Both sets are the same runs.
  single_run,      ///< One run a side: only the ranges of their samples can be compared.
  underpowered,    ///< So few runs cannot reach significance, whatever their times.
  clock,           ///< The device's clock moved along with the times.
  single_session,  ///< So few sessions that what sessions differ by may be all there is.
  small,           ///< There is a difference, below the smallest that counts or near it.
  noisy,           ///< The interval is too wide to tell.
  absent,          ///< No row at all.
  not_run,         ///< Rows, but skipped or unsupported.
  failed,          ///< Rows, but failed, or with an error.
  kernel_hash,
  fill,
  timer,
};

/// By how much one library's times on one device have been seen to differ between sessions; see
/// docs/measuring.md. Without a floor measured over sessions, a smaller difference between a few
/// sessions here and a few there proves nothing.
inline constexpr double kSessionEffect = 0.07;
/// A floor of so many sessions says how far two sessions may lie apart.
inline constexpr std::size_t kFewestFloorSessions = 3;
/// The smallest change of a time that counts.
inline constexpr double kMinimumEffect = 0.02;

/// The session of each of a side's times, in their order; the numbers hold for both sides.
struct TimeSessions {
  std::vector<std::size_t> base, fresh;
};

/// An A/A floor: how far apart runs of the same thing lie. See calibration.h.
struct SeriesFloor {
  double floor_rel = 0;  ///< Change of time, as 0.03 for 3 %.
  std::size_t runs = 0, sessions = 0;
  double session_deviation = 0;  ///< Of the sessions' log medians; 0 of one session.
};

/// What the user lets pass as comparable.
enum class Across : std::uint8_t { nothing, kernels };

struct SpeedInput {
  const SeriesSide* base = nullptr;   ///< Null: absent.
  const SeriesSide* fresh = nullptr;  ///< Null: absent.
  TimeSessions sessions;
  std::optional<SeriesFloor> floor;
  Across across = Across::nothing;
};

struct SpeedComparison {
  SpeedVerdict verdict = SpeedVerdict::not_timed;
  SpeedReason reason = SpeedReason::none;
  std::size_t n_base = 0, n_new = 0;
  double base_median_s = std::nan(""), new_median_s = std::nan("");
  /// In log time: above 0 is slower. With one run a side, the interval is what the middle 90 % of
  /// their samples allow.
  std::optional<Shift> shift;
  double minimum_effect = kMinimumEffect;  ///< Change of time that counts in this series.
  /// Two-sided. Where the sides are of different sessions, the larger of what the runs say and what
  /// their sessions say: sessions count once each then.
  std::optional<double> p_value;
  std::optional<double> adjusted_p, smallest_p;
  bool limited_by_sessions = false;  ///< The runs alone would be significant.
  /// The smallest adjusted p allowed as many runs at least on each side; 0: these are enough.
  std::size_t runs_needed = 0;
};

/// A change of log time as a share: 0.05 for 5 % slower.
inline double change_of(double log_shift) {
  return std::expm1(log_shift);
}

/// The verdicts of all series of one comparison, in their order: significance counts all of them.
std::vector<SpeedComparison> compare_speed(std::span<const SpeedInput> inputs);

}  // namespace gpubench
