#include "report/growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "report/case_label.h"
#include "report/grouped.h"
#include "report/numbers.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

std::uint32_t& extent(Shape& shape, const std::string& dimension) {
  if (dimension == "m") return shape.m;
  return dimension == "n" ? shape.n : shape.k;
}

std::uint32_t extent_of(const Row& row, const std::string& dimension) {
  Shape shape = row.planned.problem.shape;
  return extent(shape, dimension);
}

bool differ_along(const std::string& dimension, const Row& a, const Row& b) {
  Problem one = a.planned.problem, other = b.planned.problem;
  extent(one.shape, dimension) = extent(other.shape, dimension);
  return a.device.uuid == b.device.uuid && one == other;
}

/// "4.1e-07 0.98": the error, and how many times the expected that is.
Cell cell_of(const Row* row) {
  if (row == nullptr) return {"-"};
  if (is_left_out(*row)) return {"not run", Tint::caution};
  if (!row->check) return {"-"};
  const double error = row->check->metrics.rel_fro_err_fp64;
  if (!std::isfinite(error)) return {"-"};
  const double ratio = error / row->check->expected_rel_fro_err.value_or(kNoValue);
  if (!std::isfinite(ratio)) return {error_text(error)};
  // Errors of a few outputs scatter; theory's own spread is far below this.
  constexpr double kFarAbove = 3;
  const int digits = ratio < 10 ? 2 : 0;
  return {ratio < 1e4 ? fmt::format("{} {:.{}f}", error_text(error), ratio, digits)
                      : fmt::format("{} {:.0e}", error_text(error), ratio),
          ratio > kFarAbove ? Tint::caution : Tint::plain};
}

/// Columns of a table: what a row is called but for its shape.
std::vector<std::string> names_of(const std::vector<std::string>& labels) {
  std::vector<std::string> names;
  for (const std::string& label : labels) {
    if (std::find(names.begin(), names.end(), label) == names.end()) names.push_back(label);
  }
  return names;
}

constexpr const char* kLegend =
    "  relative error against FP64, and that error over what theory expects of sums in strict "
    "sequence. Near 1: it grows as theory says. Below: shorter chains of sums. Far above: the sum "
    "swallows what is added to it, or the path is not what it declares.";

std::string growth_table(const std::string& dimension, const std::vector<const Row*>& rows,
                         const ConsoleStyle& style) {
  std::set<std::uint32_t> sizes;
  for (const Row* row : rows) sizes.insert(extent_of(*row, dimension));
  if (sizes.size() < 2) return "";
  const CaseLabels labels = case_labels(rows, LabelHead::precision);
  const std::vector<std::string> names = names_of(labels.labels);
  std::vector<TableColumn> columns = {{dimension}};
  for (const std::string& name : names) columns.push_back({name});
  Table table(columns);
  for (const std::uint32_t size : sizes) {
    std::vector<Cell> cells = {{fmt::format("{}", size)}};
    for (const std::string& name : names) {
      const Row* found = nullptr;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool here = labels.labels[i] == name && extent_of(*rows[i], dimension) == size;
        if (here) found = rows[i];
      }
      cells.push_back(cell_of(found));
    }
    table.add(cells);
  }
  const std::string title = fmt::format("How does the error grow with {}? {}: {}", dimension,
                                        to_string(rows.front()->planned.problem.op), labels.common);
  const WrapBox box{.width = style.width, .indent = 2};
  return wrap(printable(title), box) + '\n' + table.render(style) + wrap(kLegend, box) + '\n';
}

}  // namespace

std::string growth_tables(const GrowthTable& asked, std::span<const Row> rows,
                          const ConsoleStyle& style) {
  std::vector<const Row*> all;
  for (const Row& row : rows) all.push_back(&row);
  std::string text;
  const auto same = [&](const Row& a, const Row& b) { return differ_along(asked.over, a, b); };
  for (const std::vector<const Row*>& group : grouped(all, same)) {
    const std::string table = growth_table(asked.over, group, style);
    if (!table.empty() && !text.empty()) text += '\n';
    text += table;
  }
  return text;
}

}  // namespace gpubench
