#include "audit/judgement.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "unit/audit/made_arrays.h"

namespace gpubench {
namespace {

using audit_tests::audited;
using audit_tests::fp32_products;
using audit_tests::normal_floats;
using audit_tests::rounded;
using audit_tests::Values;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

const Values kPublishedCpu = {0.6480752, -0.34015813, 1.4329923};
const Values kPublishedGpu = {0.6484375, -0.34033203125, 1.4326171875};

Values doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}
float to_half(float value) {
  return round_to_half(value);
}
float truncated_to_half(float value) {
  // 13 of fp32's 23 fraction bits are cut off; all values here are normal in fp16.
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xFFFFE000U);
}

/// Magnitudes from 2^-60 to 2^60, beyond all that fp16 has.
Values wide_values(std::uint64_t seed, std::size_t count) {
  Values values;
  for (const float value : normal_floats(seed, count)) {
    const int shift = static_cast<int>(values.size() * 7 % 121) - 60;
    values.push_back(static_cast<double>(std::ldexp(value, shift)));
  }
  return values;
}

TEST(Judgement, PublishedCaseIsFp16StorageAndReducedInternals) {
  const PairJudgement judgement = audited(kPublishedCpu, kPublishedGpu).judgement;

  EXPECT_EQ(judgement.verdict, AuditVerdict::downgraded);
  EXPECT_EQ(judgement.storage, Lattice::fp16);
  EXPECT_TRUE(judgement.tf32_fits_as_well);
  EXPECT_EQ(judgement.internals, InternalsFinding::reduced);
  EXPECT_FALSE(judgement.directed_rounding);
}

TEST(Judgement, PublishedFp32PathsAreConfirmed) {
  // Off by 1.17e-7 at most, as the published FP32 paths were among each other.
  const PairJudgement judgement =
      audited(kPublishedCpu, {0.64807528, -0.34015816, 1.4329922}).judgement;

  EXPECT_EQ(judgement.verdict, AuditVerdict::confirmed);
  EXPECT_EQ(judgement.internals, InternalsFinding::fp32_like);
}

TEST(Judgement, Fp32IsNeverAccusedOverAThousandSeeds) {
  std::uint64_t confirmed = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::size_t count = seed % 5 == 0 ? 1 + seed % 7 : 64 + seed % 200;
    const auto products = fp32_products(seed, count, 4 + seed % 60);

    const AuditVerdict verdict = audited(products.forwards, products.backwards).judgement.verdict;

    EXPECT_NE(verdict, AuditVerdict::downgraded) << seed;
    EXPECT_NE(verdict, AuditVerdict::wrong) << seed;
    EXPECT_NE(verdict, AuditVerdict::unresolved) << seed;
    confirmed += verdict == AuditVerdict::confirmed;
  }
  // The rest are arrays of one or two values, of which nothing can be said.
  EXPECT_GT(confirmed, 900U);
}

TEST(Judgement, RoundedDataAreAlwaysNamed) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Values values = doubles(normal_floats(seed, 3 + seed % 300));
    const Values wide = wide_values(seed, 100 + seed % 300);

    const auto fp16 = audited(values, rounded(values, to_half)).judgement;
    const auto bf16 = audited(values, rounded(values, round_to_bf16)).judgement;
    const auto tf32 = audited(wide, rounded(wide, round_to_tf32)).judgement;

    ASSERT_EQ(fp16.verdict, AuditVerdict::downgraded) << seed;
    ASSERT_EQ(fp16.storage, Lattice::fp16) << seed;
    ASSERT_EQ(bf16.verdict, AuditVerdict::downgraded) << seed;
    ASSERT_EQ(bf16.storage, Lattice::bf16) << seed;
    ASSERT_EQ(tf32.verdict, AuditVerdict::downgraded) << seed;
    ASSERT_EQ(tf32.storage, Lattice::tf32) << seed;
  }
}

TEST(Judgement, Fp16AndTf32AreOneWhereNoValueTellsThemApart) {
  const Values values = doubles(normal_floats(1, 500));

  const auto tf32 = audited(values, rounded(values, round_to_tf32)).judgement;

  EXPECT_EQ(tf32.storage, Lattice::fp16);
  EXPECT_TRUE(tf32.tf32_fits_as_well);
}

TEST(Judgement, SmallValuesTellFp16FromTf32) {
  Values values = doubles(normal_floats(1, 500));
  for (double& value : values) value *= 0x1p-18;

  const auto fp16 = audited(values, rounded(values, to_half)).judgement;

  EXPECT_EQ(fp16.storage, Lattice::fp16);
  EXPECT_FALSE(fp16.tf32_fits_as_well);
}

TEST(Judgement, CastAtTheEndLeavesTheInternalsAsFp32) {
  const auto products = fp32_products(2, 3000, 64);

  const auto judgement = audited(products.forwards, rounded(products.backwards, to_half)).judgement;

  EXPECT_EQ(judgement.verdict, AuditVerdict::downgraded);
  EXPECT_EQ(judgement.internals, InternalsFinding::fp32_like);
}

TEST(Judgement, TruncatingCastIsNotCalledReducedInternals) {
  Values values = doubles(normal_floats(4, 3000));
  std::erase_if(values, [](double value) { return std::abs(value) < 0x1p-14; });

  const auto judgement = audited(values, rounded(values, truncated_to_half)).judgement;

  EXPECT_EQ(judgement.storage, Lattice::fp16);
  EXPECT_TRUE(judgement.directed_rounding);
  EXPECT_NE(judgement.internals, InternalsFinding::reduced);
}

TEST(Judgement, ReducedInternalsBehindFp16StorageAreSeen) {
  // Each value 0.8 ulp off before it is stored, up and down in turns.
  Values reference = doubles(normal_floats(6, 400)), output;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double ulp = std::ldexp(1, std::ilogb(reference[i]) - 10);
    const double moved = reference[i] + (i % 2 == 0 ? 0.8 : -0.8) * ulp;
    output.push_back(static_cast<double>(round_to_half(static_cast<float>(moved))));
  }

  EXPECT_EQ(audited(reference, output).judgement.internals, InternalsFinding::reduced);
}

TEST(Judgement, ShortInputsBehindFp32StorageAreUnresolvedNotAccused) {
  // Inputs in TF32, sums and outputs in FP32: the round trip cannot see it, the error can.
  const auto a = normal_floats(8, 2000 * 32), b = normal_floats(9, 2000 * 32);
  Values reference, output;
  for (std::size_t i = 0; i < 2000; ++i) {
    float exact = 0, reduced = 0;
    for (std::size_t k = i * 32; k < (i + 1) * 32; ++k) {
      exact += a[k] * b[k];
      reduced += round_to_tf32(a[k]) * round_to_tf32(b[k]);
    }
    reference.push_back(static_cast<double>(exact));
    output.push_back(static_cast<double>(reduced));
  }

  const auto judgement = audited(reference, output).judgement;

  EXPECT_EQ(judgement.verdict, AuditVerdict::unresolved);
  EXPECT_EQ(judgement.reason, AuditReason::error_unexplained);
  EXPECT_EQ(judgement.storage_finding, StorageFinding::off_grid);
  EXPECT_NEAR(judgement.estimated_bits, 11, 0.5);
  EXPECT_EQ(audited(reference, output, Declared::tf32).judgement.verdict, AuditVerdict::confirmed);
}

TEST(Judgement, ConstantDataAreInconclusive) {
  const auto judgement = audited(Values(500, 0.6480752), Values(500, 0.6484375)).judgement;

  EXPECT_EQ(judgement.verdict, AuditVerdict::inconclusive);
  EXPECT_EQ(judgement.reason, AuditReason::too_few_values);
}

TEST(Judgement, ExactlyRepresentableDataAreInconclusive) {
  Values integers;
  for (int i = 1; i <= 500; ++i) integers.push_back(i);

  const auto judgement = audited(integers, integers).judgement;

  EXPECT_EQ(judgement.verdict, AuditVerdict::inconclusive);
  EXPECT_EQ(judgement.reason, AuditReason::exact_data);
}

TEST(Judgement, ReferenceWithNoiseAroundExactValuesIsInconclusiveToo) {
  // An FP64 reference of what is exact in FP32: near the grid, not on it.
  Values reference, output;
  for (int i = 1; i <= 500; ++i) {
    reference.push_back(i * (1 + 1e-9));
    output.push_back(i);
  }

  EXPECT_EQ(audited(reference, output).judgement.verdict, AuditVerdict::inconclusive);
}

TEST(Judgement, OneOrTwoValuesAreTooFew) {
  for (const std::size_t count : {1, 2}) {
    const Values cpu(kPublishedCpu.begin(), kPublishedCpu.begin() + static_cast<int>(count));
    const Values gpu(kPublishedGpu.begin(), kPublishedGpu.begin() + static_cast<int>(count));
    EXPECT_EQ(audited(cpu, gpu).judgement.verdict, AuditVerdict::inconclusive) << count;
    // Nor do they clear a path: FP16 arithmetic meets an FP32 value by luck now and then.
    EXPECT_EQ(audited(cpu, cpu).judgement.verdict, AuditVerdict::inconclusive) << count;
    // Two bf16 values have a chance of 2^-32, but what two values are is no pattern.
    const Values bf16 = rounded(cpu, round_to_bf16);
    EXPECT_EQ(audited(cpu, bf16).judgement.verdict, AuditVerdict::inconclusive) << count;
  }
}

TEST(Judgement, PartOnTheGridIsUnresolved) {
  const Values reference = doubles(normal_floats(12, 1000));
  Values output = reference;
  for (std::size_t i = 0; i < 300; ++i) {
    output[i] = static_cast<double>(round_to_half(static_cast<float>(output[i])));
  }

  const auto judgement = audited(reference, output).judgement;

  EXPECT_EQ(judgement.verdict, AuditVerdict::unresolved);
  EXPECT_EQ(judgement.storage_finding, StorageFinding::in_part);
}

TEST(Judgement, DecimalsCutShortAreNotCalledAFormat) {
  // Two decimals: quarters are on every grid, the rest on none.
  const Values reference = doubles(normal_floats(13, 1000));
  Values output;
  for (const double value : reference) output.push_back(std::nearbyint(value * 100) / 100);

  EXPECT_EQ(audited(reference, output).judgement.verdict, AuditVerdict::unresolved);
}

TEST(Judgement, FewElementsFarOffAreNotConfirmed) {
  const Values reference = doubles(normal_floats(14, 100000));
  Values output = reference;
  output[777] += 1e-3;

  const auto audit = audited(reference, output);

  EXPECT_EQ(audit.judgement.verdict, AuditVerdict::unresolved);
  EXPECT_EQ(audit.judgement.reason, AuditReason::outliers);
  EXPECT_EQ(audit.pair.worst_index, 777U);
}

TEST(Judgement, NaNAndStrayInfinityAreWrong) {
  Values reference = doubles(normal_floats(15, 100)), output = reference;
  output[3] = kNan;
  EXPECT_EQ(audited(reference, output).judgement.reason, AuditReason::nan_output);

  output[3] = -kInf;
  EXPECT_EQ(audited(reference, output).judgement.reason, AuditReason::infinite_output);
  EXPECT_EQ(audited(reference, output).judgement.verdict, AuditVerdict::wrong);
}

TEST(Judgement, AnotherArrayIsWrong) {
  EXPECT_EQ(
      audited(doubles(normal_floats(16, 100)), doubles(normal_floats(17, 100))).judgement.reason,
      AuditReason::unlike_reference);
}

TEST(Judgement, OverflowAtFp16sRangeIsADowngrade) {
  // Exact integers, so that only the range speaks; small ones stay, large ones are cut off.
  Values reference, clamped, overflowed;
  for (int i = 1; i <= 200; ++i) {
    reference.push_back(i * 1024.0);
    clamped.push_back(std::min(i * 1024.0, 65504.0));
    overflowed.push_back(i * 1024.0 > 65504 ? kInf : i * 1024.0);
  }

  for (const Values& output : {clamped, overflowed}) {
    const auto judgement = audited(reference, output).judgement;
    EXPECT_EQ(judgement.verdict, AuditVerdict::downgraded);
    EXPECT_EQ(judgement.reason, AuditReason::fp16_range);
  }
}

TEST(Judgement, OneLargeValueThatStaysRulesFp16sRangeOut) {
  Values reference, output;
  for (int i = 1; i <= 200; ++i) {
    reference.push_back(i * 1024.0);
    output.push_back(i * 1024.0 > 65504 && i != 100 ? kInf : i * 1024.0);
  }

  EXPECT_EQ(audited(reference, output).judgement.verdict, AuditVerdict::inconclusive);
}

TEST(Judgement, DeclaredFp16IsConfirmedAndFinerIsBetter) {
  const auto products = fp32_products(18, 3000, 16);
  const Values stored = rounded(products.backwards, to_half);

  EXPECT_EQ(audited(products.forwards, stored, Declared::fp16).judgement.verdict,
            AuditVerdict::confirmed);
  const auto finer = audited(products.forwards, products.backwards, Declared::fp16).judgement;
  EXPECT_EQ(finer.verdict, AuditVerdict::confirmed);
  EXPECT_EQ(finer.reason, AuditReason::better);
  const Values bf16 = rounded(products.backwards, round_to_bf16);
  EXPECT_EQ(audited(products.forwards, bf16, Declared::fp16).judgement.verdict,
            AuditVerdict::downgraded);
  EXPECT_EQ(audited(products.forwards, bf16, Declared::bf16).judgement.verdict,
            AuditVerdict::confirmed);
}

TEST(Judgement, EveryWordHasAName) {
  EXPECT_EQ(to_string(AuditVerdict::wrong), "wrong");
  EXPECT_EQ(to_string(AuditReason::better), "better");
  EXPECT_EQ(to_string(StorageFinding::in_part), "in_part");
  EXPECT_EQ(to_string(InternalsFinding::unclear), "unclear");
}

}  // namespace
}  // namespace gpubench
