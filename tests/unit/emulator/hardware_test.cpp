// The emulator against dot products that this CPU has instructions for.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "emulator/matmul.h"
#include "unit/emulator/cpu_features.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <cstdint>

namespace gpubench {
namespace {

using Values = std::vector<float>;

/// Zero-mean, full significands, exponents over some twenty binades.
Values spread_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Values values(count);
  for (float& value : values) value = normal(random) * std::exp2(4 * normal(random));
  return values;
}

[[gnu::target("avx512bf16,avx512vl")]] __m128bh bf16_pair(const float* of) {
  return _mm_cvtne2ps_pbh(_mm_setzero_ps(), _mm_setr_ps(of[0], of[1], 0, 0));
}

/// sum + a[0]·b[0] + a[1]·b[1], with the inputs in bf16.
[[gnu::target("avx512bf16,avx512vl")]] float add_bf16_pair(float sum, const float* a,
                                                           const float* b) {
  return _mm_cvtss_f32(_mm_dpbf16_ps(_mm_set_ss(sum), bf16_pair(a), bf16_pair(b)));
}

// The instruction fuses twice, the upper element of a pair first, and keeps no subnormals (Intel
// SDM, VDPBF16PS).
TEST(EmulateMatmul, Bf16PairsAreTheCpusVdpbf16ps) {
  if (!cpu_has_avx512_bf16()) GTEST_SKIP() << "this CPU has no AVX512-BF16";
  constexpr std::size_t kLength = 64;
  constexpr NumberRule kInput = {.format = NumberFormat::bf16, .subnormals = Subnormals::flush};
  const MatmulArithmetic arithmetic = {.a = kInput,
                                       .b = kInput,
                                       .multiply_add = MultiplyAdd::fused,
                                       .accumulator = {.subnormals = Subnormals::flush}};
  std::size_t wrong = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Values a = spread_values(kLength, 2 * seed);
    Values b = spread_values(kLength, 2 * seed + 1);
    float expected = 0;
    for (std::size_t k = 0; k < kLength; k += 2) {
      expected = add_bf16_pair(expected, &a[k], &b[k]);
      std::swap(a[k], a[k + 1]);
      std::swap(b[k], b[k + 1]);
    }

    wrong += emulate_matmul(arithmetic, {1, 1, kLength}, a, b).front() != expected ? 1 : 0;
  }
  EXPECT_EQ(wrong, 0U);
}

[[gnu::target("f16c")]] __m128 through_fp16(float value) {
  return _mm_cvtph_ps(_mm_cvtps_ph(_mm_set_ss(value), _MM_FROUND_TO_NEAREST_INT));
}

[[gnu::target("f16c,fma")]] float add_fp16_product(float sum, float a, float b) {
  return _mm_cvtss_f32(_mm_fmadd_ss(through_fp16(a), through_fp16(b), _mm_set_ss(sum)));
}

TEST(EmulateMatmul, Fp16InputsWithFp32SumsAreTheCpusF16cAndFma) {
  if (!cpu_has_f16c() || !cpu_has_fma()) GTEST_SKIP() << "this CPU has no F16C or no FMA";
  constexpr std::size_t kLength = 64;
  const MatmulArithmetic arithmetic = {
      .a = {NumberFormat::fp16}, .b = {NumberFormat::fp16}, .multiply_add = MultiplyAdd::fused};
  std::size_t wrong = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const Values a = spread_values(kLength, 2 * seed);
    const Values b = spread_values(kLength, 2 * seed + 1);
    float expected = 0;
    for (std::size_t k = 0; k < kLength; ++k) expected = add_fp16_product(expected, a[k], b[k]);

    const float emulated = emulate_matmul(arithmetic, {1, 1, kLength}, a, b).front();
    wrong += emulated != expected && !(std::isnan(emulated) && std::isnan(expected)) ? 1 : 0;
  }
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace gpubench

#endif
