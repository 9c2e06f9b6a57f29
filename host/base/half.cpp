#include "base/half.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/parallel.h"

namespace gpubench {
namespace {

// Enough work for one chunk to hide the cost of handing it to a thread.
constexpr std::size_t kGrain = std::size_t{1} << 16;

/// Rounds to `kept` explicit fraction bits, ties to even, fp32 exponent range.
float round_fraction(float value, int kept) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7F800000U) == 0x7F800000U) return value;
  const int drop = 23 - kept;
  const std::uint32_t half = (1U << (drop - 1)) - 1U;
  const std::uint32_t even = (bits >> drop) & 1U;
  const std::uint32_t rounded = (bits + half + even) & ~((1U << drop) - 1U);
  return std::bit_cast<float>(rounded);
}

// The three cases are computed without branches so that the loop over a tensor vectorises.
// Subnormals use the fp32 adder itself: adding 0.5 moves their last bit to the unit's place.
inline HalfBits half_bits(std::uint32_t bits) {
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  const std::uint32_t normal = (magnitude + 0x0FFFU + ((magnitude >> 13) & 1U) - 0x38000000U) >> 13;
  const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(shifted) - 0x3F000000U;
  const std::uint32_t special = magnitude > 0x7F800000U ? 0x7E00U : 0x7C00U;
  std::uint32_t result = magnitude < 0x38800000U ? subnormal : normal;
  result = magnitude >= 0x477FF000U ? special : result;
  return static_cast<HalfBits>(sign | result);
}

inline float float_bits(HalfBits half) {
  const std::uint32_t sign = (std::uint32_t{half} & 0x8000U) << 16;
  const std::uint32_t magnitude = half & 0x7FFFU;
  const std::uint32_t normal = (magnitude << 13) + 0x38000000U;
  const float subnormal = static_cast<float>(magnitude) * 0x1p-24F;
  std::uint32_t result = magnitude < 0x0400U ? std::bit_cast<std::uint32_t>(subnormal) : normal;
  result = magnitude >= 0x7C00U ? (magnitude << 13) + 0x70000000U : result;
  return std::bit_cast<float>(sign | result);
}

}  // namespace

HalfBits half_from_float(float value) {
  return half_bits(std::bit_cast<std::uint32_t>(value));
}

HalfBits half_from_double(double value) {
  if (!std::isfinite(value)) return half_from_float(static_cast<float>(value));
  // Round to odd first: a float that keeps a sticky last bit rounds to fp16 as the double would.
  auto narrowed = static_cast<float>(value);
  if (static_cast<double>(narrowed) != value && std::isfinite(narrowed)) {
    const bool above = std::abs(static_cast<double>(narrowed)) > std::abs(value);
    auto bits = std::bit_cast<std::uint32_t>(narrowed);
    if (above) bits -= 1;
    narrowed = std::bit_cast<float>(bits | 1U);
  }
  return half_from_float(narrowed);
}

float float_from_half(HalfBits bits) {
  return float_bits(bits);
}
float round_to_half(float value) {
  return float_bits(half_from_float(value));
}
float round_to_bf16(float value) {
  return round_fraction(value, 7);
}
float round_to_tf32(float value) {
  return round_fraction(value, 10);
}

void halves_from_floats(std::span<const float> from, std::span<HalfBits> to) {
  assert(from.size() == to.size() && "conversion spans differ in length");
  parallel_for(from.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    const float* source = from.data();
    HalfBits* target = to.data();
    for (std::size_t i = begin; i < end; ++i) {
      target[i] = half_bits(std::bit_cast<std::uint32_t>(source[i]));
    }
  });
}

void floats_from_halves(std::span<const HalfBits> from, std::span<float> to) {
  assert(from.size() == to.size() && "conversion spans differ in length");
  parallel_for(from.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    const HalfBits* source = from.data();
    float* target = to.data();
    for (std::size_t i = begin; i < end; ++i) target[i] = float_bits(source[i]);
  });
}

void round_to_half(std::span<float> values) {
  parallel_for(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    float* data = values.data();
    for (std::size_t i = begin; i < end; ++i) {
      data[i] = float_bits(half_bits(std::bit_cast<std::uint32_t>(data[i])));
    }
  });
}

}  // namespace gpubench
