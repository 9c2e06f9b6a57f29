#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "drift/rows.h"
#include "unit/drift/emulated_paths.h"
#include "unit/drift/tensors.h"

namespace gpubench {
namespace {

using emulation::absolute_tolerance;
using emulation::measure;
using emulation::Random;
using emulation::Tensor;

TEST(FrobeniusLimit, AddsSquaresOfAllTerms) {
  // One row of scale 2, columns 3 and 4: Σ(rc)² = 4·25, Σr² = 8, Σc² = 25, two elements.
  Tensor reference(1, 2, {0, 0});
  reference.row_scale = {2};
  reference.column_scale = {3, 4};
  Tolerance tolerance;
  tolerance.rms_scale = 1;
  tolerance.rms_row = 10;
  tolerance.rms_column = 100;
  tolerance.rms_absolute = 1000;
  tolerance.rms_reference = 10000;

  const double allowed = allowed_frobenius(tolerance, scale_norms(reference.view()), 9);

  const double squares = 100 + 100 * 8 + 1e4 * 25 + 1e6 * 2 + 1e8 * 9;
  EXPECT_DOUBLE_EQ(allowed, 1.6 * (1 + 6 / std::sqrt(2.0)) * std::sqrt(squares));
}

TEST(FrobeniusLimit, NormsOfRowsSumUpToThoseOfTheWholeInEachBatchMember) {
  Tensor reference(4, 2, std::vector<float>(8, 0));
  reference.row_scale = {1, 2, 3, 4};
  reference.column_scale = {1, 2, 5, 7};
  ReferenceView view = reference.view();
  view.rows_per_batch = 2;

  const ScaleNorms whole = scale_norms(view);

  // Rows 0, 1 with columns 1, 2; rows 2, 3 with columns 5, 7.
  EXPECT_EQ(whole.products, (1 + 4) * (1 + 4) + (9 + 16) * (25 + 49));
  EXPECT_EQ(whole.rows, 2 * (1 + 4 + 9 + 16));
  EXPECT_EQ(whole.columns, 2 * (1 + 4) + 2 * (25 + 49));
  EXPECT_EQ(whole.elements, 8);
  ScaleNorms rows;
  for (std::uint64_t row = 0; row < 4; ++row) rows += row_scale_norms(view, row);
  EXPECT_EQ(rows.products, whole.products);
}

TEST(FrobeniusLimit, AnErrorThatNoElementShowsIsSeenInTheNorm) {
  // Each element is off by half its limit, the whole by 5 of 1.6 (1 + 6/100) rms.
  const std::uint64_t size = 10000;
  Tolerance tolerance = absolute_tolerance(10);
  tolerance.rms_absolute = 1;
  const Tensor reference(1, size, std::vector<float>(size, 100));

  const DriftMetrics metrics = measure(std::vector<float>(size, 105), reference, tolerance);

  EXPECT_EQ(metrics.violations, 0U);
  EXPECT_DOUBLE_EQ(metrics.frobenius_ratio, 5 / (1.6 * 1.06));
  EXPECT_DOUBLE_EQ(metrics.rel_fro_limit, 1.6 * 1.06 / 100);
}

TEST(Oracle, MeasuresOutputAndReferenceOnItsRowsOnly) {
  // Row 1 is (3, 4): the output is off by (0, 1), the reference by (0.5, 0). Row 0 is not looked
  // at.
  Tensor reference(2, 2, {100, 100, 3.5F, 4});
  reference.oracle = {{1}, {3, 4}};

  const DriftMetrics metrics = measure({0, 0, 3, 5}, reference, absolute_tolerance(0.25));

  EXPECT_EQ(metrics.rel_fro_err_fp64, 0.2);
  EXPECT_EQ(metrics.reference_rel_fro_err, 0.1);
  EXPECT_EQ(metrics.oracle_bound_ratio, 4);
  EXPECT_EQ(metrics.reference_bound_ratio, 2);
}

TEST(Oracle, StandsInForAReferenceThatIsTooLarge) {
  Tensor reference(3, 2, {});
  reference.oracle = {{0, 2}, {1, 2, 3, 4}};

  const DriftMetrics metrics = measure({1, 2, 77, 77, 3, 6}, reference, absolute_tolerance(1));

  EXPECT_EQ(metrics.compared, 4U);
  EXPECT_EQ(metrics.max_abs_err, 2);
  EXPECT_EQ(metrics.worst_index, 5U);  // row 2, column 1 of the whole
  EXPECT_EQ(metrics.worst_got, 6);
  EXPECT_EQ(metrics.violations, 1U);
  EXPECT_TRUE(std::isnan(metrics.reference_rel_fro_err));
}

TEST(Oracle, RowsOfBatchMembersUseTheirColumns) {
  Tensor reference(2, 1, {0, 0});
  reference.column_scale = {1, 10};
  reference.oracle = {{1}, {0}};
  ReferenceView view = reference.view();
  view.rows_per_batch = 1;
  Tolerance tolerance;
  tolerance.scale = tolerance.rms_scale = 1;
  const std::vector<float> output{0, 5};

  EXPECT_EQ(measure_drift({output, {}}, view, tolerance).oracle_bound_ratio, 0.5);
}

TEST(Power, EitherLimitIsEnough) {
  // Rows are off by (2, 0): the largest error is 2 and the norm is 2.
  Tensor reference(1, 2, {3, 4});
  reference.oracle = {{0}, {3, 4}};
  const std::vector<float> lower{5, 4};
  Tolerance elements = absolute_tolerance(1);
  elements.rms_absolute = 100;
  Tolerance norm = absolute_tolerance(100);
  norm.rms_absolute = 0.1;

  EXPECT_TRUE(tolerance_has_power(elements, reference.view(), lower));
  EXPECT_TRUE(tolerance_has_power(norm, reference.view(), lower));
  EXPECT_FALSE(tolerance_has_power(absolute_tolerance(100), reference.view(), lower));
}

/// y = R·x for a reference of random numbers.
Tensor probed(std::uint64_t rows, std::uint64_t columns, std::uint32_t vectors) {
  Random random(7);
  Tensor tensor(rows, columns,
                emulation::draw_many(rows * columns, emulation::Data::normal, random));
  tensor.probe.vectors = vectors;
  for (std::uint64_t i = 0; i < vectors * columns; ++i) tensor.probe.x.push_back(random.normal());
  for (std::uint32_t v = 0; v < vectors; ++v) {
    for (std::uint64_t i = 0; i < rows; ++i) {
      double sum = 0;
      for (std::uint64_t j = columns; j-- > 0;) {  // another order than the product's own
        sum +=
            static_cast<double>(tensor.values[i * columns + j]) * tensor.probe.x[v * columns + j];
      }
      tensor.probe.y.push_back(sum);
    }
  }
  return tensor;
}

TEST(Freivalds, ExactOutputHasNoResidual) {
  const Tensor tensor = probed(100, 50, 2);

  const DriftMetrics metrics = measure(tensor.values, tensor, absolute_tolerance(0));

  EXPECT_LT(metrics.freivalds_rel_fro_err, 1e-14);
  EXPECT_LT(metrics.row_residual_ratio, 1);
}

TEST(Freivalds, ResidualEstimatesTheErrorOfTheWhole) {
  // Relative sd of the estimate is √(2/rows) / 2 for one vector: 2 % for 2000 rows.
  const Tensor tensor = probed(2000, 40, 1);
  std::vector<float> output = tensor.values;
  Random random(11);
  for (float& value : output) value += static_cast<float>(1e-3 * random.normal());

  const DriftMetrics metrics = measure(output, tensor);

  EXPECT_NEAR(metrics.freivalds_rel_fro_err / metrics.rel_fro_err, 1, 0.1);
}

TEST(Freivalds, OneWrongElementPointsAtItsRow) {
  Tensor tensor = probed(300, 40, 2);
  std::vector<float> output = tensor.values;
  output[123 * 40 + 17] += 10;
  tensor.values.clear();  // only the probe can tell

  const DriftMetrics metrics = measure(output, tensor, absolute_tolerance(1e-3));

  EXPECT_EQ(metrics.worst_residual_row, 123U);
  EXPECT_GT(metrics.row_residual_ratio, 1);
}

TEST(Freivalds, FirstOfEqualResidualsIsTheWorst) {
  Tensor tensor(3, 1, {1, 1, 1});
  tensor.probe = {1, {1}, {1, 1, 1}};

  EXPECT_EQ(measure({1, 2, 2}, tensor, absolute_tolerance(1e-3)).worst_residual_row, 1U);
}

TEST(Freivalds, RowsThatAreNotFiniteAreLeftOut) {
  const Tensor tensor = probed(10, 5, 1);
  std::vector<float> output = tensor.values;
  output[7] = std::numeric_limits<float>::quiet_NaN();

  const DriftMetrics metrics = measure(output, tensor);

  EXPECT_LT(metrics.freivalds_rel_fro_err, 1e-14);
}

TEST(Freivalds, ProbeThatMeetsARowAtARightAngleAllowsItsRoundingAllTheSame) {
  // R·x = 0, while each element may be off by a thousandth of itself.
  Tensor tensor(1, 2, {1, 1});
  tensor.probe = {1, {1, -1}, {0}};
  Tolerance tolerance;
  tolerance.rms_reference = 1e-3;

  EXPECT_LT(measure({1.001F, 1}, tensor, tolerance).row_residual_ratio, 1);
}

TEST(Freivalds, BatchMembersUseTheirOwnColumnScales) {
  // The same error in both members: the first allows 100 times as much.
  Tensor tensor = probed(2, 30, 1);
  tensor.column_scale.assign(60, 100.0);
  std::fill(tensor.column_scale.begin() + 30, tensor.column_scale.end(), 1.0);
  ReferenceView view = tensor.view();
  view.rows_per_batch = 1;
  std::vector<float> output = tensor.values;
  output[0] += 1;
  output[30] += 1;
  Tolerance tolerance;
  tolerance.rms_scale = 1e-3;

  EXPECT_EQ(measure_drift({output, {}}, view, tolerance).worst_residual_row, 1U);
}

}  // namespace
}  // namespace gpubench
