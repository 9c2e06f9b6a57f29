// dot.h — sums over mixed fp32 and fp64 vectors in a fixed order of addition: sixteen running
// sums, so that the bits are the same for any vector width.
#pragma once

#include <cstddef>

namespace gpubench {

/// Σ a[i]·x[i]
double dot(const float* a, const double* x, std::size_t count);
/// Σ a[i]²
double sum_of_squares(const float* a, std::size_t count);
/// sums[i] += a[i]²
void add_squares(const float* a, std::size_t count, double* sums);
/// sums[i] += a[i]·factor
void add_scaled(const float* a, std::size_t count, double factor, double* sums);

}  // namespace gpubench
