// numbers.h — measured values as the cells of a table: one unit for a whole column.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace gpubench {

/// A unit for a column, and how many base units one of it is.
struct ColumnUnit {
  std::string name;
  double size = 1;
};

/// s, ms, µs or ns: the one that suits the geometric middle of the times.
ColumnUnit time_unit(std::span<const double> seconds);
/// "TFLOP/s", "GFLOP/s", … for `unit` "FLOP/s": the one that suits the largest rate.
ColumnUnit rate_unit(std::span<const double> per_second, const std::string& unit);

/// Four significant digits without exponent ("0.01234", "12.34", "12345"); "-" when not finite.
std::string four_digits(double value);
/// "3.1 %", "0.04 %"; "-" when not finite.
std::string percent(double share);
/// "3.4e-04", "0"; "-" when not finite.
std::string error_text(double value);

}  // namespace gpubench
