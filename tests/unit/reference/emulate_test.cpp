#include "reference/emulate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/half.h"
#include "reference/reference.h"
#include "unit/reference/naive.h"

namespace gpubench {
namespace {

std::vector<float> emulated(const Problem& problem, Format storage, const Arithmetic& arithmetic,
                            std::span<const std::uint64_t> rows) {
  const auto result = emulate_rows(problem, storage, arithmetic, rows);
  EXPECT_TRUE(result.ok());
  return *result;
}

std::vector<std::uint64_t> all_rows(const Problem& problem) {
  std::vector<std::uint64_t> rows(std::size_t{problem.shape.batch} * problem.shape.m);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

/// ‖G - R‖ / ‖R‖
double relative_error(const std::vector<float>& output, const std::vector<double>& exact) {
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    error += std::pow(output[i] - exact[i], 2);
    norm += exact[i] * exact[i];
  }
  return std::sqrt(error / norm);
}

double product_error(const Problem& problem, Precision declared, const Arithmetic& arithmetic) {
  return relative_error(emulated(problem, storage(declared), arithmetic, all_rows(problem)),
                        naive_product(problem, storage(declared)).values);
}

/// fp16 in every step, as one would write it down.
std::vector<float> plain_fp16_product(const Problem& problem) {
  const auto [m, n, k, batches] = problem.shape;
  const auto a = stored(problem, Tensor::a, problem.a_elements(), Format::f16);
  const auto b = stored(problem, Tensor::b, problem.b_elements(), Format::f16);
  std::vector<float> values;
  for (std::size_t row = 0; row < std::size_t{batches} * m; ++row) {
    for (std::size_t j = 0; j < n; ++j) {
      float sum = 0;
      for (std::size_t p = 0; p < k; ++p) {
        const std::size_t in_b = is_b_transposed(problem) ? j * k + p : p * n + j;
        const float product = round_to_half(a[row * k + p] * b[row / m * k * n + in_b]);
        sum = round_to_half(sum + product);
      }
      values.push_back(sum);
    }
  }
  return values;
}

TEST(Emulate, Fp16MatchesThePlainLoopBitForBit) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    for (const Shape shape :
         {Shape{.m = 1, .n = 1, .k = 1, .batch = 1}, Shape{.m = 3, .n = 67, .k = 300, .batch = 2},
          Shape{.m = 2, .n = 1031, .k = 5, .batch = 1}}) {
      const Problem problem = product_problem(Op::gemm, shape, layout);

      EXPECT_EQ(
          emulated(problem, Format::f16, declared_arithmetic(Precision::fp16), all_rows(problem)),
          plain_fp16_product(problem));
    }
  }
}

// B of 2100 x 2100 elements takes two slabs.
TEST(Emulate, SlabsJoinUp) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    const Problem problem = product_problem(Op::gemm, {.m = 1, .n = 2100, .k = 2100, .batch = 1},
                                            layout, Fill::int_exact);

    EXPECT_EQ(product_error(problem, Precision::fp16, declared_arithmetic(Precision::fp16)), 0);
  }
}

TEST(Emulate, ChosenRowsAreThoseRows) {
  const Problem problem =
      product_problem(Op::gemm, {.m = 5, .n = 9, .k = 20, .batch = 3}, Layout::nn);
  const Arithmetic arithmetic = declared_arithmetic(Precision::fp16);
  const auto all = emulated(problem, Format::f16, arithmetic, all_rows(problem));
  const std::vector<std::uint64_t> rows{1, 6, 14};

  const auto some = emulated(problem, Format::f16, arithmetic, rows);

  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < 9; ++j) EXPECT_EQ(some[i * 9 + j], all[rows[i] * 9 + j]);
  }
}

// Relative errors on N(0,1) data at k = 1024, worked out from the number of significand bits:
// tf32 and fp16 inputs 2.9e-4, bf16 inputs 2.4e-3, fp16 sums 4.1e-3, fp32 sums 6e-7.
TEST(Emulate, EachPrecisionHasTheErrorOfItsTheory) {
  const Problem problem =
      product_problem(Op::gemm, {.m = 4, .n = 300, .k = 1024, .batch = 1}, Layout::nn);
  const auto declared = [&](Precision precision) {
    return product_error(problem, precision, declared_arithmetic(precision));
  };

  EXPECT_NEAR(declared(Precision::fp32), 5e-7, 2e-7);
  EXPECT_NEAR(declared(Precision::tf32), 2.9e-4, 0.4e-4);
  EXPECT_NEAR(declared(Precision::bf16), 2.4e-3, 0.3e-3);
  EXPECT_NEAR(declared(Precision::fp16), 4.1e-3, 1.0e-3);
  EXPECT_NEAR(declared(Precision::fp16_acc32), 2.1e-4, 0.5e-4);  // The output alone: 0.30·2^-11·√2.
}

TEST(Emulate, NextLowerIsWorseThanDeclared) {
  const Problem product =
      product_problem(Op::gemm, {.m = 4, .n = 200, .k = 512, .batch = 1}, Layout::nt);
  for (const Precision precision :
       {Precision::fp32, Precision::fp16, Precision::fp16_acc32, Precision::fp32_via_fp16,
        Precision::fp32_relaxed, Precision::tf32, Precision::bf16}) {
    const double declared = product_error(product, precision, declared_arithmetic(precision));
    const double lower = product_error(product, precision, next_lower_arithmetic(precision));

    EXPECT_GT(lower, 3 * declared) << to_string(precision);
  }
}

TEST(Emulate, SoftmaxLosesDigitsStepByStep) {
  const Problem problem = softmax_problem(4, 1000, Fill::normal);
  const auto exact = naive_softmax(problem, Format::f32);
  const auto error = [&](const Arithmetic& arithmetic) {
    return relative_error(emulated(problem, Format::f32, arithmetic, all_rows(problem)), exact);
  };

  const double fp32 = error(declared_arithmetic(Precision::fp32));
  const double tf32 = error(next_lower_arithmetic(Precision::fp32));
  const double fp16 = error(declared_arithmetic(Precision::fp32_via_fp16));
  EXPECT_LT(fp32, 1e-6);
  EXPECT_GT(tf32, 100 * fp32);
  EXPECT_GT(fp16, tf32);
}

TEST(Emulate, SoftmaxTermsVanishInHalfPrecision) {
  const Problem problem = softmax_problem(1, 4098, Fill::near_threshold);
  const std::vector<std::uint64_t> rows{0};
  const auto values = emulated(problem, Format::f16, declared_arithmetic(Precision::fp16), rows);

  // The two large logits share everything: ½ each, as e^-24 vanishes in fp16.
  EXPECT_NEAR(values[0], 0.5F, 0x1p-9F);
  EXPECT_EQ(values[4000], 0.0F);
}

TEST(Emulate, LinearRoundsAfterBiasAndActivation) {
  Problem problem = product_problem(Op::linear, {.m = 3, .n = 40, .k = 64, .batch = 1}, Layout::nt);
  problem.bias = true;
  problem.activation = Activation::gelu;
  const auto rows = all_rows(problem);
  const auto naive = naive_product(problem, Format::f16);

  const auto values =
      emulated(problem, Format::f16, declared_arithmetic(Precision::fp16_acc32), rows);

  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i], round_to_half(values[i]));
    EXPECT_NEAR(values[i], naive.values[i], 0x1p-11 * std::abs(naive.values[i]) + 1e-5);
  }
}

TEST(Emulate, AffordableRowsAreSpreadAndNeverNone) {
  const std::vector<std::uint64_t> rows{0, 10, 20, 30, 40, 50, 60, 70};
  const auto square = [](std::uint32_t n) {
    return product_problem(Op::gemm, {.m = n, .n = n, .k = n, .batch = 1}, Layout::nn);
  };

  EXPECT_EQ(affordable_rows(square(1000), rows), rows);
  // 2^31 / 2^29 = 4 rows; a single row of 65536² is 2^32 steps.
  EXPECT_EQ(
      affordable_rows(product_problem(Op::gemm, {.m = 80, .n = 1U << 14, .k = 1U << 15, .batch = 1},
                                      Layout::nn),
                      rows),
      (std::vector<std::uint64_t>{0, 20, 40, 60}));
  EXPECT_EQ(affordable_rows(square(65536), rows), (std::vector<std::uint64_t>{0}));
}

}  // namespace
}  // namespace gpubench
