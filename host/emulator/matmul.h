// matmul.h — a matrix product as a given arithmetic computes it, bit for bit. For small sizes:
// 256³ takes tens of milliseconds. Knows nothing of kernels, fills or what a path declares.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "emulator/arithmetic.h"

namespace gpubench {

/// C[m,n] = A[m,k]·B[k,n], all row-major.
struct MatmulShape {
  std::size_t m = 1;
  std::size_t n = 1;
  std::size_t k = 1;
  bool operator==(const MatmulShape&) const = default;
};

/// C, in all cores. An exact sum of zero is +0 in every rounding direction. A BlockAdder needs an
/// accumulator of fp32 or less and a width of at most 64; a pairwise or halving sum within a group
/// rounds products and sums separately.
std::vector<float> emulate_matmul(const MatmulArithmetic& arithmetic, const MatmulShape& shape,
                                  std::span<const float> a, std::span<const float> b);

}  // namespace gpubench
