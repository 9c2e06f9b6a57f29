// Written with the vector extension that g++ and clang++ share, eight lanes wide, and compiled once
// for each x86-64 level: the wider instructions change the speed and not one bit of the result.
#include "drift/block.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace gpubench {
namespace {

typedef float Float8 __attribute__((vector_size(32)));
typedef std::int32_t Int8 __attribute__((vector_size(32)));
typedef double Double8 __attribute__((vector_size(64)));
typedef std::int64_t Long8 __attribute__((vector_size(64)));

#define GPUBENCH_INLINE [[gnu::always_inline]] inline

constexpr std::int32_t kMagnitude = 0x7FFFFFFF;
constexpr std::int32_t kInfinity = 0x7F800000;
constexpr std::int64_t kDoubleMagnitude = 0x7FFFFFFFFFFFFFFF;

template <class Vector, class Element>
GPUBENCH_INLINE void load(Vector& to, const Element* from) {
  std::memcpy(&to, from, sizeof to);
}

template <class Vector>
GPUBENCH_INLINE void raise(Vector& most, const Vector& value) {
  most = value > most ? value : most;
}

template <class Vector>
GPUBENCH_INLINE std::uint64_t negated_sum(const Vector& counts) {
  std::int64_t sum = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) sum -= counts[lane];
  return static_cast<std::uint64_t>(sum);
}

template <class Vector>
GPUBENCH_INLINE double largest_lane(const Vector& values) {
  double most = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (values[lane] > most) most = values[lane];
  }
  return most;
}

/// Masks are 0 or -1, so the counts run backwards.
struct Counters {
  Int8 compared{}, zeros{}, saturated{}, underflowed{}, on_lattice{}, finite_nonzero{};
  Long8 cancelled{}, violations{};
};

struct Maxima {
  Double8 abs{}, rel{}, ratio{}, ulp_fp32{}, ulp_fp16{};
};

/// Facts of the outputs alone. fp16 normals have 13 low bits clear; subnormals are multiples of
/// 2^-24, which adding 2^23 to value·2^24 brings out.
GPUBENCH_INLINE void count_outputs(const Int8& output, const Int8& reference, std::int32_t largest,
                                   Counters& counters) {
  const Int8 nonzero_finite = (output > 0) & (output < kInfinity);
  const Float8 scaled = reinterpret_cast<Float8>(output) * 0x1p24F;
  const Int8 subnormal = ((scaled + 0x1p23F) - 0x1p23F) == scaled;
  const Int8 normal = ((output & 0x1FFF) == 0) & (output < 0x47800000);
  const Int8 on_lattice = output < 0x38800000 ? subnormal : normal;
  counters.zeros += output == 0;
  counters.saturated += (output >= largest) & (output <= kInfinity);
  counters.underflowed += (output == 0) & (reference > 0);
  counters.finite_nonzero += nonzero_finite;
  counters.on_lattice += nonzero_finite & on_lattice;
}

/// |e| / ulp(R), where ulp = 2^(max(exponent, smallest) - fraction_bits): the inverse is made from
/// its exponent bits. `exponent` is biased as in fp32.
GPUBENCH_INLINE void raise_ulps(Double8& most, const Double8& error, const Int8& exponent,
                                std::int32_t smallest, std::int64_t inverse_bias) {
  const Int8 clipped = exponent < smallest ? exponent * 0 + smallest : exponent;
  const Long8 inverse = (inverse_bias - __builtin_convertvector(clipped, Long8)) << 52;
  raise(most, error * reinterpret_cast<Double8>(inverse));
}

GPUBENCH_INLINE void drop_sign(Double8& value) {
  value = reinterpret_cast<Double8>(reinterpret_cast<Long8>(value) & kDoubleMagnitude);
}

GPUBENCH_INLINE BlockResult add_block_body(Block& block, const BlockLimits& limits,
                                           BlockSums& sums) {
  const auto largest = std::bit_cast<std::int32_t>(limits.largest);
  const auto overflows = std::bit_cast<std::int32_t>(limits.overflows_from);
  Double8 error_squares, reference_squares;
  load(error_squares, sums.error_squares.data());
  load(reference_squares, sums.reference_squares.data());
  Counters counters;
  Maxima maxima;
  const std::size_t padded = (block.count + kLanes - 1) / kLanes * kLanes;
  for (std::size_t i = 0; i < padded; i += kLanes) {
    Int8 output_bits, reference_bits;
    Double8 allowed, floor;
    load(output_bits, &block.output[i]);
    load(reference_bits, &block.reference[i]);
    load(allowed, &block.allowed[i]);
    load(floor, &block.floor[i]);
    const Int8 output_size = output_bits & kMagnitude;
    const Int8 reference_size = reference_bits & kMagnitude;
    const Int8 finite = (output_size < kInfinity) & (reference_size < overflows);
    count_outputs(output_size, reference_size, largest, counters);
    counters.compared += finite;

    const Double8 output =
        __builtin_convertvector(reinterpret_cast<Float8>(output_bits & finite), Double8);
    const Double8 expected =
        __builtin_convertvector(reinterpret_cast<Float8>(reference_bits & finite), Double8);
    const Double8 difference = output - expected;
    Double8 error = difference;
    Double8 size = expected;
    drop_sign(error);
    drop_sign(size);
    error_squares += difference * difference;
    reference_squares += expected * expected;
    raise(maxima.abs, error);

    allowed += size * limits.reference;
    const Double8 ratio = error / allowed;
    // A tolerance that is NaN allows no error at all.
    counters.violations += ~((error <= allowed) | (error == 0));
    std::memcpy(&block.ratio[i], &ratio, sizeof ratio);
    raise(maxima.ratio, ratio);

    const Long8 relative = (size > 0) & (size >= floor);
    counters.cancelled += ~relative & __builtin_convertvector(finite, Long8);
    const Double8 quotient = error / size;
    raise(maxima.rel, reinterpret_cast<Double8>(reinterpret_cast<Long8>(quotient) & relative));
    const Int8 exponent = (reference_size & finite) >> 23;
    raise_ulps(maxima.ulp_fp32, error, exponent, 1, 1023 + 127 + 23);
    raise_ulps(maxima.ulp_fp16, error, exponent, 127 - 14, 1023 + 127 + 10);
  }
  std::memcpy(sums.error_squares.data(), &error_squares, sizeof error_squares);
  std::memcpy(sums.reference_squares.data(), &reference_squares, sizeof reference_squares);

  // Padding is a pair of zeros: it compares, is zero, has no relative error, and nothing else.
  const std::uint64_t padding = padded - block.count;
  const std::uint64_t compared = negated_sum(counters.compared) - padding;
  sums.compared += compared;
  sums.zeros += negated_sum(counters.zeros) - padding;
  sums.cancelled += negated_sum(counters.cancelled) - padding;
  sums.saturated += negated_sum(counters.saturated);
  sums.underflowed += negated_sum(counters.underflowed);
  sums.finite_nonzero += negated_sum(counters.finite_nonzero);
  sums.on_lattice += negated_sum(counters.on_lattice);
  sums.violations += negated_sum(counters.violations);
  sums.max_abs = std::max(sums.max_abs, largest_lane(maxima.abs));
  sums.max_rel = std::max(sums.max_rel, largest_lane(maxima.rel));
  sums.max_ulp_fp32 = std::max(sums.max_ulp_fp32, largest_lane(maxima.ulp_fp32));
  sums.max_ulp_fp16 = std::max(sums.max_ulp_fp16, largest_lane(maxima.ulp_fp16));
  return {largest_lane(maxima.ratio), compared < block.count};
}

/// An fp16 number's bits, moved up, are the fp32 number over 2^112, but for Inf and NaN.
GPUBENCH_INLINE void widen_body(std::span<const HalfBits> from, float* to) {
  const HalfBits* source = from.data();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::uint32_t bits = source[i];
    const std::uint32_t size = (bits & 0x7FFFU) << 13;
    const float scaled = std::bit_cast<float>(size) * 0x1p112F;
    const std::uint32_t special = size >= 0x0F800000U ? 0x7F800000U : 0U;
    to[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special |
                                 (bits & 0x8000U) << 16);
  }
}

BlockResult add_block_any(Block& block, const BlockLimits& limits, BlockSums& sums) {
  return add_block_body(block, limits, sums);
}
void widen_any(std::span<const HalfBits> from, float* to) {
  widen_body(from, to);
}

struct Functions {
  BlockResult (*add_block)(Block&, const BlockLimits&, BlockSums&);
  void (*widen)(std::span<const HalfBits>, float*);
};

#if defined(__x86_64__)
#define GPUBENCH_AVX2 __attribute__((target("avx2")))
#define GPUBENCH_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw")))

GPUBENCH_AVX2 BlockResult add_block_avx2(Block& block, const BlockLimits& limits, BlockSums& sums) {
  return add_block_body(block, limits, sums);
}
GPUBENCH_AVX2 void widen_avx2(std::span<const HalfBits> from, float* to) {
  widen_body(from, to);
}

GPUBENCH_AVX512 BlockResult add_block_avx512(Block& block, const BlockLimits& limits,
                                             BlockSums& sums) {
  return add_block_body(block, limits, sums);
}
GPUBENCH_AVX512 void widen_avx512(std::span<const HalfBits> from, float* to) {
  widen_body(from, to);
}

Functions choose() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    return {add_block_avx512, widen_avx512};
  }
  if (__builtin_cpu_supports("avx2")) return {add_block_avx2, widen_avx2};
  return {add_block_any, widen_any};
}
#else
Functions choose() {
  return {add_block_any, widen_any};
}
#endif

const Functions& functions() {
  static const Functions chosen = choose();
  return chosen;
}

}  // namespace

BlockResult add_block(Block& block, const BlockLimits& limits, BlockSums& sums) {
  assert(block.count <= kBlock && "more elements than a block holds");
  return functions().add_block(block, limits, sums);
}

void widen(std::span<const HalfBits> from, float* to) {
  functions().widen(from, to);
}

}  // namespace gpubench
