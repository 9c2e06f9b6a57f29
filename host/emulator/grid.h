// grid.h — the arithmetic of rounding, as inline code that vectorises. For this room only.
//
// Every value here is a double, and every rounding is exact. A format with p significand bits has,
// at the exponent e of a value, the spacing 2^(max(e, min_exponent) - p + 1): the value is divided
// by it, rounded to an integer and multiplied again, and both scalings are by powers of two. A sum
// of doubles that needs more than 53 bits is first rounded to odd (Boldo and Melquiond, 2008):
// its last bit says that something was lost, so that rounding it again to at most 51 bits, in any
// direction, gives what rounding the exact sum once would.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "emulator/number_rule.h"

namespace gpubench {

/// A NumberRule in the form in which loops use it.
struct Grid {
  std::int64_t least_exponent = 1;  ///< Biased, of the smallest normal number.
  std::int64_t fraction_bits = 52;
  double max_finite = 0;
  double above = 0;       ///< For what rounds to more than max_finite.
  double below = 0;       ///< For what rounds to less than -max_finite.
  double infinity = 0;    ///< For +infinity; its negative for -infinity.
  double least_kept = 0;  ///< Smaller magnitudes become zero.
};
Grid grid_of(const NumberRule& rule);

constexpr std::int64_t kDoubleBias = 1023;
constexpr int kDoubleFraction = 52;

[[gnu::always_inline]] inline std::int64_t biased_exponent(double value) {
  return static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(value) >> kDoubleFraction & 0x7FFU);
}

[[gnu::always_inline]] inline double power_of_two(std::int64_t biased) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(biased) << kDoubleFraction);
}

template <RoundingMode R>
[[gnu::always_inline]] inline double to_integer(double value) {
  if constexpr (R == RoundingMode::nearest_even) return std::rint(value);
  if constexpr (R == RoundingMode::toward_zero) return std::trunc(value);
  if constexpr (R == RoundingMode::upward) return std::ceil(value);
  if constexpr (R == RoundingMode::downward) return std::floor(value);
  const double whole = std::trunc(value);
  return std::abs(value - whole) >= 0.5 ? whole + std::copysign(1.0, value) : whole;
}

/// `value` in the grid's format; not for fp64.
template <RoundingMode R>
[[gnu::always_inline]] inline double on_grid(const Grid& grid, double value) {
  const std::int64_t own = biased_exponent(value);
  const std::int64_t exponent = own > grid.least_exponent ? own : grid.least_exponent;
  const double up = power_of_two(2 * kDoubleBias + grid.fraction_bits - exponent);
  const double down = power_of_two(exponent - grid.fraction_bits);
  const double placed = to_integer<R>(value * up) * down;
  const double limit = value > 0 ? grid.above : grid.below;
  const double infinity = std::copysign(grid.infinity, value);
  const double magnitude = std::abs(placed);
  double result = magnitude > grid.max_finite ? limit : placed;
  result = std::abs(value) == HUGE_VAL ? infinity : result;
  return magnitude < grid.least_kept ? std::copysign(0.0, value) : result;
}

struct TwoSum {
  double sum;
  double error;  ///< sum + error is the exact sum (Knuth).
};
[[gnu::always_inline]] inline TwoSum two_sum(double x, double y) {
  const double sum = x + y;
  const double from_y = sum - x;
  return {sum, (x - (sum - from_y)) + (y - from_y)};
}

/// The double with an odd last bit next to an inexact x + y, or x + y where that is exact. In
/// integers and without bools, which compilers would not vectorise.
[[gnu::always_inline]] inline double sum_to_odd(double x, double y) {
  const auto [sum, error] = two_sum(x, y);
  const auto bits = std::bit_cast<std::uint64_t>(sum);
  const double inexact = std::abs(error) > 0 ? 1.0 : 0.0;  // Not for the NaN of an infinite sum.
  const std::uint64_t moves = std::bit_cast<std::uint64_t>(inexact) >> 61 & ~bits & 1U;
  // The other neighbour of the exact sum is nearer to zero where signs differ.
  const std::uint64_t inwards = (bits ^ std::bit_cast<std::uint64_t>(error)) >> 63;
  return std::bit_cast<double>(bits + ((moves ^ (0 - inwards)) + inwards));
}

/// x + y rounded to double in the given direction.
template <RoundingMode R>
[[gnu::always_inline]] inline double directed_sum(double x, double y) {
  const auto [sum, error] = two_sum(x, y);
  if constexpr (R == RoundingMode::nearest_even || R == RoundingMode::nearest_away) return sum;
  const auto bits = std::bit_cast<std::int64_t>(sum);
  const bool positive = sum > 0;
  std::int64_t step = 0;
  if constexpr (R == RoundingMode::toward_zero) {
    step = (positive ? error < 0 : error > 0) ? -1 : 0;
  } else if constexpr (R == RoundingMode::upward) {
    step = error > 0 ? (positive ? 1 : -1) : 0;
  } else {
    step = error < 0 ? (positive ? -1 : 1) : 0;
  }
  return std::bit_cast<double>(bits + step);
}

/// Calls `body` with the rounding as a template argument.
template <class Body>
[[gnu::always_inline]] inline auto with_rounding(RoundingMode rounding, const Body& body) {
  switch (rounding) {
    case RoundingMode::nearest_away:
      return body.template operator()<RoundingMode::nearest_away>();
    case RoundingMode::toward_zero:
      return body.template operator()<RoundingMode::toward_zero>();
    case RoundingMode::upward:
      return body.template operator()<RoundingMode::upward>();
    case RoundingMode::downward:
      return body.template operator()<RoundingMode::downward>();
    case RoundingMode::nearest_even:
      break;
  }
  return body.template operator()<RoundingMode::nearest_even>();
}

}  // namespace gpubench
