// problems.h — what the tests of the kernels let them compute.
#pragma once

#include <vector>

#include "kernels/problem.h"

namespace gpubench::testing {

inline Problem gemm(Shape shape, Layout layout = Layout::nn) {
  return {.op = Op::gemm, .shape = shape, .layout = layout};
}

inline Problem linear(Shape shape, Activation activation = Activation::gelu) {
  return {.op = Op::linear, .shape = shape, .activation = activation, .bias = true};
}

inline Problem softmax(std::uint32_t m, std::uint32_t n, std::uint32_t batch = 1) {
  return {.op = Op::softmax, .shape = {.m = m, .n = n, .k = 0, .batch = batch}};
}

/// Shapes: 1, primes, a tile plus and minus one, m ≠ n ≠ k, skinny, batches.
inline std::vector<Problem> awkward(Op op) {
  if (op == Op::softmax) {
    return {softmax(1, 1),   softmax(3, 2),    softmax(7, 31),  softmax(65, 33),
            softmax(2, 127), softmax(2, 1000), softmax(5, 8, 3)};
  }
  std::vector<Problem> problems;
  for (const Shape& shape :
       {Shape{1, 1, 1}, Shape{7, 13, 5}, Shape{17, 33, 15}, Shape{31, 63, 17}, Shape{16, 128, 16},
        Shape{33, 129, 1}, Shape{65, 9, 40, 2}, Shape{1, 97, 64}, Shape{97, 1, 33},
        Shape{4, 4, 4, 5}, Shape{63, 65, 31}, Shape{64, 64, 32}, Shape{33, 72, 40},
        Shape{31, 24, 8, 3}}) {
    problems.push_back(op == Op::gemm ? gemm(shape) : linear(shape));
    if (op == Op::gemm) problems.push_back(gemm(shape, Layout::nt));
  }
  return problems;
}

}  // namespace gpubench::testing
