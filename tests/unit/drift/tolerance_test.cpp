#include "drift/tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "unit/drift/tolerance_trial.h"

namespace gpubench {
namespace {

using namespace emulation;

void expect_honest(const Path& path, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
  for (const Data data : {Data::normal, Data::uniform, Data::uniform01, Data::exp_spread,
                          Data::cancel, Data::small_integers}) {
    // Products of such integers stay exact in fp16 up to k = 2048.
    if (data == Data::small_integers && k > 2048) continue;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const DriftMetrics metrics = Trial(path, m, n, k, data, seed).measure(path.honest);
      EXPECT_FALSE(fails(metrics))
          << path.name << ' ' << m << 'x' << n << 'x' << k << " data " << static_cast<int>(data)
          << " seed " << seed << " ratio " << metrics.bound_ratio << ' ' << metrics.frobenius_ratio;
    }
  }
}

TEST(Tolerance, HonestPathsPassAtAwkwardShapes) {
  struct Shape {
    std::uint64_t m, n, k;
  };
  const Shape shapes[] = {{1, 1, 1},  {1, 1, 2},  {1, 17, 3},  {13, 1, 7},   {7, 5, 15}, {3, 4, 16},
                          {5, 3, 17}, {9, 8, 31}, {2, 11, 97}, {1, 1, 1023}, {4, 3, 257}};
  for (const Path& path : paths()) {
    for (const Shape& shape : shapes) expect_honest(path, shape.m, shape.n, shape.k);
  }
}

TEST(Tolerance, HonestPathsPassAtLongSums) {
  for (const Path& path : paths()) expect_honest(path, 1, 1, 4096);
}

TEST(Tolerance, NextLowerPrecisionFailsOnZeroMeanData) {
  for (const char* name : {"fp32", "fp32 fma", "fp32 strands", "fp16_acc32", "tf32"}) {
    const Path& path = path_named(name);
    for (const std::uint64_t k : {64U, 257U, 1024U, 4096U}) {
      const Trial trial(path, 12, 12, k, Data::normal, 3);

      EXPECT_TRUE(tolerance_has_power(trial.tolerance, trial.expected.view(),
                                      multiply(trial.in, path.lower)))
          << name << ' ' << k;
      EXPECT_FALSE(tolerance_has_power(trial.tolerance, trial.expected.view(),
                                       multiply(trial.in, path.honest)))
          << name << ' ' << k;
    }
  }
}

TEST(Tolerance, LongFp16SumsAreKnownToHaveNoPower) {
  const Path& path = path_named("fp16");
  const Trial trial(path, 8, 8, 1024, Data::normal, 3);

  EXPECT_FALSE(
      tolerance_has_power(trial.tolerance, trial.expected.view(), multiply(trial.in, path.lower)));
}

TEST(Tolerance, PowerNeedsAnOracleAndRows) {
  const Trial trial(path_named("fp32"), 4, 4, 64, Data::normal, 1);
  ReferenceView blind = trial.expected.view();
  blind.oracle = nullptr;

  EXPECT_FALSE(tolerance_has_power(trial.tolerance, blind, multiply(trial.in, dot_f16)));
  EXPECT_FALSE(tolerance_has_power(trial.tolerance, trial.expected.view(), {}));
}

TEST(Tolerance, MissingLastTermOf4096FailsInFp32) {
  for (const char* name : {"fp32", "fp16_acc32"}) {
    const Path& path = path_named(name);
    const Trial trial(path, 12, 12, 4096, Data::normal, 5);

    const Dot short_by_one = [&](const float* a, const float* b, std::uint64_t k) {
      return path.honest(a, b, k - 1);
    };

    EXPECT_TRUE(fails(trial.measure(short_by_one))) << name;
  }
}

TEST(Tolerance, MissingTermFailsInFp16OnIntegers) {
  const Path& path = path_named("fp16");
  const Trial trial(path, 12, 12, 2048, Data::small_integers, 5);

  const Dot short_by_one = [&](const float* a, const float* b, std::uint64_t k) {
    return path.honest(a, b, k - 1);
  };

  EXPECT_FALSE(fails(trial.measure(path.honest)));
  EXPECT_TRUE(fails(trial.measure(short_by_one)));
}

TEST(Tolerance, OneElementABitAboveItsLimitFails) {
  for (const Path& path : paths()) {
    const Trial trial(path, 16, 16, 100, Data::normal, 9);
    std::vector<float> output = trial.expected.values;
    const double allowed = trial.tolerance.allowed(trial.expected.row_scale[5],
                                                   trial.expected.column_scale[3], output[83]);

    output[83] = static_cast<float>(static_cast<double>(output[83]) + 0.99 * allowed);
    EXPECT_EQ(trial.measure(output).violations, 0U) << path.name;
    output[83] =
        static_cast<float>(static_cast<double>(trial.expected.values[83]) + 1.01 * allowed);
    const DriftMetrics metrics = trial.measure(output);
    EXPECT_EQ(metrics.violations, 1U) << path.name;
    EXPECT_EQ(metrics.worst_index, 83U) << path.name;
  }
}

TEST(Tolerance, SwappedStrideFailsOnEveryPath) {
  for (const Path& path : paths()) {
    const Trial trial(path, 12, 13, 60, Data::normal, 2);
    Matrices swapped = trial.in;
    for (std::uint64_t j = 0; j < swapped.n; ++j) {
      for (std::uint64_t t = 0; t < swapped.k; ++t) {
        swapped.bt[j * swapped.k + t] = trial.in.bt[t * swapped.n + j];
      }
    }

    EXPECT_TRUE(fails(trial.measure(multiply(swapped, path.honest)))) << path.name;
  }
}

TEST(Tolerance, ExactDataMustMatchBitForBit) {
  const Trial trial(path_named("fp32"), 6, 6, 50, Data::small_integers, 1);
  ASSERT_TRUE(trial.tolerance.exact);
  std::vector<float> output = trial.expected.values;
  EXPECT_EQ(trial.measure(output).violations, 0U);
  EXPECT_EQ(trial.measure(output).bound_ratio, 0);

  for (float& value : output) {
    const float kept = value;
    value = std::nextafter(value, 100.0F);
    EXPECT_EQ(trial.measure(output).violations, 1U) << kept;
    value = kept;
  }
}

TEST(Tolerance, TruncatedSumsPassOnlyWhereAnyDirectionIsAllowed) {
  const Path& path = path_named("fp32");
  const Trial trial(path, 8, 8, 4096, Data::uniform01, 4);
  ToleranceInput input = tolerance_input(path, trial.in, trial.expected, DataKind::positive);
  input.rounding = Rounding::any_direction;
  const std::vector<float> output = multiply(trial.in, dot_f32_truncated);

  const DriftMetrics allowed =
      measure_drift({output, {}}, trial.expected.view(), make_tolerance(input));

  EXPECT_FALSE(fails(allowed));
  EXPECT_TRUE(fails(trial.measure(output)));
}

TEST(Tolerance, RelaxedAllowsWhatFp16Computes) {
  const Path& path = path_named("fp32");
  const Trial trial(path, 8, 8, 256, Data::normal, 4);
  ToleranceInput input = tolerance_input(path, trial.in, trial.expected, DataKind::zero_mean);
  input.relaxed = true;
  const std::vector<float> output = multiply(trial.in, dot_f16);

  const Tolerance relaxed = make_tolerance(input);

  EXPECT_FALSE(fails(measure_drift({output, {}}, trial.expected.view(), relaxed)));
  EXPECT_TRUE(fails(trial.measure(output)));
  EXPECT_EQ(relaxed.rule, "relaxed_sqrt_k(in=f16,acc=f16,out=f16,zero_mean)");
}

TEST(Tolerance, RuleNamesFormatsAndData) {
  ToleranceInput input;
  EXPECT_EQ(make_tolerance(input).rule, "sqrt_k(in=f32,acc=f32,out=f32,zero_mean)");
  input.multiplied = kTf32;
  input.output = kF16;
  input.data = DataKind::positive;
  input.rounding = Rounding::any_direction;
  input.activation = ActivationKind::gelu;
  EXPECT_EQ(make_tolerance(input).rule, "linear_k(in=tf32,acc=f32,out=f16,positive,gelu)");
  input.operation = Operation::softmax;
  input.multiplied = kBf16;
  EXPECT_EQ(make_tolerance(input).rule, "spec_softmax(in=bf16,acc=f32,out=f16)");
  input.data = DataKind::exact;
  EXPECT_EQ(make_tolerance(input).rule, "exact");
}

TEST(Tolerance, ScaleOfZeroMeanDataHardlyDependsOnK) {
  // 0.4247·u·√(1/2 + 1/k)·√2, times √(2 ln(2e9)) = 6.545 deviations for one output, at k → ∞.
  ToleranceInput input;
  input.k = 1 << 20;

  EXPECT_NEAR(make_tolerance(input).scale / 0x1p-24, 0.4247 * 6.545, 1e-2);
  input.data = DataKind::structured;
  EXPECT_NEAR(make_tolerance(input).scale / 0x1p-24, 0.4247 * 6.545 * 1024 * std::sqrt(2.0), 10);
}

}  // namespace
}  // namespace gpubench
