#include "reference/softmax.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/parallel.h"

namespace gpubench {
namespace {

// Sixteen running sums shorten the longest chain of additions to columns / 16 + 4.
constexpr std::size_t kLanes = 16;

void softmax_row(std::span<const float> x, std::span<float> out) {
  const float largest = *std::max_element(x.begin(), x.end());
  std::array<float, kLanes> sums{};
  for (std::size_t j = 0; j < x.size(); ++j) {
    out[j] = std::exp(x[j] - largest);
    sums[j % kLanes] += out[j];
  }
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
  }
  for (float& value : out) value /= sums[0];
}

}  // namespace

void softmax_fp32(std::span<const float> x, std::uint64_t columns, std::span<float> out) {
  const std::size_t grain = std::max<std::size_t>(1, 65536 / columns);
  parallel_for(x.size() / columns, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      softmax_row(x.subspan(row * columns, columns), out.subspan(row * columns, columns));
    }
  });
}

void softmax_fp64(std::span<const float> x, std::span<double> out) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    out[j] = std::exp(x[j] - largest);
    sum += out[j];
  }
  for (double& value : out) value /= sum;
}

}  // namespace gpubench
