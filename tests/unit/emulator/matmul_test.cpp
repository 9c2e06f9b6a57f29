#include "emulator/matmul.h"

#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <functional>
#include <random>

#include "base/half.h"
#include "emulator/steps.h"

namespace gpubench {
namespace {

using Values = std::vector<float>;

struct Matrices {
  MatmulShape shape;
  Values a;
  Values b;
};

/// Zero-mean data with full significands and a spread of exponents.
Matrices random_matrices(MatmulShape shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Matrices made = {shape, Values(shape.m * shape.k), Values(shape.k * shape.n)};
  for (float& value : made.a) value = normal(random);
  for (float& value : made.b) value = normal(random) * 0.37F;
  return made;
}

Values emulated(const MatmulArithmetic& arithmetic, const Matrices& in) {
  return emulate_matmul(arithmetic, in.shape, in.a, in.b);
}

/// One dot product, written down by the test.
using Dot = std::function<float(const Values& a, const Values& b)>;
Values by_hand(const Matrices& in, const Dot& dot) {
  const auto [m, n, k] = in.shape;
  Values c;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      Values a;
      Values b;
      for (std::size_t p = 0; p < k; ++p) {
        a.push_back(in.a[i * k + p]);
        b.push_back(in.b[p * n + j]);
      }
      c.push_back(dot(a, b));
    }
  }
  return c;
}

/// One row and one column, products a[i]·b[i].
float emulated_dot(const MatmulArithmetic& arithmetic, const Values& a, const Values& b) {
  return emulate_matmul(arithmetic, {1, 1, a.size()}, a, b).front();
}
Values ones(std::size_t count) {
  return Values(count, 1.0F);
}

constexpr MatmulShape kAwkward = {.m = 5, .n = 67, .k = 41};

MatmulArithmetic with_fma() {
  return {.multiply_add = MultiplyAdd::fused};
}

constexpr auto kDirections = {std::pair{RoundingMode::nearest_even, FE_TONEAREST},
                              std::pair{RoundingMode::toward_zero, FE_TOWARDZERO},
                              std::pair{RoundingMode::upward, FE_UPWARD},
                              std::pair{RoundingMode::downward, FE_DOWNWARD}};

TEST(EmulateMatmul, FusedIsTheCpusFmaLoopInEveryDirection) {
  const Matrices in = random_matrices(kAwkward, 1);
  for (const auto& [rounding, mode] : kDirections) {
    MatmulArithmetic arithmetic = with_fma();
    arithmetic.accumulator.rounding = rounding;

    std::fesetround(mode);
    const Values expected = by_hand(in, [](const Values& a, const Values& b) {
      volatile float sum = 0;
      for (std::size_t i = 0; i < a.size(); ++i) sum = std::fma(a[i], b[i], sum);
      return sum;
    });
    std::fesetround(FE_TONEAREST);

    EXPECT_EQ(emulated(arithmetic, in), expected) << short_name(rounding);
  }
}

TEST(EmulateMatmul, SeparateIsTheCpusLoopInEveryDirection) {
  const Matrices in = random_matrices(kAwkward, 2);
  for (const auto& [rounding, mode] : kDirections) {
    MatmulArithmetic arithmetic;
    arithmetic.accumulator.rounding = rounding;

    std::fesetround(mode);
    const Values expected = by_hand(in, [](const Values& a, const Values& b) {
      volatile float sum = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        volatile float product = a[i] * b[i];
        sum = sum + product;
      }
      return sum;
    });
    std::fesetround(FE_TONEAREST);

    EXPECT_EQ(emulated(arithmetic, in), expected) << short_name(rounding);
  }
}

TEST(EmulateMatmul, Fp64AccumulationIsTheCpusDoubleLoop) {
  const Matrices in = random_matrices(kAwkward, 3);
  const MatmulArithmetic arithmetic = {.accumulator = {NumberFormat::fp64}};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
    return static_cast<float>(sum);
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

TEST(EmulateMatmul, Fp16ThroughoutRoundsEveryStep) {
  const Matrices in = random_matrices(kAwkward, 4);
  const NumberRule half = {NumberFormat::fp16};
  const MatmulArithmetic arithmetic = {.a = half, .b = half, .accumulator = half, .output = half};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    float sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum = round_to_half(sum + round_to_half(round_to_half(a[i]) * round_to_half(b[i])));
    }
    return sum;
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

TEST(EmulateMatmul, FastAndGeneralStepsGiveTheSameBits) {
  const Matrices in = random_matrices({.m = 1, .n = 300, .k = 50}, 5);
  for (const NumberFormat format :
       {NumberFormat::fp32, NumberFormat::tf32, NumberFormat::bf16, NumberFormat::fp16}) {
    Values fast(300);
    std::vector<double> general(300);
    for (std::size_t p = 0; p < 50; ++p) {
      const auto row = std::span(in.b).subspan(p * 300, 300);
      // Down to fp16's subnormals and up to its overflow.
      const float a = std::ldexp(in.a[p], static_cast<int>(p) - 33);
      add_products_to_nearest(format, a, row, fast.data());
      add_products(MultiplyAdd::separate, {format}, a, row, general.data());
    }

    for (std::size_t j = 0; j < fast.size(); ++j) {
      const bool both_nan = std::isnan(fast[j]) && std::isnan(general[j]);
      ASSERT_TRUE(both_nan || fast[j] == general[j]) << traits_of(format).name << ' ' << j;
    }
  }
}

float sum_of(const Values& values) {
  float sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

Values products(const Values& a, const Values& b) {
  Values result;
  for (std::size_t i = 0; i < a.size(); ++i) result.push_back(a[i] * b[i]);
  return result;
}

TEST(EmulateMatmul, PairwiseAddsNeighboursFirst) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 6}, 6);
  const MatmulArithmetic arithmetic = {.order = {.within = Combining::pairwise}};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    return ((p[0] + p[1]) + (p[2] + p[3])) + (p[4] + p[5]);
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

TEST(EmulateMatmul, HalvingAddsTheUpperHalfOntoTheLower) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 7}, 7);
  const MatmulArithmetic arithmetic = {.order = {.within = Combining::halving}};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + p[3]);
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

TEST(EmulateMatmul, BlocksAreSummedAndThenAdded) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 7}, 8);
  const MatmulArithmetic arithmetic = {
      .order = {.groups = SummationOrder::Groups::blocks, .size = 3}};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    return ((p[0] + p[1] + p[2]) + (p[3] + p[4] + p[5])) + p[6];
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

// Split-K on matrix units: a part's blocks begin with the part, and what is left of it is a block.
TEST(EmulateMatmul, PartsAreSummedByBlocksAndThenAdded) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 13}, 12);
  const MatmulArithmetic arithmetic = {
      .order = {.groups = SummationOrder::Groups::blocks, .size = 2, .part = 5}};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    const float first = ((p[0] + p[1]) + (p[2] + p[3])) + p[4];
    const float second = ((p[5] + p[6]) + (p[7] + p[8])) + p[9];
    return (first + second) + ((p[10] + p[11]) + p[12]);
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

TEST(EmulateMatmul, LanesTakeTurns) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 9}, 9);
  MatmulArithmetic arithmetic = {.order = {.groups = SummationOrder::Groups::lanes, .size = 4}};
  const auto lanes = [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    return Values{p[0] + p[4] + p[8], p[1] + p[5], p[2] + p[6], p[3] + p[7]};
  };

  arithmetic.order.across = Combining::sequential;
  EXPECT_EQ(emulated(arithmetic, in),
            by_hand(in, [&](const Values& a, const Values& b) { return sum_of(lanes(a, b)); }));
  arithmetic.order.across = Combining::pairwise;
  EXPECT_EQ(emulated(arithmetic, in), by_hand(in, [&](const Values& a, const Values& b) {
              const Values lane = lanes(a, b);
              return (lane[0] + lane[1]) + (lane[2] + lane[3]);
            }));
  arithmetic.order.across = Combining::halving;
  EXPECT_EQ(emulated(arithmetic, in), by_hand(in, [&](const Values& a, const Values& b) {
              const Values lane = lanes(a, b);
              return (lane[0] + lane[2]) + (lane[1] + lane[3]);
            }));
}

// OpenBLAS: chunks that fit a cache, each summed in two vectors, the even k and the odd.
TEST(EmulateMatmul, ChunksMayHaveLanesOfTheirOwn) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 9}, 10);
  const MatmulArithmetic arithmetic = {.order = {
                                           .groups = SummationOrder::Groups::chunks,
                                           .lanes = 2,
                                           .starts = {0, 4, 7},
                                       }};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    const float first = (p[0] + p[2]) + (p[1] + p[3]);
    return (first + ((p[4] + p[6]) + p[5])) + (p[7] + p[8]);
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

TEST(EmulateMatmul, WhatStepsLeaveOfLanesJoinsTheFirst) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 7}, 12);
  const MatmulArithmetic arithmetic = {.order = {.lanes = 2, .lane_step = 4}};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    return ((((p[0] + p[2]) + p[4]) + p[5]) + p[6]) + (p[1] + p[3]);
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

TEST(EmulateMatmul, PairsMayBeSwapped) {
  const Matrices in = random_matrices({.m = 3, .n = 4, .k = 5}, 11);
  const MatmulArithmetic arithmetic = {.order = {.walk = Walk::swapped_pairs}};

  const Values expected = by_hand(in, [](const Values& a, const Values& b) {
    const Values p = products(a, b);
    return (((p[1] + p[0]) + p[3]) + p[2]) + p[4];
  });

  EXPECT_EQ(emulated(arithmetic, in), expected);
}

// Chunks of fp16 sums that are added in fp32, as a runtime that promotes partial sums does.
TEST(EmulateMatmul, GroupsAreAddedInAFormatOfTheirOwn) {
  const MatmulArithmetic arithmetic = {
      .accumulator = {NumberFormat::fp16},
      .order = {.groups = SummationOrder::Groups::blocks, .size = 4096}};

  // Each chunk of ones sticks at 2048, where fp16's spacing becomes 2; fp32 adds the two exactly.
  EXPECT_EQ(emulated_dot(arithmetic, ones(8192), ones(8192)), 4096.0F);
}

TEST(EmulateMatmul, SumsOfOnesStickWhereTheSpacingBecomesTwo) {
  MatmulArithmetic arithmetic;
  const auto sum = [&](NumberFormat format) {
    arithmetic.accumulator = {format};
    return emulated_dot(arithmetic, ones(5000), ones(5000));
  };

  EXPECT_EQ(sum(NumberFormat::fp16), 2048.0F);
  EXPECT_EQ(sum(NumberFormat::bf16), 256.0F);
  EXPECT_EQ(sum(NumberFormat::fp32), 5000.0F);
}

TEST(EmulateMatmul, OperandsRoundSeparately) {
  const MatmulArithmetic arithmetic = {.a = {NumberFormat::tf32}};

  EXPECT_EQ(emulated_dot(arithmetic, {1 + 0x1p-20F}, {1}), 1.0F);
  EXPECT_EQ(emulated_dot(arithmetic, {1}, {1 + 0x1p-20F}), 1 + 0x1p-20F);
}

MatmulArithmetic split(NumberFormat format, std::uint8_t parts, std::uint8_t kept) {
  return {.a = {format}, .b = {format}, .split = {.parts = parts, .products = kept}};
}

// bf16(1 + 2^-9) = 1, rest 2^-9 exactly: the dropped product of the rests is 2^-18.
TEST(EmulateMatmul, SplitsDropTheProductOfTheRests) {
  const Values x = {1 + 0x1p-9F};

  EXPECT_EQ(emulated_dot(split(NumberFormat::bf16, 2, 3), x, x), 1 + 0x1p-8F);
  EXPECT_EQ(emulated_dot(split(NumberFormat::bf16, 2, 4), x, x), 1 + 0x1p-8F + 0x1p-18F);
  EXPECT_EQ(emulated_dot(split(NumberFormat::bf16, 3, 6), x, x), 1 + 0x1p-8F + 0x1p-18F);
  EXPECT_EQ(emulated_dot(split(NumberFormat::bf16, 1, 1), x, x), 1.0F);
}

// 1.1f, 1.4f and 4/3 times one, the probes of dense significands: how many units in the last place
// two parts lose. 16 of 24 bits are left of bf16x2 at worst, 22 of fp16x2.
TEST(EmulateMatmul, TwoPartsLoseTheLastBitsOfDenseSignificands) {
  const auto lost = [](const MatmulArithmetic& arithmetic, float value) {
    return std::abs(static_cast<double>(emulated_dot(arithmetic, {value}, {1})) - value) * 0x1p23;
  };

  EXPECT_EQ(lost(split(NumberFormat::bf16, 2, 3), 1.1F), 13);
  EXPECT_EQ(lost(split(NumberFormat::bf16, 2, 3), 4.0F / 3), 43);
  EXPECT_EQ(lost(split(NumberFormat::fp16, 2, 3), 1.1F), 1);
  EXPECT_EQ(lost(split(NumberFormat::tf32, 2, 3), 1.1F), 1);
  EXPECT_EQ(lost(split(NumberFormat::bf16, 3, 6), 1.1F), 0);
  EXPECT_EQ(lost(split(NumberFormat::bf16, 3, 6), 4.0F / 3), 0);
}

// The rest 2^-25 of 2^-12·(1 + 2^-13) is a tie between zero and fp16's smallest number.
TEST(EmulateMatmul, RestsOfFp16SplitsUnderflow) {
  const MatmulArithmetic arithmetic = split(NumberFormat::fp16, 2, 3);

  EXPECT_EQ(emulated_dot(arithmetic, {0x1p-12F * (1 + 0x1p-13F)}, {0x1p12F}), 1.0F);
  EXPECT_EQ(emulated_dot(arithmetic, {1 + 0x1p-13F}, {1}), 1 + 0x1p-13F);
}

TEST(EmulateMatmul, PassesAndElementsAddTheSameProductsInAnotherOrder) {
  MatmulArithmetic arithmetic = split(NumberFormat::bf16, 2, 3);
  const Matrices in = random_matrices(kAwkward, 10);
  const Values by_element = emulated(arithmetic, in);

  arithmetic.split.order = Split::Order::by_pass;
  const Values by_pass = emulated(arithmetic, in);

  EXPECT_NE(by_element, by_pass);
  for (std::size_t i = 0; i < by_pass.size(); ++i) EXPECT_NEAR(by_element[i], by_pass[i], 1e-4);
}

TEST(EmulateMatmul, OutputIsRoundedAndClamped) {
  MatmulArithmetic arithmetic = {.output = {NumberFormat::fp16}};

  EXPECT_EQ(emulated_dot(arithmetic, {1 + 0x1p-12F}, {1}), 1.0F);
  EXPECT_EQ(emulated_dot(arithmetic, {0x1p15F}, {2}), HUGE_VALF);
  arithmetic.output.overflow = Overflow::clamp;
  EXPECT_EQ(emulated_dot(arithmetic, {0x1p15F}, {2}), 65504.0F);
}

TEST(EmulateMatmul, InputsFlushBeforeTheProduct) {
  MatmulArithmetic arithmetic;
  EXPECT_EQ(emulated_dot(arithmetic, {0x1p-130F}, {0x1p20F}), 0x1p-110F);

  arithmetic.a.subnormals = Subnormals::flush;

  EXPECT_EQ(emulated_dot(arithmetic, {0x1p-130F}, {0x1p20F}), 0.0F);
}

}  // namespace
}  // namespace gpubench
