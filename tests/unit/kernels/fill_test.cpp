#include "kernels/fill.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"

namespace gpubench {
namespace {

Problem gemm(Fill fill, Shape shape, Layout layout = Layout::nn) {
  Problem problem;
  problem.fill = fill;
  problem.shape = shape;
  problem.layout = layout;
  return problem;
}

Problem softmax(Fill fill, std::uint32_t rows, std::uint32_t columns) {
  Problem problem;
  problem.op = Op::softmax;
  problem.fill = fill;
  problem.shape = {.m = rows, .n = columns, .k = 0, .batch = 1};
  return problem;
}

std::vector<float> piece(const Problem& problem, Tensor tensor, std::uint64_t first,
                         std::size_t count) {
  std::vector<float> values(count);
  EXPECT_TRUE(fill_tensor(problem, tensor, first, values).ok());
  return values;
}

std::vector<float> whole(const Problem& problem, Tensor tensor) {
  return piece(problem, tensor, 0,
               tensor == Tensor::a ? problem.a_elements() : problem.b_elements());
}

/// B as n x k, whatever its layout.
std::vector<float> columns_of_b(const Problem& problem) {
  const std::vector<float> b = whole(problem, Tensor::b);
  if (is_b_transposed(problem)) return b;
  const auto [m, n, k, batch] = problem.shape;
  std::vector<float> columns(b.size());
  for (std::size_t p = 0; p < k; ++p) {
    for (std::size_t j = 0; j < n; ++j) columns[j * k + p] = b[p * n + j];
  }
  return columns;
}

struct Products {
  std::vector<double> sums;        ///< C in fp64.
  std::vector<double> magnitudes;  ///< Σ|a·b|
};

Products products_of(const Problem& problem) {
  const std::vector<float> a = whole(problem, Tensor::a);
  const std::vector<float> b = columns_of_b(problem);
  const auto [m, n, k, batch] = problem.shape;
  Products products;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0, magnitude = 0;
      for (std::size_t p = 0; p < k; ++p) {
        const double product = static_cast<double>(a[i * k + p]) * b[j * k + p];
        sum += product;
        magnitude += std::abs(product);
      }
      products.sums.push_back(sum);
      products.magnitudes.push_back(magnitude);
    }
  }
  return products;
}

const std::vector<Fill> kGenerated{Fill::normal,    Fill::uniform,        Fill::uniform01,
                                   Fill::int_exact, Fill::exp_spread,     Fill::cancel,
                                   Fill::logits,    Fill::near_threshold, Fill::subnormal,
                                   Fill::overflow,  Fill::zeros};

/// k beyond 2047 makes int_exact sparse; odd sizes leave unpaired elements.
std::vector<Problem> awkward_problems(Fill fill) {
  std::vector<Problem> problems;
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    problems.push_back(gemm(fill, {.m = 5, .n = 7, .k = 2311, .batch = 2}, layout));
    problems.push_back(gemm(fill, {.m = 7, .n = 5, .k = 4, .batch = 3}, layout));
    problems.push_back(gemm(fill, {.m = 3, .n = 2, .k = 1, .batch = 1}, layout));
  }
  problems.push_back(softmax(fill, 13, 101));
  return problems;
}

TEST(Fill, AnyChunkingGivesTheSameBits) {
  for (const Fill fill : kGenerated) {
    for (const Problem& problem : awkward_problems(fill)) {
      for (const Tensor tensor : {Tensor::a, Tensor::b}) {
        const std::vector<float> all = whole(problem, tensor);
        for (std::size_t first = 0; first < all.size(); first += 97) {
          const std::size_t count = std::min<std::size_t>(97, all.size() - first);
          const std::vector<float> part = piece(problem, tensor, first, count);
          ASSERT_TRUE(std::equal(part.begin(), part.end(), all.begin() + first))
              << to_string(fill) << " tensor " << static_cast<int>(tensor) << " at " << first;
        }
      }
    }
  }
}

/// Restricts this process to one core while it lives.
class OneCore {
 public:
  OneCore() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OneCore() { sched_setaffinity(0, sizeof before_, &before_); }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;

 private:
  cpu_set_t before_{};
};

TEST(Fill, ThreadCountDoesNotChangeTheBits) {
  const Problem problem = gemm(Fill::normal, {.m = 700, .n = 1, .k = 701, .batch = 1});
  const std::vector<float> on_all_cores = whole(problem, Tensor::a);

  const OneCore restricted;
  EXPECT_EQ(whole(problem, Tensor::a), on_all_cores);
}

TEST(Fill, SeedAndTensorBothChangeTheData) {
  const Problem problem = gemm(Fill::normal, {.m = 16, .n = 16, .k = 16, .batch = 1});
  Problem reseeded = problem;
  reseeded.seed = 43;

  EXPECT_NE(whole(problem, Tensor::a), whole(reseeded, Tensor::a));
  EXPECT_NE(whole(problem, Tensor::a), whole(problem, Tensor::b));
}

// The bits are a promise: a change here makes committed runs incomparable.
TEST(Fill, BitsHaveNotChanged) {
  const std::map<Fill, std::string> golden{
      {Fill::normal, "759696c19e4287342889d3205d67e040"},
      {Fill::uniform, "cd650caee31ddfba7201fb58f124c865"},
      {Fill::uniform01, "9315137921177a2616be8a9085749fb8"},
      {Fill::int_exact, "9cab0b98c73eb04599075a76f9b77ebd"},
      {Fill::exp_spread, "49245f6e2fe7eb8e38e23a73cc8d9ffd"},
      {Fill::cancel, "7df981ab418e23c114671a672b1da564"},
      {Fill::logits, "fd33ae5c02801fd0478915d3486f1886"},
      {Fill::near_threshold, "7f603f15f67b0a07c5273dabb70f4be4"},
      {Fill::subnormal, "792fdae506f8af2369a326bc7b4855c7"},
      {Fill::overflow, "d08060a147d797911262abf84f99f772"},
      {Fill::zeros, "f6e50c84bec1f86d74ccc9dbd7e60edb"}};
  for (const Fill fill : kGenerated) {
    std::vector<float> all;
    for (const Problem& problem : awkward_problems(fill)) {
      for (const Tensor tensor : {Tensor::a, Tensor::b}) {
        const std::vector<float> values = whole(problem, tensor);
        all.insert(all.end(), values.begin(), values.end());
      }
    }
    EXPECT_EQ(content_hash(std::as_bytes(std::span(all))), golden.at(fill)) << to_string(fill);
  }
}

TEST(Fill, IntegerSumsStayExactInHalfPrecision) {
  for (const std::uint32_t k : {1U, 4U, 41U, 500U, 2047U, 2048U, 4096U, 5003U}) {
    const Problem problem = gemm(Fill::int_exact, {.m = 3, .n = 5, .k = k, .batch = 1});
    for (const double magnitude : products_of(problem).magnitudes) {
      EXPECT_LE(magnitude, 2048.0) << "k " << k;
    }
    for (const float v : whole(problem, Tensor::a)) ASSERT_EQ(v, std::round(v));
  }
}

// k = 41: 41·7² + 7 = 2016 fits into 2048; k = 42 leaves 6, since 42·49 + 7 = 2065.
TEST(Fill, IntegersAreAsLargeAsTheSumAllows) {
  const auto largest = [](std::uint32_t k) {
    const auto a = whole(gemm(Fill::int_exact, {.m = 100, .n = 1, .k = k, .batch = 1}), Tensor::a);
    return *std::max_element(a.begin(), a.end());
  };

  EXPECT_EQ(largest(41), 7.0F);
  EXPECT_EQ(largest(42), 6.0F);
  EXPECT_EQ(largest(2047), 1.0F);
}

// Beyond 2047, one element of each group of ⌈k/2047⌉ is ±1: 4096 gives groups of 3.
TEST(Fill, LongIntegerRowsHaveOneElementPerGroup) {
  const auto a = whole(gemm(Fill::int_exact, {.m = 2, .n = 1, .k = 4096, .batch = 1}), Tensor::a);

  std::vector<int> places(3);
  for (std::size_t group = 0; group < 4096 / 3; ++group) {
    int members = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool set = a[4096 + 3 * group + i] != 0;
      members += set ? 1 : 0;
      places[i] += set ? 1 : 0;
    }
    EXPECT_EQ(members, 1);
  }
  for (const int count : places) EXPECT_NEAR(count, 455, 5 * 18);  // √(1365·⅓·⅔) = 17.4
}

TEST(Fill, CancellingProductsLeaveLittle) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    for (const std::uint32_t k : {64U, 65U}) {
      const auto products =
          products_of(gemm(Fill::cancel, {.m = 9, .n = 11, .k = k, .batch = 1}, layout));
      for (std::size_t i = 0; i < products.sums.size(); ++i) {
        // The residue has variance 2^-12·k/2, sd 0.09; Σ|ab| is about 0.64·k = 41.
        EXPECT_LT(std::abs(products.sums[i]), 0.02 * products.magnitudes[i]);
        EXPECT_NE(products.sums[i], 0.0);
      }
    }
  }
}

TEST(Fill, NearThresholdResultsLieAroundOneHalf) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    for (const std::uint32_t k : {1U, 2U, 7U, 64U}) {
      const auto products =
          products_of(gemm(Fill::near_threshold, {.m = 9, .n = 50, .k = k, .batch = 1}, layout));
      const auto [low, high] = std::minmax_element(products.sums.begin(), products.sums.end());
      EXPECT_GT(*low, 0.5 - 1.25 * 0x1.01p-10);
      EXPECT_LT(*low, 0.5 - 0x1p-13);
      EXPECT_LT(*high, 0.5 + 1.25 * 0x1.01p-10);
      EXPECT_GT(*high, 0.5 + 0x1p-13);
    }
  }
}

TEST(Fill, NearThresholdRowsDifferAsFarAsColumns) {
  const auto column =
      products_of(gemm(Fill::near_threshold, {.m = 99, .n = 1, .k = 4, .batch = 1}));
  const auto row = products_of(gemm(Fill::near_threshold, {.m = 1, .n = 99, .k = 4, .batch = 1}));

  for (const auto* sums : {&column.sums, &row.sums}) {
    EXPECT_LT(*std::min_element(sums->begin(), sums->end()), 0.5 - 0x1p-13);
    EXPECT_GT(*std::max_element(sums->begin(), sums->end()), 0.5 + 0x1p-13);
  }
}

// sigmoid(z) is ½ at 0, with a slope of ¼.
TEST(Fill, NearThresholdAimsAtTheScoreBehindASigmoid) {
  Problem problem = gemm(Fill::near_threshold, {.m = 99, .n = 3, .k = 9, .batch = 1}, Layout::nt);
  problem.op = Op::linear;
  problem.activation = Activation::sigmoid;

  const auto sums = products_of(problem).sums;

  for (const double z : sums) EXPECT_LE(std::abs(z), 1.25 * 0x1.01p-8);
  EXPECT_LT(*std::min_element(sums.begin(), sums.end()), -0x1p-9);
  EXPECT_GT(*std::max_element(sums.begin(), sums.end()), 0x1p-9);
}

TEST(Fill, SoftmaxLogitsOverflowUnlessShifted) {
  const auto x = whole(softmax(Fill::logits, 3, 1000), Tensor::a);

  // Rows are offset by -96, 0, 96; fp32's exp overflows above 88.73 and vanishes below -103.97.
  EXPECT_GT(*std::max_element(x.begin() + 2000, x.end()), 88.73F);
  EXPECT_LT(*std::min_element(x.begin(), x.begin() + 1000), -103.97F);
}

TEST(Fill, SubnormalsAreSubnormalInTheFormatTheyTarget) {
  const auto a = whole(gemm(Fill::subnormal, {.m = 4, .n = 1, .k = 100, .batch = 1}), Tensor::a);

  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_LT(std::abs(a[i]), 0x1p-14F);
    EXPECT_GE(std::abs(a[i]), 0x1p-24F);
  }
  for (std::size_t i = 300; i < 400; ++i) EXPECT_EQ(std::fpclassify(a[i]), FP_SUBNORMAL);
}

TEST(Fill, OverflowProductsStraddleTheRangeOfHalf) {
  const auto products = products_of(gemm(Fill::overflow, {.m = 20, .n = 20, .k = 1, .batch = 1}));

  const auto beyond = std::count_if(products.magnitudes.begin(), products.magnitudes.end(),
                                    [](double v) { return v > 65504; });
  EXPECT_GT(beyond, 100);
  EXPECT_LT(beyond, 300);
}

// With activations, ‖x‖·‖w‖ is brought to about 1 by powers of two: k = 256 gives 2^-4.
TEST(Fill, ActivationArgumentsHaveUnitScale) {
  Problem problem = gemm(Fill::normal, {.m = 64, .n = 64, .k = 256, .batch = 1}, Layout::nt);
  problem.op = Op::linear;
  problem.activation = Activation::gelu;

  double squares = 0;
  for (const double v : products_of(problem).sums) squares += v * v;

  EXPECT_NEAR(squares / 4096, 1.0, 0.2);
}

TEST(Fill, QuantiseRoundsToTheStorageFormat) {
  std::vector<float> values{1.0F + 0x1p-11F, 1.0F + 0x1.8p-10F};

  quantise(values, Format::f32);
  EXPECT_EQ(values[0], 1.0F + 0x1p-11F);
  quantise(values, Format::f16);
  EXPECT_EQ(values, (std::vector<float>{1.0F, 1.0F + 0x1p-9F}));  // Ties go to even.
}

}  // namespace
}  // namespace gpubench
