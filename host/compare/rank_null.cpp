// The number of arrangements with U = u is the coefficient of q^u in the Gaussian binomial
// coefficient [m+n over m] = product over i = 1 … m of (1 - q^(n+i)) / (1 - q^i).
#include "compare/rank_null.h"

#include <algorithm>
#include <cmath>

#include "compare/distributions.h"

namespace gpubench {

RankMethod rank_method(std::size_t n_base, std::size_t n_new) {
  const bool exact = n_base + n_new <= kMostCounted || std::min(n_base, n_new) < kFewestForNormal;
  return exact ? RankMethod::exact : RankMethod::normal;
}

std::vector<double> rank_null_lower_half(std::size_t n_base, std::size_t n_new) {
  const std::size_t few = std::min(n_base, n_new), many = std::max(n_base, n_new);
  const std::size_t half = few * many / 2;
  std::vector<double> ways(half + 1, 0.0);
  ways[0] = 1;
  for (std::size_t i = 1; i <= few; ++i) {
    for (std::size_t u = half; u >= many + i; --u) ways[u] -= ways[u - many - i];
    for (std::size_t u = i; u <= half; ++u) ways[u] += ways[u - i];
  }
  const double all = binomial(n_base + n_new, few);
  double sum = 0;
  for (double& entry : ways) {
    sum += entry;
    entry = std::min(1.0, sum / all);
  }
  return ways;
}

double smallest_p(std::size_t n_base, std::size_t n_new) {
  return std::min(1.0, 2 / binomial(n_base + n_new, n_base));
}

std::size_t runs_to_reach(double p) {
  std::size_t runs = 1;
  while (smallest_p(runs, runs) > p) ++runs;
  return runs;
}

std::size_t interval_rank(std::size_t n_base, std::size_t n_new, double confidence) {
  // A tail of just this share counts: 1/20 of three against three is 5 %, whatever 1 - 0.9 rounds
  // to.
  const double tail = (1 - confidence) / 2 * (1 + 1e-12);
  if (rank_method(n_base, n_new) == RankMethod::normal) {
    const auto m = static_cast<double>(n_base), n = static_cast<double>(n_new);
    const double deviation = std::sqrt(m * n * (m + n + 1) / 12);
    return static_cast<std::size_t>(m * n / 2 + normal_quantile(tail) * deviation);
  }
  const std::vector<double> below = rank_null_lower_half(n_base, n_new);
  // P(U <= k-1) is at most the tail: the k-th smallest difference bounds the interval.
  const auto beyond = std::ranges::upper_bound(below, tail);
  return static_cast<std::size_t>(beyond - below.begin());
}

}  // namespace gpubench
