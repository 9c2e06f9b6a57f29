// shift.h — by how much one sample lies above another: Hodges and Lehmann's estimate.
// Pure. In log space a shift is a factor; whoever calls takes the logarithms.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace gpubench {

inline constexpr double kConfidence = 0.95;

struct Shift {
  double estimate = 0;  ///< Median of all differences new - base.
  /// Infinite where so few values allow no interval of this confidence.
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  [[nodiscard]] bool has_interval() const { return low > -std::numeric_limits<double>::infinity(); }
};

/// Both samples have at least one value, all finite. The interval is the one that the Mann–Whitney
/// test leaves, with at least `confidence`; beyond the limits of rank_method(), about that.
Shift shift_between(std::span<const double> base, std::span<const double> fresh,
                    double confidence = kConfidence);

/// The k-th smallest, from 1, of all differences fresh - base, without making them all: time
/// n_base + n_new. Both are sorted; 1 <= k <= their number.
double kth_difference(std::span<const double> base, std::span<const double> fresh, std::size_t k);

}  // namespace gpubench
