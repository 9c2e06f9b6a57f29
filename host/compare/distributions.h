// distributions.h — the few special functions that comparisons take, from Boost.Math, in one place:
// its headers are slow to compile.
#pragma once

#include <cstddef>

namespace gpubench {

/// P(Z >= z) of a standard normal Z; exact to the last digits far out in the tail, too.
double normal_upper_tail(double z);
/// The z with P(Z <= z) = p, for 0 < p < 1.
double normal_quantile(double p);
/// P(T >= t) of Student's t, and the t with P(T <= t) = p; `freedom` is above 0.
double student_upper_tail(double t, double freedom);
double student_quantile(double p, double freedom);
/// Ways to choose `k` of `n`; exact up to n = 48, infinity where a double cannot hold it.
double binomial(std::size_t n, std::size_t k);
/// P(X >= marked) where X is how many of `drawn` of `all` things are among the `marked_of_all` that
/// are marked: Fisher's exact test.
double hypergeometric_upper_tail(std::size_t marked, std::size_t drawn, std::size_t marked_of_all,
                                 std::size_t all);

}  // namespace gpubench
