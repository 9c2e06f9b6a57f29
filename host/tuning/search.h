// search.h — which of many candidates is fastest, for a given time: successive halving. Knows not
// what a candidate is, nor what runs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpubench {

/// How the search ended for a candidate.
enum class Ending : std::uint8_t {
  won,
  slower,     ///< Timed, and not the fastest.
  undecided,  ///< Timed too seldom to win or to lose, when the budget ended.
  wrong,      ///< Its output failed the check, before it was timed or after.
  refused,    ///< The device could not run it.
  lost,       ///< The device was lost, or hung, while it ran.
  not_tried,  ///< It had no turn: for want of time, or as `why` says.
};
std::string_view to_string(Ending value);
std::optional<Ending> parse_ending(std::string_view text);

/// Why a candidate is out before it was ever timed.
struct Refusal {
  Ending ending = Ending::refused;
  std::string why;
};

/// What the search asks of whoever runs the candidates.
class Arena {
 public:
  virtual ~Arena() = default;
  /// Makes the candidate ready and verifies what it computes.
  virtual std::optional<Refusal> enter(std::size_t candidate) = 0;
  /// Seconds of one launch of a candidate that entered.
  virtual Result<double> time(std::size_t candidate) = 0;
  /// Why no candidate can be run any more; empty while they can.
  virtual std::string closed() const = 0;
};

struct Trial {
  Ending ending = Ending::not_tried;
  std::string why;  ///< Empty unless refused, wrong, lost or left out.
  std::vector<double> samples_s;
  [[nodiscard]] double median_s() const;
};

struct SearchOptions {
  double budget_s = 60;
  /// Part of the budget in which new candidates may enter; the rest tells the good ones apart.
  double entry_share = 0.7;
  std::uint32_t most_samples = 15;  ///< Of one candidate.
};

struct SearchProgress {
  std::size_t tried = 0;
  std::size_t total = 0;
  double best_s = 0;  ///< 0: nothing was timed yet.
  double left_s = 0;  ///< Of the budget.
};

struct SearchHooks {
  std::function<double()> now;  ///< Seconds of a steady clock.
  std::function<bool()> should_stop;
  std::function<void(const SearchProgress&)> on_progress;
};

/// A trial for each of `candidates`. The first is what would run without any search: it always
/// enters and is timed as often as any other, and another wins only where it is faster by more
/// than `kLeastGain`, and is verified again before it wins. None wins when none could be timed,
/// when the search was stopped, or when the budget ended before there were `kLeastSamples` of each
/// that was left, or before any but the first had a turn: those are undecided then.
std::vector<Trial> search(std::size_t candidates, Arena& arena, const SearchOptions& options,
                          const SearchHooks& hooks);

/// A candidate that is so much slower than the best is not timed again.
constexpr double kDropRatio = 1.5;
/// Less is within what the order of the measurements does.
constexpr double kLeastGain = 0.02;
/// Of fewer samples, one that met whatever else the machine did is the median, or half of it.
constexpr std::size_t kLeastSamples = 3;

/// The trial that won; empty if none did.
std::optional<std::size_t> winner_of(const std::vector<Trial>& trials);

}  // namespace gpubench
