// rank_null.h — how the Mann–Whitney statistic is spread when two samples come from one population.
// Pure. Without ties; rank_test.h counts those.
#pragma once

#include <cstddef>
#include <vector>

namespace gpubench {

/// Up to so many values in both samples together every arrangement is counted, ties included;
/// C(40, 20) is below 2^53, so counts of arrangements are whole.
inline constexpr std::size_t kMostCounted = 40;
/// With fewer values in the smaller sample, the normal approximation is poor however large the
/// other one is: of 1 against 40, it gives 0.099 where 0.049 is right. There the distribution
/// without ties is used.
inline constexpr std::size_t kFewestForNormal = 8;

enum class RankMethod : unsigned char {
  exact,  ///< From the null distribution itself.
  /// Normal approximation, continuity and ties corrected: 0.97 to 1.2 times the exact p where that
  /// is at least 0.01, and below too large rather than too small.
  normal,
};

RankMethod rank_method(std::size_t n_base, std::size_t n_new);

/// P(U <= u) for u = 0 … floor(n_base·n_new / 2), all arrangements being equally likely; the other
/// half mirrors it.
std::vector<double> rank_null_lower_half(std::size_t n_base, std::size_t n_new);

/// The two-sided p that samples without ties have when every value of one is above all of the
/// other; no arrangement gives less.
double smallest_p(std::size_t n_base, std::size_t n_new);
/// The smallest n for which n against n can reach `p`, for 0 < p.
std::size_t runs_to_reach(double p);

/// The place from below, from 1, of the difference that bounds the interval of confidence for a
/// shift on either side; 0 where so few values allow no interval of this confidence.
std::size_t interval_rank(std::size_t n_base, std::size_t n_new, double confidence);

}  // namespace gpubench
