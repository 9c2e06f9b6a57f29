#include "report/out_of_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "report/case_label.h"
#include "report/grouped.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

bool left_range(const Row* row) {
  const DriftMetrics& metrics = row->check->metrics;
  return metrics.nonfinite > 0 || metrics.clamped > 0 || metrics.underflowed > 0;
}

std::vector<Cell> cells_of(const Row& row, const std::string& label) {
  const DriftMetrics& metrics = row.check->metrics;
  const auto count = [](std::uint64_t value) {
    return Cell{fmt::format("{}", value), value > 0 ? Tint::caution : Tint::plain};
  };
  return {{label},
          count(metrics.nonfinite - std::min(metrics.nonfinite, metrics.clamped)),
          count(metrics.clamped),
          count(metrics.underflowed),
          {fmt::format("{}", metrics.elements)},
          verdict_cell(row)};
}

std::string table_of(const std::vector<const Row*>& rows, const ConsoleStyle& style) {
  Table table({{"path", Align::left},
               {"Inf or NaN"},
               {"clamped"},
               {"zero"},
               {"of"},
               {"verdict", Align::left}});
  const CaseLabels labels = case_labels(rows, LabelHead::precision);
  for (std::size_t i = 0; i < rows.size(); ++i) table.add(cells_of(*rows[i], labels.labels[i]));
  const Problem& problem = rows.front()->planned.problem;
  const std::string title = fmt::format("Which paths left the range of their format? {} {}: {}",
                                        to_string(problem.op), shape_text(problem), labels.common);
  return wrap(printable(title), {.width = style.width, .indent = 2}) + '\n' + table.render(style);
}

}  // namespace

std::string out_of_range_tables(std::span<const Row> rows, const ConsoleStyle& style) {
  std::vector<const Row*> compared;
  for (const Row& row : rows) {
    if (row.check && row.check->status != CheckStatus::not_run) compared.push_back(&row);
  }
  std::string text;
  for (const std::vector<const Row*>& group : grouped(compared, same_problem)) {
    if (std::none_of(group.begin(), group.end(), left_range)) continue;
    if (!text.empty()) text += '\n';
    text += table_of(group, style);
  }
  return text;
}

}  // namespace gpubench
