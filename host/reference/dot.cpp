#include "reference/dot.h"

#include <array>

#include "base/vector_clones.h"

namespace gpubench {
namespace {

constexpr std::size_t kLanes = 16;
using Lanes = std::array<double, kLanes>;

inline double total(Lanes lanes) {
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

}  // namespace

GPUBENCH_VECTOR_CLONES
double dot(const float* a, const double* x, std::size_t count) {
  Lanes lanes{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * x[i + lane];
  }
  for (std::size_t lane = 0; i + lane < count; ++lane) lanes[lane] += a[i + lane] * x[i + lane];
  return total(lanes);
}

GPUBENCH_VECTOR_CLONES
double sum_of_squares(const float* a, std::size_t count) {
  Lanes lanes{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = a[i + lane];
      lanes[lane] += value * value;
    }
  }
  for (std::size_t lane = 0; i + lane < count; ++lane) {
    const double value = a[i + lane];
    lanes[lane] += value * value;
  }
  return total(lanes);
}

GPUBENCH_VECTOR_CLONES
void add_squares(const float* a, std::size_t count, double* sums) {
  for (std::size_t i = 0; i < count; ++i) {
    const double value = a[i];
    sums[i] += value * value;
  }
}

GPUBENCH_VECTOR_CLONES
void add_scaled(const float* a, std::size_t count, double factor, double* sums) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += a[i] * factor;
}

}  // namespace gpubench
