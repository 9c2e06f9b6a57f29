#include "compare/false_discovery.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace gpubench {

std::vector<double> adjusted_p_values(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t at) { return p_values[at]; });
  std::vector<double> adjusted(p_values.size());
  const auto tests = static_cast<double>(p_values.size());
  double least = 1;  // Of this rank and all after it.
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t at = order[rank - 1];
    least = std::min(least, p_values[at] * tests / static_cast<double>(rank));
    adjusted[at] = least;
  }
  return adjusted;
}

}  // namespace gpubench
