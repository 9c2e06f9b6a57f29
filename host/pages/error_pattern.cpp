#include "pages/error_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"

namespace gpubench {
namespace {

/// A pattern may miss this share: an element that happens to be right says nothing against it.
constexpr double kNearlyAll = 0.9;
/// Stretches that are named one by one.
constexpr std::size_t kMostStretches = 4;

bool is_bad_at(const ErrorGrid& grid, std::size_t row, std::size_t column) {
  const ErrorCell* cell = grid.at(row, column);
  return cell != nullptr && is_bad(*cell);
}

/// Bad cells of each row and of each column.
struct BadCounts {
  std::vector<std::size_t> of_row, of_column;
  std::size_t all = 0;
};

BadCounts count_bad(const ErrorGrid& grid) {
  BadCounts counts{std::vector<std::size_t>(grid.rows.size()),
                   std::vector<std::size_t>(grid.columns.size())};
  for (std::size_t row = 0; row < grid.rows.size(); ++row) {
    for (std::size_t column = 0; column < grid.columns.size(); ++column) {
      if (!is_bad_at(grid, row, column)) continue;
      ++counts.of_row[row];
      ++counts.of_column[column];
      ++counts.all;
    }
  }
  return counts;
}

bool is_nearly(std::size_t count, std::size_t all) {
  return static_cast<double>(count) >= kNearlyAll * static_cast<double>(all);
}

/// Each line that has any bad cell has nearly nothing else.
bool are_whole_lines(std::span<const std::size_t> counts, std::size_t length) {
  return std::all_of(counts.begin(), counts.end(),
                     [&](std::size_t count) { return count == 0 || is_nearly(count, length); });
}

std::string stretch_text(const ErrorStretch& stretch) {
  return stretch.end - stretch.begin == 1 ? std::to_string(stretch.begin)
                                          : fmt::format("{} to {}", stretch.begin, stretch.end - 1);
}

/// Neighbours put together.
std::vector<ErrorStretch> stretches_with_bad(std::span<const std::size_t> counts,
                                             std::span<const ErrorStretch> lines) {
  std::vector<ErrorStretch> stretches;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    if (!stretches.empty() && stretches.back().end == lines[i].begin) {
      stretches.back().end = lines[i].end;
    } else {
      stretches.push_back(lines[i]);
    }
  }
  return stretches;
}

/// ", every 256" where three stretches or more lie at one distance: what a tile's edge leaves.
std::string period_text(std::span<const ErrorStretch> stretches) {
  if (stretches.size() < 3) return "";
  const std::uint64_t period = stretches[1].begin - stretches[0].begin;
  for (std::size_t i = 2; i < stretches.size(); ++i) {
    if (stretches[i].begin - stretches[i - 1].begin != period) return "";
  }
  return fmt::format(", every {}", period);
}

std::string lines_text(std::span<const std::size_t> counts, std::span<const ErrorStretch> lines) {
  const auto stretches = stretches_with_bad(counts, lines);
  std::vector<std::string> names;
  for (const ErrorStretch& stretch :
       std::span(stretches).first(std::min(stretches.size(), kMostStretches))) {
    names.push_back(stretch_text(stretch));
  }
  std::string text = join(names, ", ");
  if (stretches.size() > kMostStretches) {
    text += fmt::format(" and {} more", stretches.size() - kMostStretches);
  }
  return text + period_text(stretches);
}

/// From the first line with a bad cell to the last.
ErrorStretch hull(std::span<const std::size_t> counts, std::span<const ErrorStretch> lines) {
  const auto stretches = stretches_with_bad(counts, lines);
  return {stretches.front().begin, stretches.back().end};
}

std::size_t lines_within(std::span<const ErrorStretch> lines, const ErrorStretch& within) {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const ErrorStretch& line) {
        return line.begin >= within.begin && line.end <= within.end;
      }));
}

}  // namespace

ErrorGrid error_grid(std::span<const ErrorCell> cells) {
  std::map<std::uint64_t, std::uint64_t> rows, columns;
  for (const ErrorCell& cell : cells) {
    rows[cell.row_begin] = cell.row_end;
    columns[cell.column_begin] = cell.column_end;
  }
  ErrorGrid grid;
  std::map<std::uint64_t, std::size_t> row_places, column_places;
  for (const auto& [begin, end] : rows) {
    row_places[begin] = grid.rows.size();
    grid.rows.push_back({begin, end});
  }
  for (const auto& [begin, end] : columns) {
    column_places[begin] = grid.columns.size();
    grid.columns.push_back({begin, end});
  }
  grid.cells.resize(grid.rows.size() * grid.columns.size());
  for (const ErrorCell& cell : cells) {
    grid.cells[row_places[cell.row_begin] * grid.columns.size() +
               column_places[cell.column_begin]] = &cell;
  }
  return grid;
}

bool is_bad(const ErrorCell& cell) {
  return cell.bound_ratio > 1 || cell.nonfinite > 0;
}

std::vector<const ErrorCell*> worst_cells(std::span<const ErrorCell> cells, std::size_t count) {
  std::vector<const ErrorCell*> order;
  for (const ErrorCell& cell : cells) order.push_back(&cell);
  const auto ratio = [](const ErrorCell& cell) {
    return std::isnan(cell.bound_ratio) ? -1 : cell.bound_ratio;
  };
  std::stable_sort(order.begin(), order.end(), [&](const ErrorCell* a, const ErrorCell* b) {
    const bool a_none = a->nonfinite > 0, b_none = b->nonfinite > 0;
    return a_none != b_none ? a_none : ratio(*a) > ratio(*b);
  });
  order.resize(std::min(order.size(), count));
  return order;
}

std::string place_text(const ErrorCell& cell) {
  return fmt::format("rows {}, columns {}", stretch_text({cell.row_begin, cell.row_end}),
                     stretch_text({cell.column_begin, cell.column_end}));
}

std::string pattern_text(const ErrorGrid& grid) {
  const BadCounts bad = count_bad(grid);
  const std::size_t rows = grid.rows.size(), columns = grid.columns.size();
  if (bad.all == 0) return "none: no cell is beyond its tolerance";
  if (is_nearly(bad.all, rows * columns)) {
    return fmt::format("everywhere: {} of {} cells", bad.all, rows * columns);
  }
  if (are_whole_lines(bad.of_row, columns)) {
    return "whole rows: " + lines_text(bad.of_row, grid.rows);
  }
  if (are_whole_lines(bad.of_column, rows)) {
    return "whole columns: " + lines_text(bad.of_column, grid.columns);
  }
  const ErrorStretch high = hull(bad.of_row, grid.rows), wide = hull(bad.of_column, grid.columns);
  const std::size_t area = lines_within(grid.rows, high) * lines_within(grid.columns, wide);
  const std::string within =
      fmt::format("rows {}, columns {}", stretch_text(high), stretch_text(wide));
  if (is_nearly(bad.all, area)) return "one block: " + within;
  return fmt::format("scattered: {} of {} cells, within {}", bad.all, rows * columns, within);
}

}  // namespace gpubench
