// estimate.h — what a case will cost, before it runs.
// Pure: the rates of the device come from whoever measured them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "plan/case.h"

namespace gpubench {

/// Measured rates of one device; 0 where nobody measured.
struct Rates {
  std::array<double, 7> flop_per_s{};  ///< By Precision.
  double bytes_per_s = 0;
  [[nodiscard]] double flops(Precision precision) const {
    return flop_per_s[static_cast<std::size_t>(precision)];
  }
};

struct Estimate {
  double flop = 0;                 ///< Of one launch.
  double moved_bytes = 0;          ///< Of one launch; the least that must cross memory.
  std::uint64_t device_bytes = 0;  ///< Operands; a kernel's scratch memory comes on top.
  std::uint64_t host_bytes = 0;    ///< Inputs, reference and output.
  std::optional<double> launch_s;  ///< One launch; empty when a rate is not known.
  std::optional<double> seconds;   ///< The fewest launches that a measured case needs.
};

/// Launches that no measured case can do without.
constexpr int kCheckLaunches = 1;   ///< Its output is compared before anything is timed.
constexpr int kWarmupLaunches = 1;  ///< The first one pays for clocks and page faults.
constexpr int kFewestSamples = 3;   ///< A median that one outlier cannot move.
constexpr int kFewestLaunches = kCheckLaunches + kWarmupLaunches + kFewestSamples;

Estimate estimate(const Case& planned, const Rates& rates);

/// What becomes of a case predicted to need more than its budget. Either way its samples end when
/// the budget does.
enum class OverBudget : std::uint8_t { skip, run };

/// Why the case is skipped: predicted to need more than its budget.
std::optional<Reason> over_budget(const Case& planned, const Estimate& estimate);

}  // namespace gpubench
