#include "run/end_to_end.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "scenario/limits.h"

namespace gpubench {

EndToEnd measure_end_to_end(const OutputView& output, std::span<const float> expected) {
  EndToEnd facts;
  double largest = 0, error_squares = 0, expected_squares = 0;
  bool any = false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double got = output.at(i), wanted = expected[i];
    if (!std::isfinite(got) || !std::isfinite(wanted)) continue;
    any = true;
    largest = std::max(largest, std::abs(got - wanted));
    error_squares += (got - wanted) * (got - wanted);
    expected_squares += wanted * wanted;
  }
  if (any) facts.max_abs_err = largest;
  if (expected_squares > 0) facts.rel_fro_err = std::sqrt(error_squares / expected_squares);
  const std::size_t first = std::min<std::size_t>(kMaxFirstOutputs, expected.size());
  for (std::size_t i = 0; i < first; ++i) facts.first_outputs.push_back(output.at(i));
  facts.first_expected.assign(expected.begin(),
                              expected.begin() + static_cast<std::ptrdiff_t>(first));
  return facts;
}

}  // namespace gpubench
