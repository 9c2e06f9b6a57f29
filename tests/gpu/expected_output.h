// expected_output.h — what an output of a kernel must be, by plain FP64 loops, and how far the
// path's roundings may take it from there. For tests of the kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/kernel_rig.h"
#include "kernels/problem.h"

namespace gpubench::testing {

// Unit roundoffs: of the rounding of inputs inside the shader, of the sums, of the stored output.
// FP32 and FP16 sums have twice the nearest-even figure because Vulkan leaves the direction open.
struct Roundoffs {
  double in, acc, out;
};

inline Roundoffs roundoffs(Precision precision) {
  const double f32 = std::ldexp(1.0, -23), f16 = std::ldexp(1.0, -10);
  switch (precision) {
    case Precision::fp32:
      return {0, f32, f32};
    case Precision::fp16:
      return {0, f16, f16};
    case Precision::fp16_acc32:
      return {0, f32, f16};
    case Precision::fp32_via_fp16:
    case Precision::fp32_relaxed:
      return {f16, f16, f16};
    case Precision::tf32:
      return {std::ldexp(1.0, -11), f32, f32};
    case Precision::bf16:
      return {std::ldexp(1.0, -8), f32, f32};
  }
  return {};
}

inline double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::gelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

struct Expected {
  double value, bound;
};

// Value and first-order bound of one output: 2·u_in from both operands, one rounding of the sum for
// each of k products and k additions, the output's rounding. No activation here has a slope above
// 1.13; their own error is below 2e-6 of the result and 1e-6.
inline Expected expected_product(const Problem& problem, const Inputs& inputs, Roundoffs u,
                                 std::uint64_t index) {
  const Shape& s = problem.shape;
  const std::uint64_t column = index % s.n, line = index / s.n, member = line / s.m;
  double sum = 0, size = 0;
  for (std::uint64_t i = 0; i < s.k; ++i) {
    const std::uint64_t b = is_b_transposed(problem) ? (member * s.n + column) * s.k + i
                                                     : (member * s.k + i) * s.n + column;
    const double product = double(inputs.a[line * s.k + i]) * inputs.b[b];
    sum += product;
    size += std::fabs(product);
  }
  const double bias = problem.bias ? inputs.bias[column] : 0.0;
  const double value = activate(problem.activation, sum + bias);
  const double bound = (2 * u.in + 2 * s.k * u.acc) * size + u.acc * std::fabs(bias);
  return {value, 1.13 * bound + (u.out + 2e-6) * std::fabs(value) + 1e-6};
}

/// Of large outputs one element in `every`.
inline void expect_product(const Problem& problem, Precision precision, const Inputs& inputs,
                           const std::vector<float>& output, std::uint64_t every = 1) {
  const Roundoffs u = roundoffs(precision);
  for (std::uint64_t i = 0; i < output.size(); i += every) {
    const Expected expected = expected_product(problem, inputs, u, i);
    ASSERT_NEAR(output[i], expected.value, expected.bound)
        << "row " << i / problem.shape.n << " column " << i % problem.shape.n;
  }
}

inline void expect_softmax(const Problem& problem, Precision precision, const Inputs& inputs,
                           const std::vector<float>& output) {
  const Roundoffs u = roundoffs(precision);
  const std::uint64_t n = problem.shape.n;
  for (std::uint64_t first = 0; first < output.size(); first += n) {
    const auto* x = inputs.a.data() + first;
    const double largest = *std::max_element(x, x + n);
    double sum = 0;
    for (std::uint64_t j = 0; j < n; ++j) sum += std::exp(x[j] - largest);
    for (std::uint64_t j = 0; j < n; ++j) {
      // Rounding x, and x - max, moves the exponent by that much; exp may be (3 + 2|y|) units off;
      // the sum and the quotient add a few more. All of it twice: once above, once below the line.
      const double y = std::fabs(x[j] - largest), value = std::exp(x[j] - largest) / sum;
      const double magnitude = y + std::fabs(largest) + std::fabs(x[j]);
      const double unit = std::max(u.in, u.acc) + u.out;
      const double relative = 2 * unit * (8 + 3 * magnitude) + double(n) * 1.2e-7;
      const double tiny = precision == Precision::fp32 || precision == Precision::tf32 ||
                                  precision == Precision::bf16
                              ? 1e-37
                              : 6.2e-5;  // FP16 results below the normal range may be flushed
      ASSERT_NEAR(output[first + j], value, relative * value + tiny)
          << "row " << first / n << " column " << j;
    }
  }
}

inline void expect_right(const Problem& problem, Precision precision, const Kernel& kernel,
                         const DeviceTraits& traits, const Tuning& tuning = {}) {
  const auto launch = kernel.launch(problem, precision, traits, tuning);
  ASSERT_TRUE(launch) << launch.error().message;
  const Inputs inputs = make_inputs(problem, precision);
  KernelRig rig(test_device(), problem, precision, *launch, inputs);

  rig.run(problem.shape.m);

  EXPECT_EQ(rig.damaged_guard(), "");
  const auto output = rig.output();
  if (problem.op == Op::softmax) {
    expect_softmax(problem, precision, inputs, output);
  } else {
    expect_product(problem, precision, inputs, output);
  }
}

}  // namespace gpubench::testing
