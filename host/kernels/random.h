// random.h — random floats by element index: streams of Philox words turned into distributions.
// The bits depend on (seed, stream, index) alone: only integer operations and IEEE + - * sqrt are
// used, so machine, vector width, thread count and chunking do not matter. Single-threaded.
// Knows nothing of tensors, shapes or fills.
#pragma once

#include <cstdint>
#include <span>

namespace gpubench {

/// An endless sequence of 32-bit words: word i is word i % 4 of the Philox block with the counter
/// (i / 4 as 64 bits, id, 0) and the seed as the key.
struct Stream {
  std::uint64_t seed = 0;
  std::uint32_t id = 0;
};

/// Stream numbers 0 to 2 are the tensors'; these are taken by others.
constexpr std::uint32_t kNoiseStream = 16;   ///< + tensor: the small second term of a fill.
constexpr std::uint32_t kProbeStream = 32;   ///< Freivalds vectors.
constexpr std::uint32_t kSampleStream = 33;  ///< Choice of oracle rows.
constexpr std::uint32_t kLabelStream = 34;   ///< Labels of a classifier's samples.

/// normal, uniform and uniform01 raise magnitudes below this to it, so that no element is
/// subnormal in fp16: a driver may flush those, and only the fill `subnormal` asks about that.
constexpr float kSmallestDrawn = 0x1p-14F;

/// Words [first, first + out.size()).
void draw_words(Stream stream, std::uint64_t first, std::span<std::uint32_t> out);

// Each function below fills `out` from words [first, first + out.size()), one word an element.

/// Standard normal, symmetric about 0, |z| < 6.3, full 24-bit significands.
void draw_normal(Stream stream, std::uint64_t first, std::span<float> out);
/// Odd multiples of 2^-24 in (-1, 1).
void draw_uniform(Stream stream, std::uint64_t first, std::span<float> out);
/// Odd multiples of 2^-24 in (0, 1).
void draw_uniform01(Stream stream, std::uint64_t first, std::span<float> out);
/// Integers in [-limit, limit], equally likely to 2^-16; limit <= 32767.
void draw_integers(Stream stream, std::uint64_t first, std::uint32_t limit, std::span<float> out);

struct ExponentRange {
  int lowest = 0;
  int highest = 0;
};
/// ±(1 + f)·2^e: sign, f (23 bits) and e in the range all uniform. The range holds at most 256.
void draw_exponents(Stream stream, std::uint64_t first, ExponentRange range, std::span<float> out);
/// ±m·2^-24, m uniform in 1 to 1023: subnormal in fp16, normal in fp32.
void draw_half_subnormals(Stream stream, std::uint64_t first, std::span<float> out);
/// Non-zero fp32 subnormals of either sign; zero once stored as fp16.
void draw_float_subnormals(Stream stream, std::uint64_t first, std::span<float> out);

}  // namespace gpubench
