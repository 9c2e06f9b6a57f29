#include "drift/error_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "unit/drift/tensors.h"

namespace gpubench {
namespace {

using emulation::absolute_tolerance;
using emulation::halves;
using emulation::Tensor;

std::vector<ErrorCell> map_of(const std::vector<float>& output, const Tensor& tensor) {
  return map_errors({output, {}}, tensor.view(), absolute_tolerance(0.5));
}

std::vector<ErrorCell> wrong_cells(const std::vector<ErrorCell>& cells) {
  std::vector<ErrorCell> wrong;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(wrong),
               [](const ErrorCell& cell) { return cell.bound_ratio > 1 || cell.nonfinite > 0; });
  return wrong;
}

TEST(ErrorMap, AWrongElementIsInItsOwnCell) {
  const Tensor tensor(130, 200, std::vector<float>(130 * 200, 1));
  std::vector<float> output = tensor.values;
  output[77 * 200 + 150] = 3;

  const auto cells = map_of(output, tensor);

  ASSERT_EQ(cells.size(), kErrorMapSide * kErrorMapSide);
  const auto wrong = wrong_cells(cells);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_LE(wrong[0].row_begin, 77U);
  EXPECT_GT(wrong[0].row_end, 77U);
  EXPECT_LE(wrong[0].column_begin, 150U);
  EXPECT_GT(wrong[0].column_end, 150U);
  EXPECT_EQ(wrong[0].max_abs_err, 2);
  EXPECT_EQ(wrong[0].bound_ratio, 4);
}

TEST(ErrorMap, CellsCoverEveryElementOnce) {
  const Tensor tensor(67, 301, std::vector<float>(67 * 301, 1));
  std::vector<int> covered(tensor.values.size());
  for (const ErrorCell& cell : map_of(tensor.values, tensor)) {
    for (auto row = cell.row_begin; row < cell.row_end; ++row) {
      for (auto column = cell.column_begin; column < cell.column_end; ++column) {
        ++covered[row * 301 + column];
      }
    }
  }

  EXPECT_TRUE(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
}

TEST(ErrorMap, AnOutputSmallerThanTheGridHasACellForEachElement) {
  const auto cells = map_of({1, 2, 9}, Tensor(1, 3, {1, 2, 3}));

  ASSERT_EQ(cells.size(), 3U);
  EXPECT_EQ(wrong_cells(cells).size(), 1U);
  EXPECT_EQ(cells[2].column_begin, 2U);
  EXPECT_EQ(cells[2].column_end, 3U);
}

TEST(ErrorMap, NaNCountsInItsCell) {
  std::vector<float> output(4, 1);
  output[1] = std::numeric_limits<float>::quiet_NaN();

  const auto cells = map_of(output, Tensor(2, 2, {1, 1, 1, 1}));

  EXPECT_EQ(cells[1].nonfinite, 1U);
  EXPECT_EQ(cells[0].nonfinite, 0U);
}

TEST(ErrorMap, AgreesWithTheMetricsOfTheWhole) {
  const Tensor tensor(70, 90, std::vector<float>(70 * 90, 2));
  std::vector<float> output = tensor.values;
  for (std::size_t i = 0; i < output.size(); i += 7) output[i] += static_cast<float>(i) / 4096;
  const std::vector<HalfBits> bits = halves(output);

  const auto cells = map_errors({{}, bits}, tensor.view(), absolute_tolerance(0.5));
  const DriftMetrics metrics = emulation::measure_f16(bits, tensor, absolute_tolerance(0.5));

  const auto worst = std::max_element(
      cells.begin(), cells.end(),
      [](const ErrorCell& a, const ErrorCell& b) { return a.bound_ratio < b.bound_ratio; });
  EXPECT_EQ(worst->bound_ratio, metrics.bound_ratio);
  EXPECT_EQ(worst->max_abs_err, metrics.max_abs_err);
}

TEST(ErrorMap, WithoutAReferenceOfEveryElementThereIsNone) {
  Tensor tensor(2, 2, {});
  tensor.oracle = {{0}, {1, 1}};

  EXPECT_TRUE(map_of({1, 1, 1, 1}, tensor).empty());
}

}  // namespace
}  // namespace gpubench
