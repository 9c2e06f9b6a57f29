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
