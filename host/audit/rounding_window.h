// rounding_window.h — which values change sides of a threshold when a format rounds them.
// Pure. Exact: every bound is a double that holds it without rounding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "drift/tolerance.h"

namespace gpubench {

enum class DecisionRule : std::uint8_t { at_least, above };  ///< ">=" and ">"

constexpr bool decides(double value, double threshold, DecisionRule rule) {
  return rule == DecisionRule::at_least ? value >= threshold : value > threshold;
}
constexpr const char* to_string(DecisionRule rule) {
  return rule == DecisionRule::at_least ? ">=" : ">";
}
std::optional<DecisionRule> parse_decision_rule(const std::string& text);

enum class FlipDirection : std::uint8_t { up, down };  ///< To positive, to negative.

/// The reals between two bounds, each with or without the bound itself.
struct RoundingWindow {
  double low = 0, high = 0;
  bool holds_low = false, holds_high = false;
  FlipDirection direction = FlipDirection::up;

  [[nodiscard]] bool holds(double value) const {
    return (value > low || (holds_low && value == low)) &&
           (value < high || (holds_high && value == high));
  }
};

/// Where rounding to the nearest number of the format, ties to even, turns the decision around;
/// nothing if it nowhere does. The threshold is finite and well within the format's range.
std::optional<RoundingWindow> rounding_window(const FormatFacts& format, double threshold,
                                              DecisionRule rule);

/// "[0.4998779296875, 0.5)"
std::string to_string(const RoundingWindow& window);

}  // namespace gpubench
