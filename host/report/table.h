// table.h — rows of cells, aligned, within a number of columns.
// Knows nothing of what the cells mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "report/colour.h"

namespace gpubench {

/// How wide a console is, and whether it shows colours.
struct ConsoleStyle {
  std::size_t width = 80;
  Colour colour = Colour::never;
};

enum class Align : std::uint8_t { left, right };

struct TableColumn {
  std::string head;
  Align align = Align::right;
};

struct Cell {
  std::string text;
  Tint tint = Tint::plain;
};

class Table {
 public:
  explicit Table(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}
  /// One cell for each column.
  void add(std::vector<Cell> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Columns that it takes with nothing clipped.
  [[nodiscard]] std::size_t full_width() const;
  /// Head and rows, a newline after each. What is too wide is taken from the first column, clipped
  /// in its middle, and then from the last, clipped at its end.
  [[nodiscard]] std::string render(const ConsoleStyle& style) const;

 private:
  [[nodiscard]] std::vector<std::size_t> full_widths() const;
  [[nodiscard]] std::vector<std::size_t> widths(std::size_t limit) const;
  [[nodiscard]] std::string line(const std::vector<Cell>& cells,
                                 const std::vector<std::size_t>& widths, Colour colour) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace gpubench
