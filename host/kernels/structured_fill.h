// structured_fill.h — the fills whose elements depend on their place in the row or on k: integers
// with exact sums, cancelling products, results near a threshold, rows of differing scale.
// Pure and single-threaded; fill.cpp spreads the work over cores.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/fill.h"

namespace gpubench {

/// Elements [first, first + out.size()) of a tensor.
struct Part {
  const Problem& problem;
  Tensor tensor;
  std::uint64_t first;
  std::span<float> out;
};

void fill_int_exact(const Part& part);
void fill_cancel(const Part& part);
void fill_near_threshold(const Part& part);
void fill_logits(const Part& part);
void fill_subnormal(const Part& part);

}  // namespace gpubench
