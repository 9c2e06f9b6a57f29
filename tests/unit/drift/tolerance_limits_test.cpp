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

}  // namespace
}  // namespace gpubench
