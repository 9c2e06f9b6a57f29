#include "pages/error_pattern.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace gpubench {
namespace {

constexpr std::uint64_t kCell = 16;  ///< Elements of a cell's side.

/// A map whose cells are 16 by 16; beyond tolerance where `is_wrong` says so.
std::vector<ErrorCell> cells_of(std::uint64_t rows, std::uint64_t columns,
                                const std::function<bool(std::uint64_t, std::uint64_t)>& is_wrong) {
  std::vector<ErrorCell> cells;
  for (std::uint64_t i = 0; i < rows; ++i) {
    for (std::uint64_t j = 0; j < columns; ++j) {
      cells.push_back({i * kCell, (i + 1) * kCell, j * kCell, (j + 1) * kCell, 0.5,
                       is_wrong(i, j) ? 3.0 : 0.25, 0});
    }
  }
  return cells;
}

std::string pattern_of(const std::vector<ErrorCell>& cells) {
  return pattern_text(error_grid(cells));
}

TEST(ErrorPattern, NamesRowsThatAreWrongAsAWhole) {
  EXPECT_EQ(pattern_of(cells_of(8, 8, [](auto i, auto) { return i == 2 || i == 3; })),
            "whole rows: 32 to 63");
}

TEST(ErrorPattern, NamesThePeriodOfColumnsThatRepeat) {
  EXPECT_EQ(pattern_of(cells_of(4, 12, [](auto, auto j) { return j % 4 == 1; })),
            "whole columns: 16 to 31, 80 to 95, 144 to 159, every 64");
}

TEST(ErrorPattern, NamesABlockAndASingleCell) {
  EXPECT_EQ(
      pattern_of(cells_of(8, 8, [](auto i, auto j) { return i >= 1 && i < 4 && j >= 5 && j < 7; })),
      "one block: rows 16 to 63, columns 80 to 111");
  EXPECT_EQ(pattern_of(cells_of(8, 8, [](auto i, auto j) { return i == 7 && j == 0; })),
            "one block: rows 112 to 127, columns 0 to 15");
}

TEST(ErrorPattern, NamesWhatIsEverywhereOrScatteredOrNowhere) {
  EXPECT_EQ(pattern_of(cells_of(8, 8, [](auto, auto) { return true; })),
            "everywhere: 64 of 64 cells");
  EXPECT_EQ(pattern_of(cells_of(8, 8, [](auto i, auto j) { return i == j; })),
            "scattered: 8 of 64 cells, within rows 0 to 127, columns 0 to 127");
  EXPECT_EQ(pattern_of(cells_of(8, 8, [](auto, auto) { return false; })),
            "none: no cell is beyond its tolerance");
}

TEST(ErrorPattern, AnOutputOfOneRowHasColumns) {
  EXPECT_EQ(pattern_of(cells_of(1, 8, [](auto, auto j) { return j == 6; })),
            "whole columns: 96 to 111");
}

TEST(ErrorPattern, ValuesThatAreNoneAreBadAndComeFirst) {
  auto cells = cells_of(4, 4, [](auto i, auto j) { return i == 0 && j == 0; });
  cells[5].nonfinite = 2;
  cells[5].bound_ratio = 0.1;
  cells[6].bound_ratio = std::numeric_limits<double>::quiet_NaN();

  EXPECT_TRUE(is_bad(cells[5]));
  const auto worst = worst_cells(cells, 2);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0], &cells[5]);
  EXPECT_EQ(worst[1], &cells[0]);
  EXPECT_EQ(place_text(*worst[0]), "rows 16 to 31, columns 16 to 31");
}

TEST(ErrorPattern, AMapThatWasCutOffKeepsItsPlaces) {
  auto cells = cells_of(4, 4, [](auto i, auto) { return i == 1; });
  cells.resize(10);  // The last two rows lack cells.

  const ErrorGrid grid = error_grid(cells);

  EXPECT_EQ(grid.at(2, 1), &cells[9]);
  EXPECT_EQ(grid.at(2, 2), nullptr);
  EXPECT_EQ(pattern_text(grid), "whole rows: 16 to 31");
}

}  // namespace
}  // namespace gpubench
