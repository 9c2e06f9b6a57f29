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

}  // namespace
}  // namespace gpubench
