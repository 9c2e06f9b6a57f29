#include "reference/scales.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "reference/dot.h"

namespace gpubench {
namespace {

constexpr std::size_t kColumnStrip = 512;

std::vector<double> squares_of_lines(std::span<const float> matrix, std::uint64_t length) {
  std::vector<double> squares(matrix.size() / length);
  const std::size_t grain = std::max<std::size_t>(1, 65536 / length);
  parallel_for(squares.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      squares[line] = sum_of_squares(matrix.data() + line * length, length);
    }
  });
  return squares;
}

std::vector<double> squares_of_columns(const Shape& shape, std::span<const float> b) {
  const std::uint64_t n = shape.n;
  std::vector<double> squares(shape.batch * n);
  for (std::uint64_t batch = 0; batch < shape.batch; ++batch) {
    parallel_for(n, kColumnStrip, [&](std::size_t begin, std::size_t end) {
      double* sums = squares.data() + batch * n;
      for (std::uint64_t p = 0; p < shape.k; ++p) {
        const float* line = b.data() + (batch * shape.k + p) * n;
        add_squares(line + begin, end - begin, sums + begin);
      }
    });
  }
  return squares;
}

}  // namespace

ErrorScales product_scales(const Problem& problem, const Inputs& inputs) {
  const Shape& shape = problem.shape;
  ErrorScales scales{squares_of_lines(inputs.a.span(), shape.k),
                     is_b_transposed(problem) ? squares_of_lines(inputs.b.span(), shape.k)
                                              : squares_of_columns(shape, inputs.b.span())};
  if (!inputs.bias.empty()) {
    for (double& square : scales.row) square += 1;
    for (std::size_t j = 0; j < scales.column.size(); ++j) {
      const double bias = inputs.bias[j % shape.n];
      scales.column[j] += bias * bias;
    }
  }
  for (double& value : scales.row) value = std::sqrt(value);
  for (double& value : scales.column) value = std::sqrt(value);
  return scales;
}

ErrorScales softmax_scales(std::span<const float> results, std::uint64_t columns) {
  ErrorScales scales{std::vector<double>(results.size() / columns),
                     std::vector<double>(columns, 1.0)};
  const std::size_t grain = std::max<std::size_t>(1, 65536 / columns);
  parallel_for(scales.row.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      scales.row[row] = std::ranges::max(results.subspan(row * columns, columns));
    }
  });
  return scales;
}

}  // namespace gpubench
