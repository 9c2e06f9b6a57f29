#include "reference/probes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <vector>

#include "reference/reference.h"
#include "unit/reference/naive.h"

namespace gpubench {

/// How ctest lists it.
static void PrintTo(Layout layout, std::ostream* out) {
  *out << to_string(layout);
}

namespace {

const std::vector<Shape> kShapes{{.m = 1, .n = 1, .k = 1, .batch = 1},
                                 {.m = 67, .n = 131, .k = 29, .batch = 1},
                                 {.m = 19, .n = 600, .k = 1, .batch = 3},
                                 {.m = 3, .n = 2, .k = 2500, .batch = 2}};

Reference reference_of(const Problem& problem) {
  auto reference = compute_reference(problem, Format::f32);
  EXPECT_TRUE(reference.ok());
  return std::move(*reference);
}

/// max over rows and vectors of |C·x - y| / (‖a_i‖·‖B‖·‖x‖)
double largest_residual(const Reference& reference) {
  double norm = 0;
  for (const double column : reference.scales.column) norm += column * column;
  double largest = 0;
  for (std::size_t v = 0; v < reference.freivalds.vectors; ++v) {
    for (std::size_t i = 0; i < reference.rows; ++i) {
      double residual = -reference.freivalds.y[v * reference.rows + i];
      for (std::size_t j = 0; j < reference.columns; ++j) {
        residual += static_cast<double>(reference.values[i * reference.columns + j]) *
                    reference.freivalds.x[v * reference.columns + j];
      }
      largest = std::max(largest, std::abs(residual) / (reference.scales.row[i] * std::sqrt(norm)));
    }
  }
  return largest;
}

TEST(GaussianProbe, RightProductsLeaveRoundingOnly) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    for (const Shape& shape : kShapes) {
      Problem problem = product_problem(Op::gemm, shape, layout);
      problem.bias = true;

      // Each element is off by about 2^-24·√k of its scale at most; x adds a factor of |x| < 6.3.
      EXPECT_LT(largest_residual(reference_of(problem)), 6.3 * 0x1p-24 * std::sqrt(shape.k + 2.0));
    }
  }
}

TEST(GaussianProbe, OneWrongElementShowsInItsRow) {
  const Problem problem =
      product_problem(Op::gemm, {.m = 67, .n = 131, .k = 29, .batch = 1}, Layout::nn);
  Reference reference = reference_of(problem);
  const double sound = largest_residual(reference);

  // A thousandth of the element's own scale; the matrix has 8777 elements.
  reference.values[31 * 131 + 77] +=
      static_cast<float>(1e-3 * reference.scales.row[31] * reference.scales.column[77]);

  EXPECT_GT(largest_residual(reference), 100 * sound);
}

TEST(GaussianProbe, IsAbsentWhereTheOutputIsNotLinear) {
  Problem problem = product_problem(Op::linear, {.m = 2, .n = 2, .k = 2, .batch = 1}, Layout::nt);
  problem.activation = Activation::relu;

  EXPECT_EQ(reference_of(problem).freivalds.vectors, 0U);
}

class ExactProbeTest : public testing::TestWithParam<Layout> {
 protected:
  static std::vector<float> output_of(const Problem& problem) {
    const auto naive = naive_product(problem, Format::f32);
    return {naive.values.begin(), naive.values.end()};
  }
};

TEST_P(ExactProbeTest, PassesTheRightProductInBothFormats) {
  for (const Shape& shape : kShapes) {
    Problem problem = product_problem(Op::gemm, shape, GetParam(), Fill::int_exact);
    problem.bias = true;
    const std::vector<float> output = output_of(problem);
    std::vector<HalfBits> halves(output.size());
    halves_from_floats(output, halves);

    const ExactProbe probe = reference_of(problem).exact;

    EXPECT_EQ(first_inexact_row(probe, output), std::nullopt);
    EXPECT_EQ(first_inexact_row(probe, halves), std::nullopt);
  }
}

TEST_P(ExactProbeTest, CatchesASingleElementOffByOne) {
  for (const Shape& shape : kShapes) {
    const Problem problem = product_problem(Op::gemm, shape, GetParam(), Fill::int_exact);
    const ExactProbe probe = reference_of(problem).exact;
    const std::vector<float> right = output_of(problem);

    for (const std::size_t at : {std::size_t{0}, right.size() / 2, right.size() - 1}) {
      std::vector<float> wrong = right;
      wrong[at] += 1;
      EXPECT_EQ(first_inexact_row(probe, wrong), at / shape.n);
    }
  }
}

TEST_P(ExactProbeTest, CatchesErrorsThatCancelInARowSum) {
  const Problem problem = product_problem(Op::gemm, {.m = 67, .n = 131, .k = 29, .batch = 1},
                                          GetParam(), Fill::int_exact);
  std::vector<float> wrong = output_of(problem);
  wrong[40 * 131 + 3] += 1;
  wrong[40 * 131 + 5] -= 1;
  wrong[50 * 131] += 1;

  EXPECT_EQ(first_inexact_row(reference_of(problem).exact, wrong), 40U);
}

TEST_P(ExactProbeTest, RejectsWhatIsNoInteger) {
  const Problem problem = product_problem(Op::gemm, {.m = 67, .n = 131, .k = 29, .batch = 1},
                                          GetParam(), Fill::int_exact);
  const ExactProbe probe = reference_of(problem).exact;
  for (const float bad : {NAN, INFINITY, -INFINITY, 0.5F, 0x1p31F, 3.4e38F}) {
    std::vector<float> wrong = output_of(problem);
    wrong[12 * 131 + 130] = bad;

    EXPECT_EQ(first_inexact_row(probe, wrong), 12U) << bad;
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, ExactProbeTest, testing::Values(Layout::nn, Layout::nt),
                         [](const auto& layout) { return std::string(to_string(layout.param)); });

}  // namespace
}  // namespace gpubench
