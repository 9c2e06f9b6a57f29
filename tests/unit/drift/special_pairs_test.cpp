#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "unit/drift/tensors.h"

namespace gpubench {
namespace {

using emulation::absolute_tolerance;
using emulation::halves;
using emulation::measure;
using emulation::measure_f16;
using emulation::Tensor;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// One fp16 output against one fp32 reference, which may be off by 1; no partial sum overflows.
DriftMetrics one_f16(float output, float reference) {
  return measure_f16(halves({output}), Tensor(1, 1, {reference}));
}

TEST(SpecialPairs, NaNWhereTheReferenceIsFiniteIsSpuriousAndExcluded) {
  const DriftMetrics metrics = measure({2, kNaN, 2, kNaN}, Tensor(1, 4, {2, 5, 2, 5}));

  EXPECT_EQ(metrics.spurious, 2U);
  EXPECT_EQ(metrics.first_spurious, 1U);
  EXPECT_EQ(metrics.nonfinite, 2U);
  EXPECT_EQ(metrics.compared, 2U);
  EXPECT_EQ(metrics.rmse, 0);
}

TEST(SpecialPairs, AllNaNHasNoNorms) {
  const DriftMetrics metrics = measure({kNaN, kNaN}, Tensor(1, 2, {1, 2}));

  EXPECT_EQ(metrics.spurious, 2U);
  EXPECT_TRUE(std::isnan(metrics.rmse));
  EXPECT_TRUE(std::isnan(metrics.bound_ratio));
}

TEST(SpecialPairs, PoisonIsRecognisedByItsBits) {
  const float poison = std::bit_cast<float>(kPoisonF32);
  const DriftMetrics f32 = measure({1, 1, poison, kNaN}, Tensor(1, 4, {1, 1, 1, 1}));
  EXPECT_EQ(f32.poison_left, 1U);
  EXPECT_EQ(f32.first_poison, 2U);
  EXPECT_EQ(f32.spurious, 1U);

  std::vector<HalfBits> bits = halves({1, 1, 1, kNaN});
  bits[1] = bits[2] = kPoisonF16;
  const DriftMetrics f16 = measure_f16(bits, Tensor(1, 4, {1, 1, 1, 1}));
  EXPECT_EQ(f16.poison_left, 2U);
  EXPECT_EQ(f16.first_poison, 1U);
  EXPECT_EQ(f16.spurious, 1U);
}

TEST(SpecialPairs, PoisonIsFoundInALaterChunk) {
  std::vector<float> output(100000, 1);
  output[80000] = output[90000] = std::bit_cast<float>(kPoisonF32);
  output[99999] = kNaN;

  const DriftMetrics metrics = measure(output, Tensor(1, 100000, std::vector<float>(100000, 1)));

  EXPECT_EQ(metrics.first_poison, 80000U);
  EXPECT_EQ(metrics.first_spurious, 99999U);
}

TEST(SpecialPairs, FirstPlaceIsThatOfTheFirstChunk) {
  std::vector<float> output(200000, 1);
  output[5] = output[80000] = std::bit_cast<float>(kPoisonF32);
  output[6] = output[99999] = kNaN;

  const DriftMetrics metrics = measure(output, Tensor(1, 200000, std::vector<float>(200000, 1)));

  EXPECT_EQ(metrics.first_poison, 5U);
  EXPECT_EQ(metrics.first_spurious, 6U);
  EXPECT_EQ(metrics.poison_left, 2U);
}

TEST(SpecialPairs, FiniteValueNearAnOverflowIsComparedAsAnyOther) {
  const Tensor reference(1, 1, {65530});

  EXPECT_EQ(measure_f16(halves({65472}), reference, absolute_tolerance(58)).violations, 0U);
  EXPECT_EQ(measure_f16(halves({65472}), reference, absolute_tolerance(57)).violations, 1U);
}

// relu of the NaN that a sum of both infinities is may be 0, in place of 50000 or of an overflow.
TEST(SpecialPairs, OverflowThatAnActivationHidesDependsOnTheOrder) {
  Tensor reference(1, 3, {50000, 1e6, 7});
  reference.oracle = {{0}, {50000, 1e6, 7}};
  reference.column_scale = {4e4, 1e6, 4e4};
  Tolerance tolerance = absolute_tolerance(1);
  tolerance.overflow_scale = 32752;
  EXPECT_EQ(measure_f16(halves({0, 0, 7}), reference, tolerance).violations, 2U);

  tolerance.overflow_may_hide = true;
  const DriftMetrics metrics = measure_f16(halves({0, 0, 7}), reference, tolerance);

  EXPECT_EQ(metrics.violations, 0U);
  EXPECT_EQ(metrics.order_dependent, 2U);
  EXPECT_EQ(metrics.compared, 1U);
  EXPECT_EQ(metrics.oracle_bound_ratio, 0);
  // Where no partial sum reaches half of the largest number, 0 is wrong.
  reference.column_scale = {3e4, 3e4, 3e4};
  EXPECT_EQ(measure_f16(halves({0, 0, 7}), reference, tolerance).violations, 2U);
}

TEST(SpecialPairs, OverflowOnBothSidesAgrees) {
  for (const float reference : {65520.0F, 1e6F, kInf}) {
    const DriftMetrics metrics = one_f16(kInf, reference);
    EXPECT_EQ(metrics.spurious, 0U) << reference;
    EXPECT_EQ(metrics.nonfinite, 1U) << reference;
    EXPECT_EQ(metrics.clamped, 0U) << reference;
  }
}

TEST(SpecialPairs, OverflowOfTheWrongSignIsSpurious) {
  EXPECT_EQ(one_f16(-kInf, 1e6F).spurious, 1U);
  EXPECT_EQ(measure({-kInf}, Tensor(1, 1, {kInf})).spurious, 1U);
  EXPECT_EQ(measure({kInf}, Tensor(1, 1, {kInf})).spurious, 0U);
}

TEST(SpecialPairs, InfNearTheEdgeOfTheFormatIsWithinTolerance) {
  // The tolerance is 1: 65503.5 may come out as 65504, the largest, and a mode that rounds up
  // makes Inf of anything above.
  EXPECT_EQ(one_f16(kInf, 65503.5F).spurious, 0U);
  EXPECT_EQ(one_f16(kInf, 65500.0F).spurious, 1U);
}

TEST(SpecialPairs, LargestFiniteValueInPlaceOfInfIsClamped) {
  EXPECT_EQ(one_f16(65504, 65530).clamped, 1U);
  EXPECT_EQ(one_f16(-65504, -1e6F).clamped, 1U);
  // Within the tolerance of what still rounds to 65504, or that very value.
  EXPECT_EQ(one_f16(65504, 65520.5F).clamped, 0U);
  EXPECT_EQ(one_f16(65504, 65510).clamped, 0U);
  EXPECT_EQ(one_f16(65504, 65510).compared, 1U);
  EXPECT_EQ(measure({std::numeric_limits<float>::max()}, Tensor(1, 1, {kInf})).clamped, 1U);
}

TEST(SpecialPairs, ClampOfTheWrongSignIsAnError) {
  const DriftMetrics metrics = one_f16(-65504, 70000);

  EXPECT_EQ(metrics.clamped, 0U);
  EXPECT_EQ(metrics.violations, 1U);
}

TEST(SpecialPairs, FiniteValueFarBelowAnOverflowIsAnError) {
  const DriftMetrics metrics = measure_f16(halves({5, 60000}), Tensor(1, 2, {5, 70000}));

  EXPECT_EQ(metrics.compared, 2U);
  EXPECT_EQ(metrics.violations, 1U);
  EXPECT_EQ(metrics.worst_index, 1U);
  EXPECT_EQ(metrics.bound_ratio, 10000);
  EXPECT_EQ(metrics.max_abs_err, 10000);
  EXPECT_DOUBLE_EQ(metrics.max_rel_err, 1.0 / 7);
}

TEST(SpecialPairs, InfIsHonestWherePartialSumsMayOverflow) {
  Tensor reference(1, 2, {5, 5});
  reference.row_scale = {100};
  reference.column_scale = {9.99, 10};
  Tolerance tolerance = absolute_tolerance(1);
  tolerance.overflow_scale = 1000;

  const DriftMetrics metrics = measure({kInf, kNaN}, reference, tolerance);

  EXPECT_EQ(metrics.spurious, 1U);
  EXPECT_EQ(metrics.first_spurious, 0U);
  EXPECT_EQ(metrics.order_dependent, 1U);
}

TEST(SpecialPairs, FiniteOutputAgainstAnOverflownReferenceNeedsAnExplanation) {
  Tensor reference(1, 1, {kInf});
  EXPECT_EQ(measure({5}, reference).spurious, 1U);
  reference.row_scale = {1e300};
  EXPECT_EQ(measure({5}, reference).order_dependent, 1U);
}

TEST(SpecialPairs, WithoutAReferenceOutputsAreStillCounted) {
  Tensor reference(2, 2, {});
  const float poison = std::bit_cast<float>(kPoisonF32);

  const DriftMetrics metrics = measure({1, 0, kNaN, poison}, reference);

  EXPECT_EQ(metrics.elements, 4U);
  EXPECT_EQ(metrics.spurious, 1U);
  EXPECT_EQ(metrics.poison_left, 1U);
  EXPECT_EQ(metrics.zero_share, 0.25);
  EXPECT_TRUE(std::isnan(metrics.max_abs_err));
}

}  // namespace
}  // namespace gpubench
