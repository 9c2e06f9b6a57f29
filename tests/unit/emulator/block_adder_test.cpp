// The values that Fasi, Higham, Mikaitis and Pranesh (2021) found on matrix units, from inputs that
// are powers of two or nearly so, hence exact in every format.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "emulator/matmul.h"

namespace gpubench {
namespace {

struct Terms {
  std::vector<float> a;
  std::vector<float> b;
};

double dot(const MatmulArithmetic& arithmetic, const Terms& terms) {
  return emulate_matmul(arithmetic, {1, 1, terms.a.size()}, terms.a, terms.b).front();
}

/// 1 + 2^-t - 1, the middle term as a product of two halves.
Terms a1(int t) {
  return {{1, std::ldexp(1.0F, -((t + 1) / 2)), -1}, {1, std::ldexp(1.0F, -(t / 2)), 1}};
}
/// 1 - 1 + 2^-t
Terms a1_late(int t) {
  return {{1, -1, std::ldexp(1.0F, -((t + 1) / 2))}, {1, 1, std::ldexp(1.0F, -(t / 2))}};
}
/// ±(1 + 3·2^-25 - 1)
Terms a2(float sign) {
  return {{sign, sign * 3 * 0x1p-13F, -sign}, {1, 0x1p-12F, 1}};
}
/// ±(2 + 3·2^-24)
Terms a3(float sign) {
  return {{sign * 2, sign * 3 * 0x1p-12F}, {1, 0x1p-12F}};
}

/// The largest t up to 40 at which 2^-t survives; in `a1` exactly.
template <class Probe>
int last_kept(const MatmulArithmetic& arithmetic, const Probe& probe) {
  int last = 0;
  for (int t = 1; t <= 40; ++t) {
    if (dot(arithmetic, probe(t)) == std::ldexp(1.0, -t)) last = t;
  }
  return last;
}

/// A matrix unit that multiplies fp16 and adds to fp32, cutting.
MatmulArithmetic unit(std::uint8_t extra_bits) {
  const NumberRule half = {NumberFormat::fp16};
  return {.a = half,
          .b = half,
          .multiply_add = MultiplyAdd::block,
          .block = {.width = 4, .extra_bits = extra_bits},
          .accumulator = {NumberFormat::fp32, RoundingMode::toward_zero}};
}
MatmulArithmetic sequential(NumberFormat format,
                            RoundingMode rounding = RoundingMode::nearest_even) {
  return {.accumulator = {format, rounding}};
}

TEST(BlockAdder, KeepsAsManyBitsAsItIsGiven) {
  for (const int extra : {0, 1, 2}) {
    const MatmulArithmetic arithmetic = unit(static_cast<std::uint8_t>(extra));

    EXPECT_EQ(last_kept(arithmetic, a1), 23 + extra);
    EXPECT_EQ(last_kept(arithmetic, a1_late), 23 + extra);
  }
}

TEST(BlockAdder, SequentialSumsKeepTheAccumulatorsBits) {
  EXPECT_EQ(last_kept(sequential(NumberFormat::fp16), a1), 10);
  EXPECT_EQ(last_kept(sequential(NumberFormat::bf16), a1), 7);
  EXPECT_EQ(last_kept(sequential(NumberFormat::fp32), a1), 23);
  EXPECT_EQ(last_kept(sequential(NumberFormat::fp32, RoundingMode::toward_zero), a1), 23);
  EXPECT_EQ(last_kept(sequential(NumberFormat::fp64), a1), 40);
  EXPECT_EQ(last_kept(sequential(NumberFormat::fp32), a1_late), 40);
}

TEST(BlockAdder, ThreeEighthsOfAPlaceTellTheRounding) {
  const auto both = [](const MatmulArithmetic& arithmetic) {
    return std::pair(dot(arithmetic, a2(1)), dot(arithmetic, a2(-1)));
  };
  const auto fp32 = [&](RoundingMode rounding) {
    return both(sequential(NumberFormat::fp32, rounding));
  };

  EXPECT_EQ(fp32(RoundingMode::nearest_even), std::pair(0x1p-23, -0x1p-23));
  EXPECT_EQ(fp32(RoundingMode::toward_zero), std::pair(0.0, 0.0));
  EXPECT_EQ(both(sequential(NumberFormat::fp64)), std::pair(3 * 0x1p-25, -3 * 0x1p-25));
  EXPECT_EQ(both(unit(0)), std::pair(0.0, 0.0));
  EXPECT_EQ(both(unit(1)), std::pair(0x1p-24, -0x1p-24));
  EXPECT_EQ(both(unit(2)), std::pair(3 * 0x1p-25, -3 * 0x1p-25));
}

// 1 + 3·2^-25 goes up to 1 + 2^-23, and its negation up to -1.
TEST(BlockAdder, DirectedSumsAreAsymmetric) {
  const auto up = sequential(NumberFormat::fp32, RoundingMode::upward);
  const auto down = sequential(NumberFormat::fp32, RoundingMode::downward);

  EXPECT_EQ(dot(up, a2(1)), 0x1p-23);
  EXPECT_EQ(dot(up, a2(-1)), 0.0);
  EXPECT_EQ(dot(down, a2(1)), 0.0);
  EXPECT_EQ(dot(down, a2(-1)), -0x1p-23);
}

TEST(BlockAdder, RoundsItsSumAsTheAccumulatorSays) {
  EXPECT_EQ(dot(unit(2), a3(1)), 2.0);
  EXPECT_EQ(dot(unit(2), a3(-1)), -2.0);
  EXPECT_EQ(dot(sequential(NumberFormat::fp32), a3(1)), 2 + 0x1p-22);
}

/// 1 - 1 + 2^-24 at j: lost while j shares the adder with the first two.
TEST(BlockAdder, WidthIsWhereSmallTermsSurvive) {
  for (const int width : {4, 8, 16}) {
    MatmulArithmetic arithmetic = unit(0);
    arithmetic.block.width = static_cast<std::uint16_t>(width);
    std::optional<std::size_t> first_kept;
    for (std::size_t j = 2; j < 32 && !first_kept; ++j) {
      Terms terms = {std::vector<float>(32), std::vector<float>(32, 1)};
      terms.a[0] = 1;
      terms.a[1] = -1;
      terms.a[j] = 0x1p-24F;
      if (dot(arithmetic, terms) != 0) first_kept = j;
    }

    EXPECT_EQ(first_kept, static_cast<std::size_t>(width));
  }
}

// 1.5·1.5 = 2.25 is aligned at exponent 0, the sum of its factors', not at its own 1. So 2^-23 is
// still on the adder's grid of 23 fraction bits, and is left when 2.25 has cancelled.
TEST(BlockAdder, ProductsAlignBeforeTheyAreNormalised) {
  const Terms terms = {{1.5F, 0x1p-12F, -1.5F}, {1.5F, 0x1p-11F, 1.5F}};

  EXPECT_EQ(dot(unit(0), terms), 0x1p-23);
}

TEST(BlockAdder, InfinitiesAndNanPass) {
  EXPECT_EQ(dot(unit(1), {{HUGE_VALF, 1}, {1, 1}}), HUGE_VAL);
  EXPECT_TRUE(std::isnan(dot(unit(1), {{HUGE_VALF, -HUGE_VALF}, {1, 1}})));
}

TEST(BlockAdder, ManyColumnsAreManyDots) {
  const std::size_t columns = 131;  // Two strips and a bit.
  std::vector<float> a = {1.25F, -3, 0.5F, 0.0625F, 7};
  std::vector<float> b(a.size() * columns);
  for (std::size_t i = 0; i < b.size(); ++i) {
    b[i] = static_cast<float>(static_cast<int>(i * 37 % 101) - 50) * 0x1p-7F;
  }
  const std::vector<float> c = emulate_matmul(unit(1), {1, columns, a.size()}, a, b);

  for (std::size_t j = 0; j < columns; ++j) {
    std::vector<float> column;
    for (std::size_t p = 0; p < a.size(); ++p) column.push_back(b[p * columns + j]);
    EXPECT_EQ(c[j], dot(unit(1), {a, column}));
  }
}

// The fixed-point sum in integers, by an algorithm of its own.
double by_integers(const Terms& terms, int extra) {
  double sum = 0;
  for (std::size_t first = 0; first < terms.a.size(); first += 4) {
    std::vector<double> addends = {sum};
    int top = sum == 0 ? -1000 : std::ilogb(sum);
    for (std::size_t i = first; i < std::min(first + 4, terms.a.size()); ++i) {
      addends.push_back(static_cast<double>(terms.a[i]) * terms.b[i]);
      if (addends.back() != 0) top = std::max(top, std::ilogb(terms.a[i]) + std::ilogb(terms.b[i]));
    }
    std::int64_t total = 0;
    for (const double addend : addends) {
      total += static_cast<std::int64_t>(std::trunc(std::ldexp(addend, 23 + extra - top)));
    }
    // Cut to 24 bits.
    const bool negative = total < 0;
    std::int64_t magnitude = std::abs(total);
    int shift = 0;
    for (; magnitude >> 24 != 0; ++shift) magnitude >>= 1;
    sum = std::ldexp(static_cast<double>(magnitude), shift + top - 23 - extra);
    if (negative) sum = -sum;
  }
  return sum;
}

TEST(BlockAdder, RandomSumsAreTheIntegersSums) {
  std::uint32_t state = 1;
  const auto next_half = [&state] {
    state = state * 1664525U + 1013904223U;
    const int significand = 1024 + static_cast<int>(state >> 20 & 1023U);
    return std::ldexp(static_cast<float>(state >> 31 != 0 ? significand : -significand),
                      static_cast<int>(state >> 8 & 15U) - 18);
  };
  for (int i = 0; i < 2000; ++i) {
    Terms terms;
    for (int p = 0; p < 22; ++p) {
      terms.a.push_back(next_half());
      terms.b.push_back(next_half());
    }
    for (const int extra : {0, 1, 2}) {
      ASSERT_EQ(dot(unit(static_cast<std::uint8_t>(extra)), terms), by_integers(terms, extra));
    }
  }
}

}  // namespace
}  // namespace gpubench
