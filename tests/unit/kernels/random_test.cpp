#include "kernels/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/philox.h"

namespace gpubench {
namespace {

std::vector<float> normals(Stream stream, std::uint64_t first, std::size_t count) {
  std::vector<float> values(count);
  draw_normal(stream, first, values);
  return values;
}

// The known-answer vectors that Random123 publishes for philox4x32 with ten rounds.
TEST(Philox, MatchesThePublishedVectors) {
  constexpr std::uint32_t kOnes = 0xFFFFFFFFU;

  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627E8D5U, 0xE169C58DU, 0xBC57AC4CU, 0x9B00DBD8U}));
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (PhiloxCounter{0x408F276DU, 0x41C83B0EU, 0xA20BC7C6U, 0x6D5451FDU}));
  EXPECT_EQ(
      philox4x32({0x243F6A88U, 0x85A308D3U, 0x13198A2EU, 0x03707344U}, {0xA4093822U, 0x299F31D0U}),
      (PhiloxCounter{0xD16CFE09U, 0x94FDCCEBU, 0x5001E420U, 0x24126EA1U}));
}

TEST(Random, WordsFollowTheCounterBlockByBlock) {
  // Block 2^32 - 1 and the next: the carry must reach the counter's second word.
  const std::uint64_t first = (std::uint64_t{1} << 34) - 3;
  std::vector<std::uint32_t> words(5);

  draw_words({0x1234567890ABCDEFU, 7}, first, words);

  const PhiloxKey key{0x90ABCDEFU, 0x12345678U};
  const PhiloxCounter before = philox4x32({0xFFFFFFFFU, 0, 7, 0}, key);
  const PhiloxCounter after = philox4x32({0, 1, 7, 0}, key);
  EXPECT_EQ(words,
            (std::vector<std::uint32_t>{before[1], before[2], before[3], after[0], after[1]}));
}

TEST(Random, AnyPieceOfAStreamEqualsThatPieceOfTheWhole) {
  const std::vector<float> whole = normals({42, 0}, 0, 5000);

  for (const std::size_t first : {1U, 2U, 3U, 1023U, 1024U, 1025U, 4001U}) {
    const std::vector<float> piece = normals({42, 0}, first, 777);
    EXPECT_TRUE(std::equal(piece.begin(), piece.end(), whole.begin() + first)) << first;
  }
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};

Moments moments_of(const std::vector<float>& values) {
  double sum = 0, squares = 0, cubes = 0, fourths = 0;
  for (const double v : values) {
    sum += v;
    squares += v * v;
    cubes += v * v * v;
    fourths += v * v * v * v;
  }
  const auto n = static_cast<double>(values.size());
  return {sum / n, squares / n, cubes / n, fourths / n};
}

// Of n standard normal numbers the moments have the standard deviations 1/√n, √(2/n), √(15/n) and
// √(96/n); five of them are allowed.
TEST(Random, NormalHasTheMomentsOfANormal) {
  constexpr std::size_t kCount = 1U << 22;
  const double sigma = 1 / std::sqrt(static_cast<double>(kCount));

  const Moments moments = moments_of(normals({42, 0}, 0, kCount));

  EXPECT_NEAR(moments.mean, 0, 5 * sigma);
  EXPECT_NEAR(moments.variance, 1, 5 * std::sqrt(2) * sigma);
  EXPECT_NEAR(moments.skewness, 0, 5 * std::sqrt(15) * sigma);
  EXPECT_NEAR(moments.kurtosis, 3, 5 * std::sqrt(96) * sigma);
}

// P(|z| > 1, 2, 3, 4) from tables; the share of n has the standard deviation √(p/n).
TEST(Random, NormalHasTheTailsOfANormal) {
  constexpr std::size_t kCount = 1U << 22;
  const std::vector<float> values = normals({7, 1}, 0, kCount);

  const double probabilities[] = {0.31731051, 0.04550026, 0.00269980, 6.334248e-5};
  for (int bound = 1; bound <= 4; ++bound) {
    const double p = probabilities[bound - 1];
    const auto beyond = std::count_if(values.begin(), values.end(), [&](float v) {
      return std::abs(v) > static_cast<float>(bound);
    });
    EXPECT_NEAR(static_cast<double>(beyond) / kCount, p, 5 * std::sqrt(p / kCount)) << bound;
  }
}

// A value with a full significand survives a round trip through fp16's 11 bits with probability
// 2^-13, through 16 bits with 2^-8. Short significands would make both shares far larger.
TEST(Random, NormalUsesFullSignificands) {
  const std::vector<float> values = normals({42, 0}, 0, 1U << 20);

  const auto short_ones = std::count_if(values.begin(), values.end(), [](float v) {
    int exponent = 0;
    const float scaled = std::ldexp(std::frexp(v, &exponent), 23);
    return scaled == std::floor(scaled);  // At most 23 significant bits.
  });

  EXPECT_NEAR(static_cast<double>(short_ones) / (1U << 20), 0.5, 0.01);
}

TEST(Random, DefaultDistributionsHoldNoHalfSubnormals) {
  std::vector<float> values(1U << 20);
  const auto smallest = [&] {
    float least = 1;
    for (const float v : values) least = std::min(least, std::abs(v));
    return least;
  };

  draw_normal({42, 0}, 0, values);
  EXPECT_EQ(smallest(), kSmallestDrawn);  // 5e-5 of them are raised to it.
  draw_uniform({42, 0}, 0, values);
  EXPECT_EQ(smallest(), kSmallestDrawn);
  draw_uniform01({42, 0}, 0, values);
  EXPECT_EQ(smallest(), kSmallestDrawn);
}

TEST(Random, UniformsStayInsideTheirIntervals) {
  std::vector<float> values(1U << 20);

  draw_uniform({42, 0}, 0, values);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  EXPECT_GT(*low, -1.0F);
  EXPECT_LT(*low, -0.9999F);
  EXPECT_LT(*high, 1.0F);
  EXPECT_GT(*high, 0.9999F);

  draw_uniform01({42, 0}, 0, values);
  const auto [low01, high01] = std::minmax_element(values.begin(), values.end());
  EXPECT_GT(*low01, 0.0F);
  EXPECT_LT(*high01, 1.0F);
}

TEST(Random, IntegersTakeEveryValueEquallyOften) {
  std::vector<float> values(1U << 20);
  draw_integers({42, 0}, 0, 7, values);

  std::vector<int> counts(15);
  for (const float v : values) counts.at(static_cast<std::size_t>(v + 7.0F)) += 1;

  for (const int count : counts) EXPECT_NEAR(count, (1 << 20) / 15.0, 5 * 264.0);  // √(n/15) = 264
}

}  // namespace
}  // namespace gpubench
