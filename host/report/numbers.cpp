#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gpubench {

ColumnUnit time_unit(std::span<const double> seconds) {
  const std::array<ColumnUnit, 4> units = {{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9}}};
  if (seconds.empty()) return units[1];
  const auto [low, high] = std::minmax_element(seconds.begin(), seconds.end());
  const double middle = std::sqrt(*low * *high);
  for (const ColumnUnit& unit : units) {
    if (middle >= unit.size) return unit;
  }
  return units.back();
}

ColumnUnit rate_unit(std::span<const double> per_second, const std::string& unit) {
  if (!per_second.empty()) {
    const double highest = *std::max_element(per_second.begin(), per_second.end());
    if (highest >= 1e12) return {"T" + unit, 1e12};
    if (highest < 1e9) return {"M" + unit, 1e6};
  }
  return {"G" + unit, 1e9};
}

std::string four_digits(double value) {
  if (!std::isfinite(value)) return "-";
  if (value == 0) return "0";
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return fmt::format("{:.{}f}", value, std::clamp(3 - exponent, 0, 9));
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "-";
  return fmt::format("{:.{}f} %", share * 100, share < 0.001 ? 2 : share < 0.1 ? 1 : 0);
}

std::string error_text(double value) {
  if (!std::isfinite(value)) return "-";
  return value == 0 ? "0" : fmt::format("{:.1e}", value);
}

}  // namespace gpubench
