// Rounding is monotonic, so the rounded decision has one border too: halfway below the smallest
// number of the format that decides for yes. The window lies between the two borders.
#include "audit/rounding_window.h"

#include <cmath>
#include <limits>

#include "base/text.h"

namespace gpubench {
namespace {

/// Gap between neighbours of the format at a value's binade.
double gap_at(const FormatFacts& format, double value) {
  const int exponent = value == 0 ? format.min_exponent : std::ilogb(value);
  return std::ldexp(1, std::max(exponent, format.min_exponent) - format.bits + 1);
}

/// The largest number of the format that is at most `value`.
double at_most(const FormatFacts& format, double value) {
  const double gap = gap_at(format, value);
  return std::floor(value / gap) * gap;
}

double next_above(const FormatFacts& format, double number) {
  // Below a negative power of two the gap halves towards zero.
  const double towards_zero = std::nextafter(number, std::numeric_limits<double>::infinity());
  return number + gap_at(format, number < 0 ? towards_zero : number);
}

bool is_even(const FormatFacts& format, double number) {
  return std::fmod(number / gap_at(format, number), 2) == 0;
}

}  // namespace

std::optional<DecisionRule> parse_decision_rule(const std::string& text) {
  if (text == ">=") return DecisionRule::at_least;
  if (text == ">") return DecisionRule::above;
  return std::nullopt;
}

std::optional<RoundingWindow> rounding_window(const FormatFacts& format, double threshold,
                                              DecisionRule rule) {
  double below = at_most(format, threshold);
  if (rule == DecisionRule::at_least && below == threshold) {
    below = -next_above(format, -threshold);  // the neighbour on the other side, by symmetry
  }
  const double first_yes = next_above(format, below);
  const double border = below + (first_yes - below) / 2;
  const bool border_is_yes = is_even(format, first_yes);
  const bool threshold_is_yes = rule == DecisionRule::at_least;
  if (border < threshold) {
    return RoundingWindow{border, threshold, border_is_yes, !threshold_is_yes, FlipDirection::up};
  }
  if (border > threshold) {
    return RoundingWindow{threshold, border, threshold_is_yes, !border_is_yes, FlipDirection::down};
  }
  if (border_is_yes == threshold_is_yes) return std::nullopt;
  return RoundingWindow{border, border, true, true,
                        border_is_yes ? FlipDirection::up : FlipDirection::down};
}

std::string to_string(const RoundingWindow& window) {
  return (window.holds_low ? "[" : "(") + shortest(window.low) + ", " + shortest(window.high) +
         (window.holds_high ? "]" : ")");
}

}  // namespace gpubench
