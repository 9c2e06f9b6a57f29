// error_pattern.h — what the bad cells of a map of errors have in common, in words: rows, columns,
// a block, everywhere. Knows no picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "history/run_files.h"

namespace gpubench {

/// Elements from `begin` up to, but without, `end`.
struct ErrorStretch {
  std::uint64_t begin = 0, end = 0;
};

/// The cells of a map by place. A file that was cut off lacks some.
struct ErrorGrid {
  std::vector<ErrorStretch> rows, columns;
  std::vector<const ErrorCell*> cells;  ///< Row by row; null where there is none.

  [[nodiscard]] const ErrorCell* at(std::size_t row, std::size_t column) const {
    return cells[row * columns.size() + column];
  }
};
/// Points into `cells`.
ErrorGrid error_grid(std::span<const ErrorCell> cells);

/// Beyond its tolerance, or with values that are none.
bool is_bad(const ErrorCell& cell);
/// Bad cells first those that hold no numbers, then by bound_ratio; at most `count` of any.
std::vector<const ErrorCell*> worst_cells(std::span<const ErrorCell> cells, std::size_t count);

/// "rows 64 to 127, columns 0 to 63"
std::string place_text(const ErrorCell& cell);
/// "whole rows: 64 to 127", "one block: …", "everywhere: …", "scattered: …"
std::string pattern_text(const ErrorGrid& grid);

}  // namespace gpubench
