// Words are made in tiles that stay in the first-level cache and are then turned into floats by one
// branch-free loop per distribution, so that the compiler can vectorise both.
#include "kernels/random.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

#include "base/vector_clones.h"
#include "kernels/philox.h"

namespace gpubench {
namespace {

constexpr std::size_t kTileBlocks = 256;
constexpr std::size_t kTileWords = 4 * kTileBlocks;

/// Coefficients of a polynomial, constant term first.
using Polynomial = std::array<float, 8>;

// log2(1 + f) / f for f in [√½ - 1, √2 - 1]; relative error below 4e-7.
constexpr Polynomial kLog2{1.442694995F,  -0.7213529361F, 0.4809166753F, -0.3602248472F,
                           0.2872899165F, -0.2492779237F, 0.2326449138F, -0.1427268088F};
// With w = -log2(1 - x²), the normal quantile of probability (1 + x)/2 is x·centre(w - 3.5) for
// w < 7 and x·tail(√w - 4) up to w = 30; absolute errors below 7e-7 and 4e-6. Chebyshev fits.
constexpr float kTailBegins = 7.0F;
constexpr float kCentreShift = 3.5F;
constexpr float kTailShift = 4.0F;
constexpr Polynomial kCentre{2.097475419F,    0.2423566312F,    -0.002643575884F, -0.0006207552122F,
                             7.137490059e-5F, -6.775701629e-7F, -5.26834002e-7F,  3.775860746e-8F};
constexpr Polynomial kTail{4.475362025F,    1.184536003F,      0.004459352828F,  -0.002466888287F,
                           0.001305795781F, -0.0007859993009F, 0.0003629446604F, -7.614144587e-5F};

inline float horner(const Polynomial& polynomial, float x) {
  float sum = polynomial[7];
  for (int i = 6; i >= 0; --i) sum = sum * x + polynomial[i];
  return sum;
}

/// For positive, normal, finite t.
inline float log2_of(float t) {
  constexpr std::uint32_t kSqrtHalf = 0x3F3504F3U;
  const std::uint32_t offset = std::bit_cast<std::uint32_t>(t) - kSqrtHalf;
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(offset) >> 23);
  const float f = std::bit_cast<float>((offset & 0x7FFFFFU) + kSqrtHalf) - 1.0F;
  return exponent + f * horner(kLog2, f);
}

inline float with_sign_of(std::uint32_t word, float magnitude) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | (word & 0x80000000U));
}

// The top bit is the sign. The others, made odd, are the tail probability u in units of 2^-31;
// u and x = 1 - u both come from integers, so both ends keep full relative precision.
inline float normal_from(std::uint32_t word) {
  const std::uint32_t odd = (word & 0x7FFFFFFFU) | 1U;
  const float u = static_cast<float>(static_cast<std::int32_t>(odd)) * 0x1p-31F;
  const float x = static_cast<float>(static_cast<std::int32_t>(0x80000000U - odd)) * 0x1p-31F;
  const float w = -log2_of(u * (1.0F + x));
  const bool in_tail = w > kTailBegins;
  const float v = in_tail ? std::sqrt(w) - kTailShift : w - kCentreShift;
  float sum = in_tail ? kTail[7] : kCentre[7];
  for (int i = 6; i >= 0; --i) sum = sum * v + (in_tail ? kTail[i] : kCentre[i]);
  const float magnitude = x * sum;
  return with_sign_of(word, magnitude < kSmallestDrawn ? kSmallestDrawn : magnitude);
}

inline float uniform_from(std::uint32_t word) {
  const auto odd = static_cast<std::int32_t>((word >> 7 & 0xFFFFFFU) | 1U);
  const float magnitude = static_cast<float>(odd) * 0x1p-24F;
  return with_sign_of(word, magnitude < kSmallestDrawn ? kSmallestDrawn : magnitude);
}

inline float uniform01_from(std::uint32_t word) {
  const auto odd = static_cast<std::int32_t>(word >> 8 | 1U);
  const float value = static_cast<float>(odd) * 0x1p-24F;
  return value < kSmallestDrawn ? kSmallestDrawn : value;
}

inline float exponent_from(std::uint32_t word, std::uint32_t lowest_bits, std::uint32_t count) {
  const std::uint32_t exponent = lowest_bits + ((word >> 23 & 0xFFU) * count >> 8);
  return std::bit_cast<float>((word & 0x807FFFFFU) | exponent << 23);
}

GPUBENCH_VECTOR_CLONES
void words_of_blocks(Stream stream, std::uint64_t first_block, std::size_t blocks,
                     std::uint32_t* words) {
  const PhiloxKey key{static_cast<std::uint32_t>(stream.seed),
                      static_cast<std::uint32_t>(stream.seed >> 32)};
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::uint64_t block = first_block + i;
    const PhiloxCounter out = philox4x32(
        {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), stream.id, 0},
        key);
    for (std::size_t lane = 0; lane < 4; ++lane) words[4 * i + lane] = out[lane];
  }
}

GPUBENCH_VECTOR_CLONES
void normals_of(const std::uint32_t* words, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = normal_from(words[i]);
}

/// Calls `use(words, count)` for consecutive tiles of words [first, first + count).
template <class Use>
void for_each_tile(Stream stream, std::uint64_t first, std::size_t count, Use use) {
  std::array<std::uint32_t, kTileWords> words;
  while (count > 0) {
    const std::size_t skip = first % 4;
    const std::size_t part = std::min(count, kTileWords - skip);
    words_of_blocks(stream, first / 4, (skip + part + 3) / 4, words.data());
    use(words.data() + skip, part);
    first += part;
    count -= part;
  }
}

template <class ElementOf>
void for_each_word(Stream stream, std::uint64_t first, std::span<float> out, ElementOf element_of) {
  float* next = out.data();
  for_each_tile(stream, first, out.size(), [&](const std::uint32_t* words, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) next[i] = element_of(words[i]);
    next += count;
  });
}

}  // namespace

void draw_words(Stream stream, std::uint64_t first, std::span<std::uint32_t> out) {
  std::uint32_t* next = out.data();
  for_each_tile(stream, first, out.size(), [&](const std::uint32_t* words, std::size_t count) {
    next = std::copy_n(words, count, next);
  });
}

void draw_normal(Stream stream, std::uint64_t first, std::span<float> out) {
  float* next = out.data();
  for_each_tile(stream, first, out.size(), [&](const std::uint32_t* words, std::size_t count) {
    normals_of(words, count, next);
    next += count;
  });
}

void draw_uniform(Stream stream, std::uint64_t first, std::span<float> out) {
  for_each_word(stream, first, out, uniform_from);
}

void draw_uniform01(Stream stream, std::uint64_t first, std::span<float> out) {
  for_each_word(stream, first, out, uniform01_from);
}

void draw_integers(Stream stream, std::uint64_t first, std::uint32_t limit, std::span<float> out) {
  assert(limit <= 32767 && "16 bits of the word choose the integer");
  const std::uint32_t values = 2 * limit + 1;
  for_each_word(stream, first, out, [=](std::uint32_t word) {
    const auto offset = static_cast<std::int32_t>((word >> 16) * values >> 16);
    return static_cast<float>(offset - static_cast<std::int32_t>(limit));
  });
}

void draw_exponents(Stream stream, std::uint64_t first, ExponentRange range, std::span<float> out) {
  assert(range.lowest >= -126 && range.highest <= 127 && range.lowest <= range.highest);
  const auto lowest_bits = static_cast<std::uint32_t>(range.lowest + 127);
  const auto count = static_cast<std::uint32_t>(range.highest - range.lowest + 1);
  for_each_word(stream, first, out,
                [=](std::uint32_t word) { return exponent_from(word, lowest_bits, count); });
}

void draw_half_subnormals(Stream stream, std::uint64_t first, std::span<float> out) {
  for_each_word(stream, first, out, [](std::uint32_t word) {
    const std::uint32_t multiple = 1U + ((word & 0xFFFFU) * 1023U >> 16);
    return with_sign_of(word, static_cast<float>(multiple) * 0x1p-24F);
  });
}

void draw_float_subnormals(Stream stream, std::uint64_t first, std::span<float> out) {
  for_each_word(stream, first, out,
                [](std::uint32_t word) { return std::bit_cast<float>((word & 0x807FFFFFU) | 1U); });
}

}  // namespace gpubench
