#include "reference/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "unit/reference/naive.h"

namespace gpubench {
namespace {

// Every test of this program runs under a hostile environment: oneDNN would take this leave to
// round FP32 inputs to bf16 or tf32 wherever the CPU has instructions for it.
const bool kHostileEnvironment = setenv("ONEDNN_DEFAULT_FPMATH_MODE", "ANY", 1) == 0 &&
                                 setenv("DNNL_DEFAULT_FPMATH_MODE", "ANY", 1) == 0;

const std::vector<Shape> kShapes{
    {.m = 1, .n = 1, .k = 1, .batch = 1},    {.m = 7, .n = 13, .k = 11, .batch = 1},
    {.m = 65, .n = 63, .k = 1, .batch = 1},  {.m = 1, .n = 129, .k = 300, .batch = 1},
    {.m = 131, .n = 1, .k = 67, .batch = 1}, {.m = 17, .n = 31, .k = 64, .batch = 3},
    {.m = 2, .n = 3, .k = 5, .batch = 40},   {.m = 5, .n = 1100, .k = 2100, .batch = 1}};

Reference reference_of(const Problem& problem, Format storage,
                       const ReferenceOptions& options = {}) {
  auto reference = compute_reference(problem, storage, options);
  EXPECT_TRUE(reference.ok()) << (reference.ok() ? "" : reference.error().message);
  return reference.ok() ? std::move(*reference) : Reference{};
}

/// fp32 results in any order of summation are within (k + 1)·2^-24·Σ|ab| of the exact ones.
void expect_fp32_close(const Problem& problem, const Reference& reference,
                       const NaiveResult& naive) {
  ASSERT_EQ(reference.values.size(), naive.values.size());
  const double roundings = (problem.shape.k + 1) * 0x1p-24;
  for (std::size_t i = 0; i < naive.values.size(); ++i) {
    // All slopes of the activations are below 1.13; their value is rounded once more.
    const double allowed =
        1.13 * roundings * naive.magnitudes[i] + 0x1p-24 * std::abs(naive.values[i]) + 0x1p-149;
    ASSERT_NEAR(reference.values[i], naive.values[i], allowed) << "element " << i;
  }
}

TEST(Reference, ProductsMatchTheTripleLoop) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    for (const Format storage : {Format::f32, Format::f16}) {
      for (const Shape& shape : kShapes) {
        const Problem problem = product_problem(Op::gemm, shape, layout);

        const Reference reference = reference_of(problem, storage);

        expect_fp32_close(problem, reference, naive_product(problem, storage));
      }
    }
  }
}

TEST(Reference, LinearWithEachActivationMatchesItsDefinition) {
  for (const Activation activation : {Activation::none, Activation::relu, Activation::gelu,
                                      Activation::silu, Activation::sigmoid}) {
    for (const bool bias : {false, true}) {
      Problem problem =
          product_problem(Op::linear, {.m = 37, .n = 41, .k = 64, .batch = 1}, Layout::nt);
      problem.activation = activation;
      problem.bias = bias;

      const Reference reference = reference_of(problem, Format::f32);

      SCOPED_TRACE(to_string(activation));
      expect_fp32_close(problem, reference, naive_product(problem, Format::f32));
    }
  }
}

// bf16 inputs would be off by 2.4e-3, tf32 by 2.9e-4 (relative, whole matrix); fp32 by under 1e-6.
TEST(Reference, StaysFp32UnderAHostileEnvironment) {
  ASSERT_TRUE(kHostileEnvironment);
  const Problem problem =
      product_problem(Op::gemm, {.m = 64, .n = 64, .k = 512, .batch = 1}, Layout::nn);
  const NaiveResult naive = naive_product(problem, Format::f32);

  const Reference reference = reference_of(problem, Format::f32);

  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < naive.values.size(); ++i) {
    error += std::pow(reference.values[i] - naive.values[i], 2);
    norm += std::pow(naive.values[i], 2);
  }
  EXPECT_LT(std::sqrt(error / norm), 1e-6);
  EXPECT_GT(error, 0);  // Exact results would mean that fp64 was compared with itself.
}

TEST(Reference, OracleRowsMatchTheTripleLoop) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    for (const Shape& shape : kShapes) {
      const Problem problem = product_problem(Op::gemm, shape, layout);
      const NaiveResult naive = naive_product(problem, Format::f32);

      const OracleSample oracle = reference_of(problem, Format::f32, {.oracle_rows = 4}).oracle;

      ASSERT_EQ(oracle.values.size(), oracle.rows.size() * shape.n);
      for (std::size_t i = 0; i < oracle.values.size(); ++i) {
        const std::size_t at = oracle.rows[i / shape.n] * shape.n + i % shape.n;
        ASSERT_NEAR(oracle.values[i], naive.values[at], shape.k * 0x1p-52 * naive.magnitudes[at]);
      }
    }
  }
}

TEST(Reference, OracleOfALinearLayerHasBiasAndActivation) {
  Problem problem = product_problem(Op::linear, {.m = 9, .n = 21, .k = 33, .batch = 1}, Layout::nt);
  problem.bias = true;
  problem.activation = Activation::silu;
  const NaiveResult naive = naive_product(problem, Format::f16);

  const OracleSample oracle = reference_of(problem, Format::f16).oracle;

  for (std::size_t i = 0; i < naive.values.size(); ++i) {
    ASSERT_NEAR(oracle.values[i], naive.values[i], 1e-13);
  }
}

TEST(SampleRows, TakesAllOfAFewRows) {
  const Problem problem = product_problem(Op::gemm, {.m = 3, .n = 1, .k = 1, .batch = 2}, {});

  EXPECT_EQ(sample_rows(problem, 6), (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5}));
}

// 64·64 - 1 rows: strata of 64, so every tile of 64 rows must have one, the partial last one too.
TEST(SampleRows, LeavesNoTileOut) {
  const Problem problem = product_problem(Op::gemm, {.m = 273, .n = 1, .k = 1, .batch = 15}, {});

  const auto rows = sample_rows(problem, 64);

  std::vector<int> tiles(64);
  for (const std::uint64_t row : rows) tiles.at(row / 64) += 1;
  for (const int count : tiles) EXPECT_GE(count, 1);
  EXPECT_LE(rows.size(), 67U);
  EXPECT_EQ(rows.front(), 0U);
  EXPECT_EQ(rows.back(), 4094U);
  EXPECT_TRUE(std::ranges::binary_search(rows, 272U));  // Last of the first batch member.
  EXPECT_TRUE(std::ranges::is_sorted(rows));
}

TEST(Reference, SoftmaxMatchesItsDefinition) {
  for (const Fill fill : {Fill::normal, Fill::logits, Fill::near_threshold, Fill::overflow}) {
    for (const auto& [rows, columns] : {std::pair{1U, 1U}, {7U, 2U}, {13U, 1021U}, {3U, 70001U}}) {
      const Problem problem = softmax_problem(rows, columns, fill);
      const std::vector<double> naive = naive_softmax(problem, Format::f32);

      const Reference reference = reference_of(problem, Format::f32);

      // Rounding x - max by 2^-24·|x - max| scales the result by as much; |x - max| stays below
      // 128 but for `overflow`, whose |x| reach 1024. The sum adds columns/16 + 4 roundings.
      const double shift = fill == Fill::overflow ? 2048 : 128;
      const double relative = (2 * shift + columns / 16.0 + 10) * 0x1p-24;
      for (std::size_t i = 0; i < naive.size(); ++i) {
        ASSERT_NEAR(reference.values[i], naive[i], relative * naive[i] + 0x1p-126);
      }
      for (std::size_t i = 0; i < reference.oracle.values.size(); ++i) {
        const std::size_t at = reference.oracle.rows[i / columns] * columns + i % columns;
        ASSERT_NEAR(reference.oracle.values[i], naive[at], 1e-12 * naive[at]);
      }
    }
  }
}

TEST(Reference, ScalesAreTheNormsOfRowsAndColumns) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    Problem problem = product_problem(Op::gemm, {.m = 3, .n = 5, .k = 70, .batch = 2}, layout);
    problem.bias = true;
    const auto a = stored(problem, Tensor::a, problem.a_elements(), Format::f32);
    const auto b = stored(problem, Tensor::b, problem.b_elements(), Format::f32);
    const auto bias = stored(problem, Tensor::bias, 5, Format::f32);

    const ErrorScales scales = reference_of(problem, Format::f32).scales;

    ASSERT_EQ(scales.row.size(), 6U);
    ASSERT_EQ(scales.column.size(), 10U);
    double row = 1;  // The bias counts as one more product, 1·bias_j.
    for (std::size_t p = 0; p < 70; ++p) row += std::pow(a[4 * 70 + p], 2);
    EXPECT_NEAR(scales.row[4], std::sqrt(row), 1e-12);
    double column = std::pow(bias[2], 2);
    for (std::size_t p = 0; p < 70; ++p) {
      column += std::pow(b[350 + (layout == Layout::nt ? 2 * 70 + p : p * 5 + 2)], 2);
    }
    EXPECT_NEAR(scales.column[5 + 2], std::sqrt(column), 1e-12);
  }
}

TEST(Reference, SoftmaxScaleIsTheLargestResultOfTheRow) {
  const Reference reference = reference_of(softmax_problem(4, 50, Fill::normal), Format::f32);

  const auto row = reference.values.span().subspan(100, 50);
  EXPECT_EQ(reference.scales.row[2], std::ranges::max(row));
  EXPECT_EQ(reference.scales.column, std::vector<double>(50, 1.0));
}

// Whoever reads the scale of (row, column) takes column_scale[row / rows_per_batch · columns + …].
TEST(Reference, ColumnScalesReachEveryRowOfABatch) {
  for (const Op op : {Op::gemm, Op::softmax}) {
    Problem problem{.op = op, .shape = {.m = 4, .n = 6, .k = 5, .batch = 3}};
    if (op == Op::softmax) problem.shape.k = 0;

    const Reference reference = reference_of(problem, Format::f32);

    ASSERT_EQ(reference.rows, 12U);
    EXPECT_EQ(reference.scales.column.size(), reference.rows / reference.rows_per_batch * 6);
  }
}

TEST(Reference, SampledCoverageSkipsOnlyTheWholeOutput) {
  const Problem problem =
      product_problem(Op::gemm, {.m = 100, .n = 5, .k = 7, .batch = 1}, Layout::nn);

  const Reference sampled = reference_of(problem, Format::f32, {.coverage = Coverage::sampled});
  const Reference whole = reference_of(problem, Format::f32);

  EXPECT_TRUE(sampled.values.empty());
  EXPECT_EQ(sampled.oracle.values, whole.oracle.values);
  EXPECT_EQ(sampled.freivalds.y, whole.freivalds.y);
  EXPECT_EQ(sampled.scales.row, whole.scales.row);
}

TEST(Reference, CountsWhatDevicesMayFlush) {
  // A: rows 0 to 2 of four are fp16 subnormals, row 3 is fp32 subnormals; B has as many elements,
  // all normal. Stored as fp16, row 3 is zero and counts no more.
  const Problem problem =
      product_problem(Op::gemm, {.m = 4, .n = 4, .k = 50, .batch = 1}, Layout::nn, Fill::subnormal);

  const InputFacts f32 = reference_of(problem, Format::f32).inputs;
  const InputFacts f16 = reference_of(problem, Format::f16).inputs;

  EXPECT_EQ(f32.half_subnormal_share, 0.5);
  EXPECT_EQ(f32.float_subnormal_share, 0.125);
  EXPECT_EQ(f16.half_subnormal_share, 0.375);
  EXPECT_EQ(f16.float_subnormal_share, 0.0);
  EXPECT_GT(f32.largest, 1.0);
}

TEST(Reference, IntegerProductsAreExact) {
  const Problem problem = product_problem(Op::gemm, {.m = 9, .n = 8, .k = 2500, .batch = 1},
                                          Layout::nn, Fill::int_exact);
  const NaiveResult naive = naive_product(problem, Format::f16);

  const Reference reference = reference_of(problem, Format::f16);

  for (std::size_t i = 0; i < naive.values.size(); ++i) {
    EXPECT_EQ(reference.values[i], naive.values[i]);
  }
}

TEST(Reference, MissingFileIsAnInputError) {
  Problem problem =
      product_problem(Op::gemm, {.m = 2, .n = 2, .k = 2, .batch = 1}, Layout::nn, Fill::file);
  problem.fill_file = "/nonexistent/a.npy";

  const auto reference = compute_reference(problem, Format::f32);

  ASSERT_FALSE(reference.ok());
  EXPECT_EQ(reference.error().kind, ErrorKind::input);
}

TEST(Reference, MoreThanTheAddressSpaceIsOutOfMemory) {
  const std::uint32_t huge = 4000000000U;
  const auto reference = compute_reference(
      product_problem(Op::gemm, {.m = huge, .n = huge, .k = huge, .batch = 1}, Layout::nn),
      Format::f32);

  ASSERT_FALSE(reference.ok());
  EXPECT_EQ(reference.error().kind, ErrorKind::out_of_memory);
}

TEST(Reference, NamesItsSource) {
  const Problem problem =
      product_problem(Op::gemm, {.m = 1, .n = 1, .k = 1, .batch = 1}, Layout::nn);

  const std::string description = reference_of(problem, Format::f32).description;

  EXPECT_EQ(description.substr(0, 7), "onednn ");
  EXPECT_EQ(description.substr(description.find(',')), ", fp32 strict");
}

}  // namespace
}  // namespace gpubench
