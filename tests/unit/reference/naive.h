// naive.h — the plainest fp64 answers to a problem, for the reference to be held against.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/fill.h"

namespace gpubench {

struct NaiveResult {
  std::vector<double> values;
  std::vector<double> magnitudes;  ///< Σ|a·b| + |bias|, before any activation.
};

inline std::vector<float> stored(const Problem& problem, Tensor tensor, std::uint64_t elements,
                                 Format storage) {
  std::vector<float> values(elements);
  EXPECT_TRUE(fill_tensor(problem, tensor, 0, values).ok());
  quantise(values, storage);
  return values;
}

inline double naive_activation(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::gelu:
      return x * (1 + std::erf(x / std::sqrt(2.0))) / 2;
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

inline NaiveResult naive_product(const Problem& problem, Format storage) {
  const auto [m, n, k, batches] = problem.shape;
  const auto a = stored(problem, Tensor::a, problem.a_elements(), storage);
  const auto b = stored(problem, Tensor::b, problem.b_elements(), storage);
  const auto bias = stored(problem, Tensor::bias, problem.bias_elements(), storage);
  NaiveResult result;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double sum = bias.empty() ? 0.0 : bias[j];
        double magnitude = std::abs(sum);
        for (std::size_t p = 0; p < k; ++p) {
          const std::size_t in_b = is_b_transposed(problem) ? j * k + p : p * n + j;
          const double product =
              static_cast<double>(a[(batch * m + i) * k + p]) * b[batch * k * n + in_b];
          sum += product;
          magnitude += std::abs(product);
        }
        result.values.push_back(naive_activation(problem.activation, sum));
        result.magnitudes.push_back(magnitude);
      }
    }
  }
  return result;
}

inline std::vector<double> naive_softmax(const Problem& problem, Format storage) {
  const auto x = stored(problem, Tensor::a, problem.a_elements(), storage);
  const std::size_t columns = problem.shape.n;
  std::vector<double> values(x.size());
  for (std::size_t row = 0; row < x.size() / columns; ++row) {
    double largest = x[row * columns];
    for (std::size_t j = 0; j < columns; ++j) {
      largest = std::max<double>(largest, x[row * columns + j]);
    }
    double sum = 0;
    for (std::size_t j = 0; j < columns; ++j) sum += std::exp(x[row * columns + j] - largest);
    for (std::size_t j = 0; j < columns; ++j) {
      values[row * columns + j] = std::exp(x[row * columns + j] - largest) / sum;
    }
  }
  return values;
}

inline Problem product_problem(Op op, Shape shape, Layout layout, Fill fill = Fill::normal) {
  Problem problem;
  problem.op = op;
  problem.shape = shape;
  problem.layout = layout;
  problem.fill = fill;
  return problem;
}

inline Problem softmax_problem(std::uint32_t rows, std::uint32_t columns, Fill fill) {
  Problem problem;
  problem.op = Op::softmax;
  problem.shape = {.m = rows, .n = columns, .k = 0, .batch = 1};
  problem.fill = fill;
  return problem;
}

}  // namespace gpubench
