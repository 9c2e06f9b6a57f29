// Two sets of five thousand runs have 25 million differences for each case, so the k-th of them is
// found by bisection over the numbers that a double can be, counting the differences below.
#include "compare/shift.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "compare/rank_null.h"

namespace gpubench {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

/// Whole numbers in the order of the doubles.
std::uint64_t place_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);  // -0 becomes 0.
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double at_place(std::uint64_t place) {
  return std::bit_cast<double>((place & kSign) != 0 ? place & ~kSign : ~place);
}

/// How many differences are at most `limit`.
std::size_t count_up_to(std::span<const double> base, std::span<const double> fresh, double limit) {
  std::size_t count = 0, first = 0;  // Of `base`: all from here on are large enough.
  for (const double value : fresh) {
    while (first < base.size() && value - base[first] > limit) ++first;
    count += base.size() - first;
  }
  return count;
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  std::ranges::sort(copy);
  return copy;
}

}  // namespace

double kth_difference(std::span<const double> base, std::span<const double> fresh, std::size_t k) {
  std::uint64_t low = place_of(fresh.front() - base.back());
  std::uint64_t high = place_of(fresh.back() - base.front());
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (count_up_to(base, fresh, at_place(middle)) >= k) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return at_place(low) + 0.0;
}

Shift shift_between(std::span<const double> base, std::span<const double> fresh,
                    double confidence) {
  const std::vector<double> from = sorted(base), to = sorted(fresh);
  const std::size_t pairs = from.size() * to.size();
  Shift shift;
  const double lower = kth_difference(from, to, (pairs + 1) / 2);
  const double upper = pairs % 2 == 0 ? kth_difference(from, to, pairs / 2 + 1) : lower;
  shift.estimate = lower + (upper - lower) / 2;
  const std::size_t rank = interval_rank(from.size(), to.size(), confidence);
  if (rank == 0) return shift;
  shift.low = kth_difference(from, to, rank);
  shift.high = kth_difference(from, to, pairs + 1 - rank);
  return shift;
}

}  // namespace gpubench
