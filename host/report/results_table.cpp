#include "report/results_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "report/case_label.h"
#include "report/numbers.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

bool shows_bandwidth(Op op) {
  return op == Op::softmax;
}

std::optional<double> rate_of(const Row& row) {
  return shows_bandwidth(row.planned.problem.op) ? bandwidth_bytes_per_s(row)
                                                 : throughput_flops(row);
}

/// The units of the two columns that have one.
struct Units {
  ColumnUnit time;
  ColumnUnit rate;
};

Units units_for(std::span<const Row* const> rows) {
  std::vector<double> times;
  std::vector<double> rates;
  for (const Row* row : rows) {
    const auto rate = rate_of(*row);
    if (!rate) continue;
    times.push_back(row->timing->median_s);
    rates.push_back(*rate);
  }
  const bool bytes = shows_bandwidth(rows.front()->planned.problem.op);
  return {time_unit(times), rate_unit(rates, bytes ? "B/s" : "FLOP/s")};
}

Cell spread_cell(const Row& row) {
  if (!has_speed(row)) return {"-"};
  return {percent(relative_spread(*row.timing)), is_unsteady(row) ? Tint::caution : Tint::plain};
}

std::vector<Cell> cells_of(const Row& row, const std::string& label, const Units& units) {
  const auto rate = rate_of(row);
  return {{label},
          {rate ? four_digits(row.timing->median_s / units.time.size) : "-"},
          {rate ? four_digits(*rate / units.rate.size) : "-"},
          spread_cell(row),
          {row.check ? error_text(row.check->metrics.rel_fro_err) : "-"},
          verdict_cell(row)};
}

/// A table and the line above it.
struct Titled {
  std::string title;
  Table table;
  [[nodiscard]] std::string render(const ConsoleStyle& style) const {
    return wrap(title, {.width = style.width, .indent = 2}) + '\n' + table.render(style);
  }
};

Titled table_of(std::span<const Row* const> rows, const Units& units, LabelHead head) {
  const CaseLabels labels = case_labels(rows, head);
  Table table({{"case", Align::left},
               {"median " + units.time.name},
               {units.rate.name},
               {"spread"},
               {"rel. error"},
               {"verdict", Align::left}});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.add(cells_of(*rows[i], labels.labels[i], units));
  }
  const Problem& problem = rows.front()->planned.problem;
  std::string title(to_string(problem.op));
  if (head == LabelHead::precision) title += ' ' + shape_text(problem);
  return {title + ": " + printable(labels.common), std::move(table)};
}

/// Rows in the order of their shapes' first appearance.
std::vector<std::vector<const Row*>> by_shape(std::span<const Row* const> rows) {
  std::vector<std::vector<const Row*>> groups;
  for (const Row* row : rows) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& candidate) {
      return candidate.front()->planned.problem.shape == row->planned.problem.shape;
    });
    if (group == groups.end()) {
      groups.push_back({row});
    } else {
      group->push_back(row);
    }
  }
  return groups;
}

}  // namespace

std::string results_table(std::span<const Row* const> rows, const ConsoleStyle& style) {
  if (rows.empty()) return "";
  const Units units = units_for(rows);
  const Titled whole = table_of(rows, units, LabelHead::shape_and_precision);
  if (whole.table.full_width() <= style.width) return whole.render(style);
  // Clipped labels of many variants would all read the same: each shape gets a table instead.
  std::string text;
  for (const std::vector<const Row*>& group : by_shape(rows)) {
    if (!text.empty()) text += '\n';
    text += table_of(group, units, LabelHead::precision).render(style);
  }
  return text;
}

}  // namespace gpubench
