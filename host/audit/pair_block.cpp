// Written with the vector extension that g++ and clang++ share. Comparisons of vectors give masks
// of 0 and -1, hence the subtractions where something is counted.
#include "audit/pair_block.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/vector_clones.h"

namespace gpubench {
namespace {

typedef double Double8 __attribute__((vector_size(64)));
typedef std::int64_t Long8 __attribute__((vector_size(64)));

#define GPUBENCH_INLINE [[gnu::always_inline]] inline

constexpr std::int64_t kMagnitude = 0x7FFFFFFFFFFFFFFF;
constexpr std::int64_t kInfinity = 0x7FF0000000000000;
constexpr int kBias = 1023;
constexpr int kFractionBits = 52;
// fp16 rounds what is at least this to Inf: halfway between 65504 and 65536, ties to even.
constexpr double kFp16Overflow = 65520;
constexpr double kFp16SmallestNormal = 0x1p-14;
// Half the smallest subnormal of fp16; the tie goes to zero.
constexpr double kFp16Vanishes = 0x1p-25;

template <class Vector, class Element>
GPUBENCH_INLINE void load(Vector& to, const Element* from) {
  std::memcpy(&to, from, sizeof to);
}
template <class Vector, class Element>
GPUBENCH_INLINE void store(Element* to, const Vector& from) {
  std::memcpy(to, &from, sizeof from);
}

GPUBENCH_INLINE void raise(Double8& most, const Double8& value) {
  most = value > most ? value : most;
}
GPUBENCH_INLINE void keep(Double8& value, const Long8& mask) {
  value = reinterpret_cast<Double8>(reinterpret_cast<Long8>(value) & mask);
}
GPUBENCH_INLINE void drop_sign(Double8& value) {
  value = reinterpret_cast<Double8>(reinterpret_cast<Long8>(value) & kMagnitude);
}

GPUBENCH_INLINE std::uint64_t negated_sum(const Long8& counts) {
  std::int64_t sum = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) sum -= counts[lane];
  return static_cast<std::uint64_t>(sum);
}
GPUBENCH_INLINE void raise_to_largest(double& most, const Double8& values) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) most = std::max(most, values[lane]);
}

constexpr std::int64_t bits_of_power(int exponent) {
  return static_cast<std::int64_t>(kBias + exponent) << kFractionBits;
}

/// The constants of a format, for vectors of double bits.
template <int Bits, int MinExponent, int MaxExponent>
struct Grid {
  static constexpr int kDrop = kFractionBits + 1 - Bits;
  static constexpr std::int64_t kHalf = (std::int64_t{1} << (kDrop - 1)) - 1;
  static constexpr std::int64_t kKept = ~((std::int64_t{1} << kDrop) - 1);
  static constexpr std::int64_t kSmallestNormal = bits_of_power(MinExponent);
  static constexpr std::int64_t kOverflow = bits_of_power(MaxExponent + 1);
  static constexpr int kQuantum = MinExponent - Bits + 1;  ///< Exponent of the subnormals' gap.
  static constexpr int kMinExponent = MinExponent;
  static constexpr int kBits = Bits;
};
using Bf16Grid = Grid<kBf16.bits, kBf16.min_exponent, 127>;
using Fp16Grid = Grid<kF16.bits, kF16.min_exponent, 15>;
using Tf32Grid = Grid<kTf32.bits, kTf32.min_exponent, 127>;
using Fp32Grid = Grid<kF32.bits, kF32.min_exponent, 127>;

/// |value| rounded to the nearest number of the format, ties to even; Inf where it overflows.
/// Adding 2^52 to a multiple of the subnormals' gap leaves the adder to round it.
template <class Format>
GPUBENCH_INLINE void round_size(Double8& rounded, const Double8& size) {
  constexpr double kToQuantum = 1 / __builtin_bit_cast(double, bits_of_power(Format::kQuantum));
  constexpr double kQuantum = __builtin_bit_cast(double, bits_of_power(Format::kQuantum));
  const Long8 bits = reinterpret_cast<Long8>(size);
  Long8 normal = (bits + Format::kHalf + ((bits >> Format::kDrop) & 1)) & Format::kKept;
  normal = normal >= Format::kOverflow ? normal * 0 + kInfinity : normal;
  const Double8 subnormal = ((size * kToQuantum + 0x1p52) - 0x1p52) * kQuantum;
  rounded = bits < Format::kSmallestNormal ? subnormal : reinterpret_cast<Double8>(normal);
}

/// 1 / ulp of the format at `size`, from its exponent bits.
template <class Format>
GPUBENCH_INLINE void inverse_ulp(Double8& inverse, const Double8& size) {
  Long8 exponent = reinterpret_cast<Long8>(size) >> kFractionBits;
  constexpr std::int64_t kSmallest = kBias + Format::kMinExponent;
  exponent = exponent < kSmallest ? exponent * 0 + kSmallest : exponent;
  inverse = reinterpret_cast<Double8>((2 * kBias + Format::kBits - 1 - exponent) << kFractionBits);
}

struct SpecialCounts {
  Long8 compared{}, reference_nan{}, reference_infinite{}, nan{}, infinite{}, overflowed{};
  Long8 spurious_nan{};
  Long8 spurious{}, missed{}, beyond{}, clamped{}, saturated{}, underflowed{}, vanished{};
  Long8 subnormal{};
};

void add(PairSums& sums, const SpecialCounts& counts) {
  sums.compared += negated_sum(counts.compared);
  sums.reference_nan += negated_sum(counts.reference_nan);
  sums.reference_infinite += negated_sum(counts.reference_infinite);
  sums.nan += negated_sum(counts.nan);
  sums.spurious_nan += negated_sum(counts.spurious_nan);
  sums.infinite += negated_sum(counts.infinite);
  sums.overflowed += negated_sum(counts.overflowed);
  sums.spurious_infinite += negated_sum(counts.spurious);
  sums.missed += negated_sum(counts.missed);
  sums.beyond_fp16 += negated_sum(counts.beyond);
  sums.clamped += negated_sum(counts.clamped);
  sums.saturated += negated_sum(counts.saturated);
  sums.underflowed += negated_sum(counts.underflowed);
  sums.underflowed_fp16 += negated_sum(counts.vanished);
  sums.fp16_subnormal += negated_sum(counts.subnormal);
}

/// Counts what is special, and clears the pairs that are not compared.
GPUBENCH_INLINE void take_specials(double* references, double* outputs, std::size_t padded,
                                   PairSums& sums) {
  SpecialCounts counts;
  for (std::size_t i = 0; i < padded; i += kLanes) {
    Double8 reference, output;
    load(reference, references + i);
    load(output, outputs + i);
    Double8 r = reference, g = output;
    drop_sign(r);
    drop_sign(g);
    const Long8 r_bits = reinterpret_cast<Long8>(r), g_bits = reinterpret_cast<Long8>(g);
    const Long8 opposed =
        (reinterpret_cast<Long8>(reference) ^ reinterpret_cast<Long8>(output)) < 0;
    const Long8 r_finite = r_bits < kInfinity, g_finite = g_bits < kInfinity;
    const Long8 r_infinite = r_bits == kInfinity, g_infinite = g_bits == kInfinity;
    const Long8 beyond = (r_bits <= kInfinity) & (r >= kFp16Overflow);
    const Long8 clamped = beyond & (g == static_cast<double>(kHalfMax)) & ~opposed;
    const Long8 compared = r_finite & g_finite & ~clamped;
    const Long8 underflowed = r_finite & (r > 0) & (g == 0);
    counts.compared += compared;
    counts.reference_nan += r_bits > kInfinity;
    counts.reference_infinite += r_infinite;
    counts.nan += g_bits > kInfinity;
    counts.spurious_nan += (g_bits > kInfinity) & r_finite;
    counts.infinite += g_infinite;
    counts.overflowed += g_infinite & r_finite;
    counts.spurious += g_infinite & (~beyond | opposed);
    counts.missed += r_infinite & g_finite & ~clamped;
    counts.beyond += beyond;
    counts.clamped += clamped;
    counts.saturated += clamped | (beyond & g_infinite & ~opposed);
    counts.underflowed += underflowed;
    counts.vanished += underflowed & (r <= kFp16Vanishes);
    counts.subnormal += (g > 0) & (g < kFp16SmallestNormal);
    keep(reference, compared);
    keep(output, compared);
    store(references + i, reference);
    store(outputs + i, output);
  }
  add(sums, counts);
}

struct ErrorSums {
  Double8 squares, reference_squares, errors, abs_errors, signed_errors, dot, references;

  explicit ErrorSums(const PairSums& sums) {
    load(squares, sums.error_squares.data());
    load(reference_squares, sums.reference_squares.data());
    load(errors, sums.errors.data());
    load(abs_errors, sums.abs_errors.data());
    load(signed_errors, sums.signed_errors.data());
    load(dot, sums.error_dot_reference.data());
    load(references, sums.references.data());
  }
  void store_to(PairSums& sums) const {
    store(sums.error_squares.data(), squares);
    store(sums.reference_squares.data(), reference_squares);
    store(sums.errors.data(), errors);
    store(sums.abs_errors.data(), abs_errors);
    store(sums.signed_errors.data(), signed_errors);
    store(sums.error_dot_reference.data(), dot);
    store(sums.references.data(), references);
  }
};

GPUBENCH_INLINE void take_errors(const double* references, const double* outputs,
                                 std::size_t padded, double typical, PairSums& sums) {
  ErrorSums total(sums);
  Double8 max_abs{}, max_rel{};
  Long8 identical{}, relative{}, outliers{}, outwards{}, inwards{}, upwards{}, downwards{};
  for (std::size_t i = 0; i < padded; i += kLanes) {
    Double8 reference, output;
    load(reference, references + i);
    load(output, outputs + i);
    const Double8 difference = output - reference;
    Double8 error = difference, size = reference;
    drop_sign(error);
    drop_sign(size);
    const Long8 sign = reinterpret_cast<Long8>(reference) & ~kMagnitude;
    const Double8 outward = reinterpret_cast<Double8>(reinterpret_cast<Long8>(difference) ^ sign);
    total.squares += difference * difference;
    total.reference_squares += reference * reference;
    total.errors += difference;
    total.abs_errors += error;
    total.signed_errors += outward;
    total.dot += difference * reference;
    total.references += reference;
    raise(max_abs, error);

    identical += output == reference;
    const Long8 has_size = (size > 0) & (size >= typical * 0x1p-10);
    relative += has_size;
    Double8 quotient = error / size;
    keep(quotient, has_size);
    raise(max_rel, quotient);
    const Double8 reach = size + typical;
    outliers += error > reach * kOutlier;
    const Long8 visible = error > reach * kFp32Noise;
    outwards += visible & (outward > 0);
    inwards += visible & (outward < 0);
    upwards += visible & (difference > 0);
    downwards += visible & (difference < 0);
  }
  total.store_to(sums);
  raise_to_largest(sums.max_abs, max_abs);
  raise_to_largest(sums.max_rel, max_rel);
  sums.identical += negated_sum(identical);
  sums.relative += negated_sum(relative);
  sums.outliers += negated_sum(outliers);
  sums.outwards += negated_sum(outwards);
  sums.inwards += negated_sum(inwards);
  sums.upwards += negated_sum(upwards);
  sums.downwards += negated_sum(downwards);
}

template <class Format>
GPUBENCH_INLINE void take_lattice(const double* references, const double* outputs,
                                  std::size_t padded, double typical, LatticeSums& sums) {
  Double8 ulps, max_ulps{};
  load(ulps, sums.ulps.data());
  Long8 above_half{}, beyond_half{}, beyond_one{}, informative{}, on_lattice{}, rounded{};
  for (std::size_t i = 0; i < padded; i += kLanes) {
    Double8 reference, output, inverse, nearest, nearest_output;
    load(reference, references + i);
    load(output, outputs + i);
    Double8 error = output - reference, size = reference, output_size = output;
    drop_sign(error);
    drop_sign(size);
    drop_sign(output_size);
    inverse_ulp<Format>(inverse, size);
    const Double8 in_ulps = error * inverse;
    ulps += in_ulps;
    raise(max_ulps, in_ulps);
    const Double8 noise = (size + typical) * kFp32Noise * inverse;
    above_half += in_ulps > 0.5;
    beyond_half += in_ulps > noise + 0.5;
    beyond_one += in_ulps > noise + 1;

    round_size<Format>(nearest, size);
    round_size<Format>(nearest_output, output_size);
    Double8 distance = nearest - size;
    drop_sign(distance);
    const Long8 counts = (distance > size * kOnGridAlready) & (output_size > 0) &
                         (reinterpret_cast<Long8>(nearest) < kInfinity);
    const Long8 same_sign =
        (reinterpret_cast<Long8>(reference) ^ reinterpret_cast<Long8>(output)) >= 0;
    informative += counts;
    on_lattice += counts & (nearest_output == output_size);
    rounded += counts & (nearest == output_size) & same_sign;
  }
  store(sums.ulps.data(), ulps);
  raise_to_largest(sums.max_ulps, max_ulps);
  sums.above_half += negated_sum(above_half);
  sums.beyond_half += negated_sum(beyond_half);
  sums.beyond_one += negated_sum(beyond_one);
  sums.informative += negated_sum(informative);
  sums.on_lattice += negated_sum(on_lattice);
  sums.rounded += negated_sum(rounded);
}

GPUBENCH_INLINE void take_fp32_ulps(const double* references, const double* outputs,
                                    std::size_t padded, PairSums& sums) {
  Double8 ulps, max_ulps{};
  load(ulps, sums.fp32_ulps.data());
  Long8 bits_below{};
  for (std::size_t i = 0; i < padded; i += kLanes) {
    Double8 reference, output, inverse;
    load(reference, references + i);
    load(output, outputs + i);
    Double8 error = output - reference, size = reference, output_size = output;
    drop_sign(error);
    drop_sign(size);
    drop_sign(output_size);
    inverse_ulp<Fp32Grid>(inverse, size);
    const Double8 in_ulps = error * inverse;
    ulps += in_ulps;
    raise(max_ulps, in_ulps);
    const Long8 exponent = reinterpret_cast<Long8>(output_size) >> kFractionBits;
    const Long8 small = (output_size > 0) & (output_size < kFp16SmallestNormal) & (error > 0);
    bits_below += small & (exponent - (kBias + kF16.min_exponent));
  }
  store(sums.fp32_ulps.data(), ulps);
  raise_to_largest(sums.max_fp32_ulps, max_ulps);
  sums.bits_below_fp16 += negated_sum(bits_below);
}

GPUBENCH_VECTOR_CLONES void take_all(double* references, double* outputs, std::size_t padded,
                                     double typical, PairSums& sums) {
  take_specials(references, outputs, padded, sums);
  take_errors(references, outputs, padded, typical, sums);
  take_lattice<Bf16Grid>(references, outputs, padded, typical, sums.lattices[0]);
  take_lattice<Fp16Grid>(references, outputs, padded, typical, sums.lattices[1]);
  take_lattice<Tf32Grid>(references, outputs, padded, typical, sums.lattices[2]);
  take_fp32_ulps(references, outputs, padded, sums);
}

void add_lanes(Lanes& sums, const Lanes& others) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += others[lane];
}

void add_lattice(LatticeSums& sums, const LatticeSums& other) {
  add_lanes(sums.ulps, other.ulps);
  sums.max_ulps = std::max(sums.max_ulps, other.max_ulps);
  sums.above_half += other.above_half;
  sums.beyond_half += other.beyond_half;
  sums.beyond_one += other.beyond_one;
  sums.informative += other.informative;
  sums.on_lattice += other.on_lattice;
  sums.rounded += other.rounded;
}

}  // namespace

PairSums& PairSums::operator+=(const PairSums& other) {
  for (const auto lanes :
       {&PairSums::error_squares, &PairSums::reference_squares, &PairSums::errors,
        &PairSums::abs_errors, &PairSums::signed_errors, &PairSums::error_dot_reference,
        &PairSums::references, &PairSums::fp32_ulps}) {
    add_lanes(this->*lanes, other.*lanes);
  }
  for (const auto most : {&PairSums::max_abs, &PairSums::max_rel, &PairSums::max_fp32_ulps}) {
    this->*most = std::max(this->*most, other.*most);
  }
  for (const auto count : {&PairSums::compared,
                           &PairSums::identical,
                           &PairSums::relative,
                           &PairSums::outliers,
                           &PairSums::outwards,
                           &PairSums::inwards,
                           &PairSums::upwards,
                           &PairSums::downwards,
                           &PairSums::reference_nan,
                           &PairSums::reference_infinite,
                           &PairSums::nan,
                           &PairSums::spurious_nan,
                           &PairSums::infinite,
                           &PairSums::overflowed,
                           &PairSums::spurious_infinite,
                           &PairSums::missed,
                           &PairSums::beyond_fp16,
                           &PairSums::clamped,
                           &PairSums::saturated,
                           &PairSums::underflowed,
                           &PairSums::underflowed_fp16,
                           &PairSums::fp16_subnormal,
                           &PairSums::bits_below_fp16}) {
    this->*count += other.*count;
  }
  for (std::size_t i = 0; i < kLattices; ++i) add_lattice(lattices[i], other.lattices[i]);
  return *this;
}

void add_pairs(std::span<double> reference, std::span<double> output, std::size_t count,
               double typical, PairSums& sums) {
  assert(reference.size() == output.size() && reference.size() % kLanes == 0 &&
         reference.size() <= kPairBlock && count <= reference.size() && "a whole, padded block");
  take_all(reference.data(), output.data(), reference.size(), typical, sums);
  // Padding is a pair of zeros: it compares, is identical, and is nothing else.
  const std::uint64_t padding = reference.size() - count;
  sums.compared -= padding;
  sums.identical -= padding;
}

}  // namespace gpubench
