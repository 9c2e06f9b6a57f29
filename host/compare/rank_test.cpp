#include "compare/rank_test.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "compare/distributions.h"

namespace gpubench {
namespace {

/// Twice the ranks of all values in ascending order, so that the mean ranks of ties are whole.
struct PooledRanks {
  std::vector<std::uint32_t> doubled;
  std::uint64_t new_sum = 0;  ///< Of the new values.
  double tie_term = 0;        ///< Sum of t³ - t over groups of t equal values.
};

PooledRanks pooled_ranks(std::span<const double> base, std::span<const double> fresh) {
  struct Member {
    double value;
    bool is_new;
  };
  std::vector<Member> pool;
  pool.reserve(base.size() + fresh.size());
  for (const double value : base) pool.push_back({value, false});
  for (const double value : fresh) pool.push_back({value, true});
  std::ranges::sort(pool, {}, &Member::value);

  PooledRanks ranks;
  for (std::size_t first = 0; first < pool.size();) {
    std::size_t end = first;
    while (end < pool.size() && pool[end].value == pool[first].value) ++end;
    const auto doubled = static_cast<std::uint32_t>(first + 1 + end);
    for (std::size_t at = first; at < end; ++at) {
      ranks.doubled.push_back(doubled);
      if (pool[at].is_new) ranks.new_sum += doubled;
    }
    const auto tied = static_cast<double>(end - first);
    ranks.tie_term += tied * tied * tied - tied;
    first = end;
  }
  return ranks;
}

/// Share of all choices of `chosen` of the ranks whose sum lies at least `distance` from the mean
/// sum `centre`.
double share_as_far(const PooledRanks& ranks, std::size_t chosen, std::uint64_t centre,
                    std::uint64_t distance) {
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < chosen; ++i) most += ranks.doubled[ranks.doubled.size() - 1 - i];
  const std::size_t width = most + 1;
  // ways[c·width + s]: choices of c ranks with sum s, among those seen so far.
  std::vector<std::uint64_t> ways((chosen + 1) * width, 0);
  ways[0] = 1;
  for (std::size_t seen = 0; seen < ranks.doubled.size(); ++seen) {
    const std::size_t rank = ranks.doubled[seen];
    for (std::size_t c = std::min(seen + 1, chosen); c > 0; --c) {
      const std::uint64_t* fewer = &ways[(c - 1) * width];
      std::uint64_t* with = &ways[c * width];
      for (std::size_t sum = width - 1; sum >= rank; --sum) with[sum] += fewer[sum - rank];
    }
  }
  std::uint64_t as_far = 0;
  for (std::size_t sum = 0; sum < width; ++sum) {
    const std::uint64_t off = sum > centre ? sum - centre : centre - sum;
    if (off >= distance) as_far += ways[chosen * width + sum];
  }
  return static_cast<double>(as_far) / binomial(ranks.doubled.size(), chosen);
}

double exact_p_of_ties(const PooledRanks& ranks, std::size_t n_base, std::size_t n_new) {
  const std::uint64_t values = n_base + n_new;
  const std::uint64_t new_centre = n_new * (values + 1);  // Of doubled ranks.
  const std::uint64_t distance =
      ranks.new_sum > new_centre ? ranks.new_sum - new_centre : new_centre - ranks.new_sum;
  if (distance == 0) return 1;
  // The other sample's sum is off by the same; the smaller sample has fewer choices to count.
  const std::size_t chosen = std::min(n_base, n_new);
  return share_as_far(ranks, chosen, chosen * (values + 1), distance);
}

double exact_p(double u, std::size_t n_base, std::size_t n_new) {
  const double pairs = static_cast<double>(n_base) * static_cast<double>(n_new);
  // A half stands for ties among many values, and is taken for the nearer to the middle.
  const auto low = static_cast<std::size_t>(std::ceil(std::min(u, pairs - u)));
  const std::vector<double> below = rank_null_lower_half(n_base, n_new);
  return low >= below.size() ? 1 : std::min(1.0, 2 * below[low]);
}

double normal_p(const PooledRanks& ranks, double u, double m, double n) {
  const double values = m + n;
  const double variance = m * n / 12 * (values + 1 - ranks.tie_term / (values * (values - 1)));
  if (!(variance > 0)) return 1;  // All values are equal.
  const double off = std::max(0.0, std::abs(u - m * n / 2) - 0.5);
  return std::min(1.0, 2 * normal_upper_tail(off / std::sqrt(variance)));
}

}  // namespace

RankTest rank_test(std::span<const double> base, std::span<const double> fresh) {
  const PooledRanks ranks = pooled_ranks(base, fresh);
  const auto m = static_cast<double>(base.size()), n = static_cast<double>(fresh.size());
  RankTest test;
  test.u = static_cast<double>(ranks.new_sum) / 2 - n * (n + 1) / 2;
  test.method = rank_method(base.size(), fresh.size());
  if (test.method == RankMethod::normal) {
    test.p_value = normal_p(ranks, test.u, m, n);
  } else if (ranks.tie_term > 0 && base.size() + fresh.size() <= kMostCounted) {
    test.p_value = exact_p_of_ties(ranks, base.size(), fresh.size());
  } else {
    test.p_value = exact_p(test.u, base.size(), fresh.size());
  }
  return test;
}

}  // namespace gpubench
