#include "drift/tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "unit/drift/emulated_paths.h"

namespace gpubench {
namespace {

using namespace emulation;

const Path& path_named(const std::string& name) {
  static const std::vector<Path> all = paths();
  return *std::find_if(all.begin(), all.end(), [&](const Path& path) { return path.name == name; });
}

/// One product by one path: inputs, reference and tolerance.
struct Trial {
  Matrices in;
  Expected expected;
  Tolerance tolerance;

  Trial(const Path& path, std::uint64_t m, std::uint64_t n, std::uint64_t k, Data data,
        std::uint64_t seed)
      : in(make_matrices(m, n, k, data, seed, path.stored.bits == kF16.bits)),
        expected(expect(in)),
        tolerance(make_tolerance(tolerance_input(path, in, expected, kind_of(data)))) {}

  [[nodiscard]] DriftMetrics measure(const std::vector<float>& output) const {
    return measure_drift({output, {}}, expected.view(), tolerance);
  }
  [[nodiscard]] DriftMetrics measure(const Dot& dot) const { return measure(multiply(in, dot)); }
};

bool fails(const DriftMetrics& metrics) {
  return metrics.violations > 0 || metrics.frobenius_ratio > 1 || metrics.oracle_bound_ratio > 1;
}

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

// √(2 ln(2·1/1e-9)): deviations that one output is granted.
constexpr double kOneOutput = 6.5447;
constexpr double kU32 = 0x1p-24;
constexpr double kU16 = 0x1p-11;

TEST(Tolerance, PartInTheResultGrowsWithTheRootOfK) {
  ToleranceInput input;
  input.k = 1200;  // k/3 + 1 = 401; output and reference both round

  const Tolerance tolerance = make_tolerance(input);

  EXPECT_NEAR(tolerance.rms_reference / kU32, 0.4247 * std::sqrt(2 * 401.0), 1e-6);
  EXPECT_NEAR(tolerance.reference / kU32, kOneOutput * 0.4247 * std::sqrt(2 * 401.0), 1e-2);
}

TEST(Tolerance, LimitsWidenWithTheNumberOfOutputs) {
  // √(2 ln(2·16384²/1e-9)) = 9.049
  ToleranceInput input;
  input.k = 1 << 20;
  input.rows = input.columns = 16384;

  EXPECT_NEAR(make_tolerance(input).scale / kU32, 0.4247 * 9.049, 1e-2);
}

TEST(Tolerance, RoundedInputsCountOncePerFactor) {
  ToleranceInput input;
  input.k = 100;
  input.multiplied = kBf16;  // √2·0.4247·2^-8, over √100 for the part in r·c

  const Tolerance tolerance = make_tolerance(input);

  EXPECT_NEAR(tolerance.rms_scale, std::sqrt(2.0) * 0.4247 * 0x1p-8 / 10, 1e-7);
  EXPECT_NEAR(tolerance.rms_reference, std::sqrt(2.0) * 0.4247 * 0x1p-8, 1e-7);
  input.data = DataKind::structured;
  EXPECT_NEAR(make_tolerance(input).rms_scale, std::sqrt(2.0) * 0.4247 * 0x1p-8, 1e-7);
}

TEST(Tolerance, NarrowStoreCostsOneUlpAndAFlush) {
  ToleranceInput input;
  const Tolerance wide = make_tolerance(input);
  input.output = kF16;

  const Tolerance narrow = make_tolerance(input);

  EXPECT_DOUBLE_EQ(narrow.reference - wide.reference, 2 * kU16);
  EXPECT_DOUBLE_EQ(narrow.absolute - wide.absolute, 0x1p-14);
  EXPECT_NEAR(narrow.rms_reference, 2 * 0.4247 * kU16, 1e-9);
  EXPECT_NEAR(narrow.rms_absolute, 0x1p-25, 1e-12);
}

TEST(Tolerance, GrowingFp16SumsMayStagnate) {
  // k·u = 600/2048 = 0.293 is granted on top; at 500/2048 < 1/4 its square / 4; never more than 1.
  ToleranceInput input;
  input.accumulated = input.output = kF16;
  const auto extra = [&](std::uint64_t k) {
    input.k = k;
    input.data = DataKind::positive;
    const double positive = make_tolerance(input).reference;
    input.data = DataKind::zero_mean;
    return positive - make_tolerance(input).reference;
  };

  EXPECT_NEAR(extra(500), 500.0 / 2048 * 500 / 2048 / 4, 1e-12);
  EXPECT_NEAR(extra(600), 600.0 / 2048, 1e-12);
  EXPECT_NEAR(extra(4096), 1, 1e-12);
}

// 2^20 terms in strict order lose 1.5e-4 of their sum: a bias, ten times the random error.
TEST(Tolerance, MillionsOfPositiveTermsInFp32Pass) {
  const Trial trial(path_named("fp32"), 4, 4, 1 << 20, Data::uniform01, 5);

  const DriftMetrics honest = trial.measure(dot_f32);
  const DriftMetrics truncated = trial.measure(dot_f32_truncated);

  EXPECT_GT(honest.rel_fro_err, 5e-5);
  EXPECT_FALSE(fails(honest)) << honest.bound_ratio << ' ' << honest.frobenius_ratio;
  EXPECT_TRUE(fails(truncated)) << truncated.bound_ratio;
}

TEST(Tolerance, TinyProductsMayAllBeFlushed) {
  // Products of rms 2^-30 are all below fp16's 2^-14: each of the 50 may lose up to that.
  ToleranceInput input;
  input.k = 50;
  input.accumulated = input.output = kF16;
  input.product_rms = 0x1p-30;

  EXPECT_NEAR(make_tolerance(input).absolute, 0x1p-14 * (4 + 50 * 2 / 3.14159265), 1e-7);
  input.product_rms = 1;
  EXPECT_LT(make_tolerance(input).absolute, 0x1p-14 * 5);
}

TEST(Tolerance, ActivationsPassErrorsOnByTheirSlope) {
  ToleranceInput input;
  input.k = 64;
  const Tolerance before = make_tolerance(input);
  const double ulp = 0x1p-22;  // of output and reference together: 2·(2^-24 + 2^-24)

  input.activation = ActivationKind::gelu;
  const Tolerance gelu = make_tolerance(input);
  EXPECT_DOUBLE_EQ(gelu.scale, 1.13 * before.scale);
  EXPECT_DOUBLE_EQ(gelu.row, 1.13 * before.row);
  EXPECT_DOUBLE_EQ(gelu.reference, 1.2 * before.reference + 4 * ulp);
  EXPECT_NEAR(gelu.absolute, 0.25 * before.reference + 10 * ulp, 1e-12);

  input.activation = ActivationKind::silu;
  const Tolerance silu = make_tolerance(input);
  EXPECT_DOUBLE_EQ(silu.scale, 1.1 * before.scale);
  EXPECT_DOUBLE_EQ(silu.reference, 1.2 * before.reference + 8 * ulp);
  EXPECT_NEAR(silu.absolute, 0.25 * before.reference + 2 * ulp, 1e-12);

  input.activation = ActivationKind::sigmoid;
  const Tolerance sigmoid = make_tolerance(input);
  EXPECT_DOUBLE_EQ(sigmoid.scale, 0.25 * before.scale);
  EXPECT_DOUBLE_EQ(sigmoid.reference, 4 * ulp);
  EXPECT_NEAR(sigmoid.absolute, 0.23 * before.reference + 1 * ulp, 1e-12);
  EXPECT_EQ(sigmoid.cancelled_below, 0);

  input.activation = ActivationKind::relu;
  EXPECT_DOUBLE_EQ(make_tolerance(input).scale, before.scale);
  EXPECT_EQ(make_tolerance(input).cancelled_below, 0x1p-10);
}

TEST(Tolerance, SoftmaxAddsUpVulkansBounds) {
  // n = 1: 4·3 + 7 ulp-halves and 5·4 of the tangent, for output and reference; the sum's own.
  ToleranceInput input;
  input.operation = Operation::softmax;
  const double sums = kOneOutput * std::sqrt(2.0) * 0.4247 * std::sqrt(4.0 / 3);

  const Tolerance one = make_tolerance(input);

  EXPECT_NEAR(one.reference / kU32, 2 * (12 + 7 + 20) + sums, 1e-2);
  EXPECT_NEAR(one.scale / kU32, 2 * 5 * std::exp(-5.0), 1e-9);
  EXPECT_EQ(one.cancelled_below, 0);
  // fp16 exp: 4·1 + 7 and 20 of u16; inputs up to 3 are rounded to fp16, which costs 2·3·u16.
  input.multiplied = kF16;
  input.largest_input = 3;
  EXPECT_NEAR(make_tolerance(input).reference / kU16, 31 + 6, 0.1);
}

// bf16 is 4 apart from 512 to 1024: x and max are off by up to 2 each, the output by e^4 and more.
TEST(Tolerance, SoftmaxOfLargeRoundedInputsMayBeOffByManyTimes) {
  ToleranceInput input;
  input.operation = Operation::softmax;
  input.multiplied = kBf16;
  const double before = make_tolerance(input).reference;
  input.largest_input = 1000;

  EXPECT_NEAR(make_tolerance(input).reference - before, std::expm1(2 * 1000 / 256.0), 1e-9);
}

TEST(Tolerance, OverflowIsExplainedFromHalfTheAccumulatorsRangeOn) {
  ToleranceInput input;
  EXPECT_EQ(make_tolerance(input).overflow_scale, kF32.largest / 2);
  input.accumulated = kF16;
  EXPECT_EQ(make_tolerance(input).overflow_scale, 32752);
  input.multiplied = kF16;
  input.largest_input = 65504;
  EXPECT_EQ(make_tolerance(input).overflow_scale, 32752);
  input.largest_input = 65505;
  EXPECT_EQ(make_tolerance(input).overflow_scale, 0);
}

TEST(Tolerance, FlushedSubnormalInputsPassWhereTheDataHasThem) {
  // All of A is subnormal in fp16 and flushed; B is ordinary.
  const Path& path = path_named("fp16_acc32");
  Trial trial(path, 6, 6, 64, Data::normal, 8);
  for (float& a : trial.in.a) a = round_to_half(a * 0x1p-17F);
  trial.expected = expect(trial.in);
  ToleranceInput input = tolerance_input(path, trial.in, trial.expected, DataKind::zero_mean);
  input.subnormal_share = 0.5;
  const std::vector<float> zeros(36, 0.0F);

  EXPECT_FALSE(measure_drift({zeros, {}}, trial.expected.view(), make_tolerance(input)).violations >
               0);
}

float activate(ActivationKind kind, float z) {
  switch (kind) {
    case ActivationKind::none:
      return z;
    case ActivationKind::relu:
      return std::max(z, 0.0F);
    case ActivationKind::gelu:
      return 0.5F * z * (1 + std::tanh(0.7978845608F * (z + 0.044715F * z * z * z)));
    case ActivationKind::silu:
      return z / (1 + std::exp(-z));
    case ActivationKind::sigmoid:
      return 1 / (1 + std::exp(-z));
  }
  return 0;
}

constexpr ActivationKind kActivations[] = {ActivationKind::none, ActivationKind::relu,
                                           ActivationKind::gelu, ActivationKind::silu,
                                           ActivationKind::sigmoid};

/// A linear layer whose weights are scaled so that z is of order one, as in a trained net.
struct LinearTrial {
  Matrices in;
  Expected expected;
  Tolerance tolerance;

  LinearTrial(const Path& path, ActivationKind kind, std::uint64_t k, std::uint64_t seed)
      : in(make_matrices(9, 11, k, Data::normal, seed, false)) {
    for (float& w : in.bt) w *= 2 / std::sqrt(static_cast<float>(k));
    if (path.stored.bits == kF16.bits) {
      for (float& w : in.bt) w = round_to_half(w);
      for (float& x : in.a) x = round_to_half(x);
    }
    expected = expect(in);
    ToleranceInput input = tolerance_input(path, in, expected, DataKind::zero_mean);
    input.activation = kind;
    tolerance = make_tolerance(input);
    for (float& value : expected.values) value = activate(kind, value);
    expected.oracle = {};
  }

  [[nodiscard]] DriftMetrics measure(const Dot& dot, ActivationKind kind, bool half) const {
    std::vector<float> output = multiply(in, dot);
    for (float& value : output) {
      value = activate(kind, value);
      if (half) value = round_to_half(value);
    }
    ReferenceView view = expected.view();
    view.oracle = nullptr;
    return measure_drift({output, {}}, view, tolerance);
  }
};

TEST(Tolerance, HonestActivationsPass) {
  for (const char* name : {"fp32", "fp16_acc32", "fp16", "fp32_via_fp16"}) {
    const Path& path = path_named(name);
    for (const ActivationKind kind : kActivations) {
      for (const std::uint64_t k : {1U, 4U, 33U, 512U}) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
          const DriftMetrics metrics =
              LinearTrial(path, kind, k, seed)
                  .measure(path.honest, kind, path.accumulated.bits == kF16.bits);
          EXPECT_FALSE(fails(metrics))
              << name << " activation " << static_cast<int>(kind) << " k " << k << " ratio "
              << metrics.bound_ratio << ' ' << metrics.frobenius_ratio;
        }
      }
    }
  }
}

TEST(Tolerance, Tf32InputsAreSeenThroughEveryActivation) {
  const Path& path = path_named("fp32");
  for (const ActivationKind kind : kActivations) {
    const LinearTrial trial(path, kind, 512, 1);
    EXPECT_TRUE(fails(trial.measure(path.lower, kind, false))) << static_cast<int>(kind);
  }
}

/// exp and quotient as `round` stores them, sum in fp32.
std::vector<float> softmax_row(const std::vector<float>& x, float (*round)(float)) {
  const float largest = *std::max_element(x.begin(), x.end());
  std::vector<float> g;
  float sum = 0;
  for (const float value : x) {
    g.push_back(round(std::exp(round(value - largest))));
    sum += g.back();
  }
  for (float& value : g) value = round(value / sum);
  return g;
}

float as_is(float value) {
  return value;
}

struct SoftmaxTrial {
  std::vector<float> x;
  std::vector<float> values;
  std::vector<double> row_scale, column_scale;

  SoftmaxTrial(std::uint64_t n, double spread, std::uint64_t seed) : column_scale(n, 1.0) {
    Random random(seed);
    for (std::uint64_t j = 0; j < n; ++j) {
      x.push_back(round_to_half(static_cast<float>(spread * random.normal())));
    }
    values = softmax_row(x, as_is);
    row_scale = {static_cast<double>(*std::max_element(values.begin(), values.end()))};
  }

  [[nodiscard]] DriftMetrics measure(const std::vector<float>& output,
                                     const ToleranceInput& base) const {
    ToleranceInput input = base;
    input.operation = Operation::softmax;
    input.columns = x.size();
    ReferenceView view;
    view.rows = view.rows_per_batch = 1;
    view.columns = x.size();
    view.values = values;
    view.row_scale = row_scale;
    view.column_scale = column_scale;
    return measure_drift({output, {}}, view, make_tolerance(input));
  }
};

ToleranceInput softmax_input(const FormatFacts& exponential, const FormatFacts& output) {
  ToleranceInput input;
  input.stored = output;
  input.multiplied = exponential;
  input.output = output;
  return input;
}

TEST(Tolerance, HonestSoftmaxPasses) {
  for (const std::uint64_t n : {1U, 2U, 17U, 1000U, 4096U}) {
    for (const double spread : {0.0, 1.0, 10.0}) {
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const SoftmaxTrial trial(n, spread, seed);
        std::vector<float> stored_half = trial.values;
        for (float& value : stored_half) value = truncate_to_half(value);

        EXPECT_FALSE(fails(trial.measure(trial.values, softmax_input(kF32, kF32))));
        EXPECT_FALSE(fails(trial.measure(stored_half, softmax_input(kF32, kF16)))) << n;
        EXPECT_FALSE(
            fails(trial.measure(softmax_row(trial.x, round_to_half), softmax_input(kF16, kF16))))
            << n << ' ' << spread;
      }
    }
  }
}

// Terms of 1 - 3e-5 in the mean, added to sums from 2048 on that are multiples of 2.4e-4: nearly
// each of them is rounded up to 1, and the results come out too small by 1 to 2 in 10^5.
TEST(Tolerance, SoftmaxOfNearlyEqualInputsIsStructured) {
  SoftmaxTrial trial(4099, 0.0, 1);
  Random random(3);
  for (float& x : trial.x) x = static_cast<float>(6e-5 * random.uniform01());
  const std::vector<float> output = softmax_row(trial.x, as_is);
  double sum = 0;
  for (const float x : trial.x) sum += std::exp(double{x});
  for (std::size_t i = 0; i < trial.x.size(); ++i) {
    trial.values[i] = static_cast<float>(std::exp(double{trial.x[i]}) / sum);
  }

  ToleranceInput input = softmax_input(kF32, kF32);
  EXPECT_TRUE(fails(trial.measure(output, input)));
  input.data = DataKind::structured;
  EXPECT_FALSE(fails(trial.measure(output, input)));
  EXPECT_TRUE(fails(trial.measure(softmax_row(trial.x, round_to_half), input)));
}

TEST(Tolerance, SoftmaxInFp16DeclaredFp32Fails) {
  for (const std::uint64_t n : {17U, 1000U, 4096U}) {
    const SoftmaxTrial trial(n, 1.0, 2);
    EXPECT_TRUE(
        fails(trial.measure(softmax_row(trial.x, round_to_half), softmax_input(kF32, kF32))));
  }
}

TEST(Tolerance, SoftmaxWithoutItsLastElementFails) {
  const SoftmaxTrial trial(1000, 1.0, 2);
  std::vector<float> shorter = trial.x;
  shorter.pop_back();
  std::vector<float> output = softmax_row(shorter, as_is);
  output.push_back(0);

  EXPECT_TRUE(fails(trial.measure(output, softmax_input(kF32, kF32))));
  EXPECT_TRUE(fails(trial.measure(output, softmax_input(kF32, kF16))));
}

}  // namespace
}  // namespace gpubench
