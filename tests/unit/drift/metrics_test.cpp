#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "drift/block.h"
#include "unit/drift/tensors.h"

namespace gpubench {
namespace {

using emulation::absolute_tolerance;
using emulation::halves;
using emulation::measure;
using emulation::measure_f16;
using emulation::Tensor;

TEST(Metrics, NormsFollowTheirDefinitions) {
  // e = (3, 0, -4, 0), R = (6, 8, 0, 0): ‖e‖ = 5, ‖R‖ = 10, four elements.
  const Tensor reference(2, 2, {6, 8, 0, 0});

  const DriftMetrics metrics = measure({9, 8, -4, 0}, reference, absolute_tolerance(2));

  EXPECT_EQ(metrics.max_abs_err, 4);
  EXPECT_EQ(metrics.rel_fro_err, 0.5);
  EXPECT_EQ(metrics.rmse, 2.5);
  EXPECT_EQ(metrics.max_rel_err, 0.5);  // 3/6; the zeros have no relative error
  EXPECT_EQ(metrics.cancelled, 2U);
  EXPECT_EQ(metrics.compared, 4U);
  EXPECT_EQ(metrics.bound_ratio, 2);
  EXPECT_EQ(metrics.violations, 2U);  // 3 and 4 are above 2
  EXPECT_EQ(metrics.worst_index, 2U);
  EXPECT_EQ(metrics.worst_got, -4);
  EXPECT_EQ(metrics.worst_expected, 0);
  EXPECT_EQ(metrics.worst_allowed, 2);
}

TEST(Metrics, AnErrorOfExactlyTheToleranceIsAllowed) {
  const Tensor reference(1, 1, {1});

  EXPECT_EQ(measure({3}, reference, absolute_tolerance(2)).violations, 0U);
  EXPECT_EQ(measure({3}, reference, absolute_tolerance(1.999)).violations, 1U);
}

TEST(Metrics, EachCoefficientScalesWithItsOwnNorm) {
  // r = 3, c = 5, R = 7: 2·15 + 10·7 + 100·3 + 1000·5 + 10000.
  Tensor reference(1, 1, {7});
  reference.row_scale = {3};
  reference.column_scale = {5};
  Tolerance tolerance;
  tolerance.scale = 2;
  tolerance.reference = 10;
  tolerance.row = 100;
  tolerance.column = 1000;
  tolerance.absolute = 10000;

  const DriftMetrics metrics = measure({8}, reference, tolerance);

  EXPECT_EQ(metrics.worst_allowed, 15400);
  EXPECT_DOUBLE_EQ(metrics.bound_ratio, 1.0 / 15400);
}

TEST(Metrics, BatchMembersHaveTheirOwnColumnScales) {
  // Two members of one row and two columns; scales 1, 2 and 4, 8. Every error is 1.
  Tensor reference(2, 2, {0, 0, 0, 0});
  reference.column_scale = {8, 4, 2, 1};
  ReferenceView view = reference.view();
  view.rows_per_batch = 1;
  Tolerance tolerance;
  tolerance.scale = 1;
  const std::vector<float> output{1, 1, 1, 1};

  const DriftMetrics metrics = measure_drift({output, {}}, view, tolerance);

  EXPECT_EQ(metrics.worst_index, 3U);
  EXPECT_EQ(metrics.worst_allowed, 1);
}

TEST(Metrics, CancelledSumsHaveNoRelativeError) {
  // Scale 1: at 2^-10 there is one, just below there is none.
  const float edge = 0x1p-10F;
  const float below = std::nextafter(edge, 0.0F);

  EXPECT_EQ(measure({2 * edge}, Tensor(1, 1, {edge})).max_rel_err, 1);
  const DriftMetrics none = measure({2 * edge}, Tensor(1, 1, {below}));
  EXPECT_TRUE(std::isnan(none.max_rel_err));
  EXPECT_EQ(none.cancelled, 1U);
}

TEST(Metrics, UlpsAreMeasuredAtTheReference) {
  // ulp_fp32(1) = 2^-23, ulp_fp16(1) = 2^-10. Just below 1 both are half as large.
  const float error = 0x1p-12F;

  const DriftMetrics at_one = measure({1 + error}, Tensor(1, 1, {1}));
  EXPECT_EQ(at_one.max_ulp_fp32, 0x1p11);
  EXPECT_EQ(at_one.max_ulp_fp16, 0x1p-2);
  const float below = std::nextafter(1.0F, 0.0F);
  const DriftMetrics under_one = measure({below - error}, Tensor(1, 1, {below}));
  EXPECT_EQ(under_one.max_ulp_fp32, 0x1p12);
  EXPECT_EQ(under_one.max_ulp_fp16, 0x1p-1);
}

TEST(Metrics, UlpsOfSubnormalsStopShrinking) {
  // fp32: ulp is 2^-149 at and below 2^-126. fp16: 2^-24 at and below 2^-14.
  const DriftMetrics zero = measure({0x1p-149F}, Tensor(1, 1, {0}));
  EXPECT_EQ(zero.max_ulp_fp32, 1);
  EXPECT_EQ(zero.max_ulp_fp16, 0x1p-125);
  const DriftMetrics tiny = measure({0x1p-127F}, Tensor(1, 1, {0x1p-128F}));
  EXPECT_EQ(tiny.max_ulp_fp32, 0x1p21);
  const DriftMetrics half = measure({0x1p-15F}, Tensor(1, 1, {0x1p-16F}));
  EXPECT_EQ(half.max_ulp_fp16, 0x1p8);
}

TEST(Metrics, ZerosOfEitherSignAreEqual) {
  const DriftMetrics metrics = measure({-0.0F, 0.0F}, Tensor(1, 2, {0.0F, -0.0F}));

  EXPECT_EQ(metrics.max_abs_err, 0);
  EXPECT_EQ(metrics.rel_fro_err, 0);
  EXPECT_EQ(metrics.frobenius_ratio, 0);
  EXPECT_EQ(metrics.zero_share, 1);
  EXPECT_EQ(metrics.underflowed, 0U);
}

TEST(Metrics, ZeroReferenceWithErrorsHasNoRelativeNorm) {
  const DriftMetrics metrics = measure({1, 1}, Tensor(1, 2, {0, 0}), absolute_tolerance(0));

  EXPECT_TRUE(std::isnan(metrics.rel_fro_err));
  EXPECT_GT(metrics.frobenius_ratio, 1);
  EXPECT_TRUE(std::isfinite(metrics.bound_ratio));
  EXPECT_EQ(metrics.violations, 2U);
}

TEST(Metrics, ToleranceThatIsNotANumberAllowsNothing) {
  Tensor reference(1, 2, {1, 1});
  reference.column_scale = {std::numeric_limits<double>::quiet_NaN(), 1};
  Tolerance tolerance;
  tolerance.scale = 1;

  EXPECT_EQ(measure({1.5F, 1}, reference, tolerance).violations, 1U);
  EXPECT_EQ(measure({1, 1}, reference, tolerance).violations, 0U);
}

TEST(Metrics, ZeroWhereTheReferenceIsNotUnderflows) {
  const DriftMetrics metrics = measure({0, -0.0F, 1e-30F, 0}, Tensor(1, 4, {1e-30F, -1, 0, 0}));

  EXPECT_EQ(metrics.underflowed, 2U);
  EXPECT_EQ(metrics.zero_share, 0.75);
}

TEST(Metrics, LatticeShareCountsValuesThatFp16CanHold) {
  // Yes: 1, 65504, 2^-14, 2^-24, 3·2^-24, 1 + 2^-10. No: 1 + 2^-11, 65536, 2^-25, 1.5·2^-24.
  // Zero, Inf and NaN do not count.
  const std::vector<float> output{1,
                                  -65504,
                                  0x1p-14F,
                                  0x1p-24F,
                                  -0x1.8p-23F,
                                  1 + 0x1p-10F,
                                  1 + 0x1p-11F,
                                  65536,
                                  0x1p-25F,
                                  0x1.8p-24F,
                                  0,
                                  std::numeric_limits<float>::infinity(),
                                  std::numeric_limits<float>::quiet_NaN()};
  const Tensor reference(1, output.size(), std::vector<float>(output.size(), 1));

  EXPECT_DOUBLE_EQ(measure(output, reference).fp16_lattice_share, 0.6);
}

TEST(Metrics, LatticeShareAgreesWithRoundingToFp16) {
  // Every 997th bit pattern: all exponents, both signs.
  std::vector<float> output;
  std::size_t on_lattice = 0;
  std::size_t counted = 0;
  for (std::uint64_t bits = 0; bits <= 0xFFFFFFFFU; bits += 997 * 64 + (bits % 3) * 0x1000) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    output.push_back(value);
    if (value == 0 || !std::isfinite(value)) continue;
    ++counted;
    on_lattice += round_to_half(value) == value ? 1 : 0;
  }
  const Tensor reference(1, output.size(), std::vector<float>(output.size(), 0));

  EXPECT_GT(on_lattice, 0U);
  EXPECT_DOUBLE_EQ(measure(output, reference).fp16_lattice_share,
                   static_cast<double>(on_lattice) / static_cast<double>(counted));
}

TEST(Metrics, LatticeShareIsEmptyWhereItSaysNothing) {
  const Tensor reference(1, 1, {1});
  Tolerance exact = absolute_tolerance(1);
  exact.exact = true;

  EXPECT_TRUE(std::isnan(measure_f16(halves({1}), reference).fp16_lattice_share));
  EXPECT_TRUE(std::isnan(measure({1}, reference, exact).fp16_lattice_share));
}

TEST(Metrics, SaturatedValuesAreInfAndTheLargestOfTheFormat) {
  const float inf = std::numeric_limits<float>::infinity();
  const float largest = std::numeric_limits<float>::max();
  const Tensor reference(1, 4, {1, 1, 1, 1});

  EXPECT_EQ(measure({inf, -largest, 65504, std::nanf("")}, reference).saturated_share, 0.5);
  EXPECT_EQ(measure_f16(halves({inf, -65504, 65472, std::nanf("")}), reference).saturated_share,
            0.5);
}

TEST(Metrics, ConstantShareIsThatOfTheCommonestValue) {
  const Tensor reference(1, 5, {1, 2, 1, 1, 3});

  EXPECT_EQ(measure({1, 2, 1, 1, 3}, reference).constant_share, 0.6);
}

TEST(Metrics, ConstantColumnsDoNotFillTheSampleOfALargeOutput) {
  // 8192 elements, every other one alike: an even stride would see nothing else.
  std::vector<float> values;
  for (int i = 0; i < 8192; ++i) values.push_back(i % 2 == 0 ? 5.0F : static_cast<float>(i));

  EXPECT_NEAR(measure(values, Tensor(1, 8192, values)).constant_share, 0.5, 0.01);
}

TEST(Metrics, EmptyOutputHasNoMetrics) {
  const DriftMetrics metrics = measure({}, Tensor(0, 0, {}));

  EXPECT_EQ(metrics.elements, 0U);
  EXPECT_TRUE(std::isnan(metrics.max_abs_err));
  EXPECT_TRUE(std::isnan(metrics.bound_ratio));
}

TEST(Metrics, ErrorsAreFoundAtEveryPlaceOfABlock) {
  // Sizes around lanes, blocks and chunks, with the fault in the last element.
  for (const std::uint64_t size : {1U, 7U, 8U, 9U, 255U, 256U, 257U, 65535U, 65536U, 65537U}) {
    const Tensor reference(1, size, std::vector<float>(size, 1));
    std::vector<float> output(size, 1);
    output.back() = 4;

    const DriftMetrics metrics = measure(output, reference);

    EXPECT_EQ(metrics.worst_index, size - 1) << size;
    EXPECT_EQ(metrics.bound_ratio, 3) << size;
    EXPECT_EQ(metrics.violations, 1U) << size;
    EXPECT_EQ(metrics.compared, size);
    EXPECT_DOUBLE_EQ(metrics.rmse, 3 / std::sqrt(static_cast<double>(size)));
  }
}

TEST(Metrics, FirstOfEqualErrorsIsTheWorst) {
  const std::uint64_t size = 200000;
  const Tensor reference(1, size, std::vector<float>(size, 1));
  std::vector<float> output(size, 1);
  output[70001] = output[70003] = output[71000] = output[199999] = 3;

  EXPECT_EQ(measure(output, reference).worst_index, 70001U);
}

TEST(Metrics, RowsOfAnyWidthFindTheirScales) {
  // Scale of (i, j) is (i + 1)·(j + 1), and each element is off by just that: ratio 1 throughout.
  for (const std::uint64_t columns : {1U, 3U, 255U, 256U, 300U}) {
    const std::uint64_t rows = 700 / columns + 2;
    Tensor reference(rows, columns, std::vector<float>(rows * columns, 0));
    std::vector<float> output;
    for (std::uint64_t i = 0; i < rows; ++i) reference.row_scale[i] = static_cast<double>(i + 1);
    for (std::uint64_t j = 0; j < columns; ++j) {
      reference.column_scale[j] = static_cast<double>(j + 1);
    }
    for (std::uint64_t i = 0; i < rows * columns; ++i) {
      output.push_back(static_cast<float>((i / columns + 1) * (i % columns + 1)));
    }
    Tolerance tolerance;
    tolerance.scale = 1;

    const DriftMetrics metrics = measure(output, reference, tolerance);

    EXPECT_EQ(metrics.violations, 0U) << columns;
    EXPECT_EQ(metrics.bound_ratio, 1) << columns;
    output.back() = std::nextafter(output.back(), 1e30F);
    EXPECT_EQ(measure(output, reference, tolerance).violations, 1U) << columns;
  }
}

TEST(Metrics, HalfOutputsAreComparedByValue) {
  // 0.1 in fp16 is 0.0999755859375; the error is computed in fp64 from the fp32 reference.
  const DriftMetrics metrics = measure_f16(halves({0.1F}), Tensor(1, 1, {0.1F}));

  EXPECT_EQ(metrics.max_abs_err, static_cast<double>(0.1F) - 0.0999755859375);
  EXPECT_LE(metrics.max_ulp_fp16, 0.5);
}

TEST(Block, WideningAgreesWithTheScalarConversion) {
  std::vector<HalfBits> bits;
  for (std::uint32_t i = 0; i <= 0xFFFFU; ++i) bits.push_back(static_cast<HalfBits>(i));
  std::vector<float> wide(bits.size());

  widen(bits, wide.data());

  for (std::size_t i = 0; i < bits.size(); ++i) {
    const float expected = float_from_half(bits[i]);
    const bool same = std::isnan(expected) ? std::isnan(wide[i])
                                           : std::bit_cast<std::uint32_t>(expected) ==
                                                 std::bit_cast<std::uint32_t>(wide[i]);
    ASSERT_TRUE(same) << i;
  }
}

}  // namespace
}  // namespace gpubench
