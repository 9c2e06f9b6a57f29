#include "report/table.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "report/width.h"

namespace gpubench {
namespace {

constexpr std::size_t kGap = 2;
// Enough of a name to know it again.
constexpr std::size_t kLeastWidth = 12;

/// Takes up to `excess` columns from `width` but leaves the least; gives what is still too much.
std::size_t shrink(std::size_t& width, std::size_t excess) {
  const std::size_t taken = std::min(excess, width - std::min(width, kLeastWidth));
  width -= taken;
  return excess - taken;
}

}  // namespace

void Table::add(std::vector<Cell> cells) {
  assert(cells.size() == columns_.size() && "one cell for each column");
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::string Table::render(const ConsoleStyle& style) const {
  const std::vector<std::size_t> fitted = widths(style.width);
  std::vector<Cell> heads;
  for (const TableColumn& column : columns_) heads.push_back({column.head, Tint::strong});
  std::string text = line(heads, fitted, style.colour);
  for (const auto& row : rows_) text += line(row, fitted, style.colour);
  return text;
}

std::vector<std::size_t> Table::full_widths() const {
  std::vector<std::size_t> widest;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].head);
    for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
    widest.push_back(width);
  }
  return widest;
}

std::size_t Table::full_width() const {
  const std::vector<std::size_t> widest = full_widths();
  return std::accumulate(widest.begin(), widest.end(), kGap * (columns_.size() - 1));
}

std::vector<std::size_t> Table::widths(std::size_t limit) const {
  std::vector<std::size_t> fitted = full_widths();
  const std::size_t total = full_width();
  if (total > limit) shrink(fitted.back(), shrink(fitted.front(), total - limit));
  return fitted;
}

std::string Table::line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                        Colour colour) const {
  std::string text;
  std::size_t pending = 0;  // Spaces are written only when something follows them.
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string shown =
        i == 0 ? clip_middle(cells[i].text, widths[i]) : clip_end(cells[i].text, widths[i]);
    const std::size_t slack = widths[i] - display_width(shown);
    const bool right = columns_[i].align == Align::right;
    if (!shown.empty()) {
      text += std::string(pending + (right ? slack : 0), ' ') + paint(shown, cells[i].tint, colour);
      pending = right ? 0 : slack;
    } else {
      pending += slack;
    }
    pending += kGap;
  }
  return text + '\n';
}

}  // namespace gpubench
