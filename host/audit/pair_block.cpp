// Written with the vector extension that g++ and clang++ share, and compiled once for each level of
// x86-64: the wider instructions change the speed and not one bit of the result.
#include "audit/pair_block.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace gpubench {
namespace {

#define GPUBENCH_INLINE [[gnu::always_inline]] inline

namespace any_level {
#define GPUBENCH_WIDTH 2
#define GPUBENCH_TARGET
#include "audit/pair_lanes.inc"
#undef GPUBENCH_TARGET
#undef GPUBENCH_WIDTH
}  // namespace any_level

#if defined(__x86_64__)

// clang++ inlines first and splits later: it needs the target at the outermost function alone.
#if !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
namespace avx2 {
#define GPUBENCH_WIDTH 4
#define GPUBENCH_TARGET __attribute__((target("avx2")))
#include "audit/pair_lanes.inc"
#undef GPUBENCH_TARGET
#undef GPUBENCH_WIDTH
}  // namespace avx2
#if !defined(__clang__)
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw")
#endif
namespace avx512 {
#define GPUBENCH_WIDTH 8
#define GPUBENCH_TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw")))
#include "audit/pair_lanes.inc"
#undef GPUBENCH_TARGET
#undef GPUBENCH_WIDTH
}  // namespace avx512
#if !defined(__clang__)
#pragma GCC pop_options
#endif

#endif  // __x86_64__

using TakeAll = void (*)(double* references, double* outputs, std::size_t padded, double typical,
                         PairSums& sums);

TakeAll choose() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    return avx512::take_all;
  }
  if (__builtin_cpu_supports("avx2")) return avx2::take_all;
#endif
  return any_level::take_all;
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
  static const TakeAll take_all = choose();
  take_all(reference.data(), output.data(), reference.size(), typical, sums);
  // Padding is a pair of zeros: it compares, is identical, and is nothing else.
  const std::uint64_t padding = reference.size() - count;
  sums.compared -= padding;
  sums.identical -= padding;
}

}  // namespace gpubench
