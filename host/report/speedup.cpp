#include "report/speedup.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/case_label.h"
#include "report/numbers.h"
#include "report/verdict.h"

namespace gpubench {
namespace {

struct Pair {
  const Row* of = nullptr;
  const Row* over = nullptr;
};

bool same_kernel(const KernelChoiceSpec& a, const KernelChoiceSpec& b) {
  return a.name == b.name && a.glsl_file == b.glsl_file && a.spirv_file == b.spirv_file &&
         a.constants == b.constants && a.build == b.build;
}

bool differ_in_precision_alone(const Row& a, const Row& b) {
  return a.planned.problem == b.planned.problem && a.device.uuid == b.device.uuid &&
         same_kernel(a.planned.kernel, b.planned.kernel);
}

std::vector<Pair> pairs_of(const SpeedupTable& asked, std::span<const Row> rows) {
  std::vector<Pair> pairs;
  for (const Row& over : rows) {
    if (to_string(over.planned.precision) != asked.over) continue;
    const auto of = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      return to_string(row.planned.precision) == asked.of && differ_in_precision_alone(row, over);
    });
    if (of != rows.end()) pairs.push_back({&*of, &over});
  }
  return pairs;
}

std::string time_text(const Row& row, const ColumnUnit& unit) {
  return has_speed(row) ? four_digits(row.timing->median_s / unit.size) : "-";
}

std::string error_of(const Row& row) {
  return row.check ? error_text(row.check->metrics.rel_fro_err) : "-";
}

/// What keeps the number from being quoted; the verdict of the row that is to blame.
Cell remark_of(const Pair& pair) {
  for (const Row* row : {pair.over, pair.of}) {
    if (has_speed(*row)) continue;
    const Cell verdict = verdict_cell(*row);
    return {fmt::format("{} {}", to_string(row->planned.precision), verdict.text), verdict.tint};
  }
  for (const Row* row : {pair.over, pair.of}) {
    if (is_mistrusted(*row)) {
      return {fmt::format("{} mistrusted", to_string(row->planned.precision)), Tint::caution};
    }
  }
  const bool unsteady = is_unsteady(*pair.of) || is_unsteady(*pair.over);
  return unsteady ? Cell{"unsteady", Tint::caution} : Cell{""};
}

std::vector<Cell> cells_of(const Pair& pair, const std::string& label, const ColumnUnit& unit) {
  const bool both = has_speed(*pair.of) && has_speed(*pair.over);
  const double ratio = both ? pair.over->timing->median_s / pair.of->timing->median_s : 0;
  return {{label},
          {time_text(*pair.over, unit)},
          {time_text(*pair.of, unit)},
          {both ? fmt::format("{:.2f}x", ratio) : "-"},
          {error_of(*pair.over)},
          {error_of(*pair.of)},
          remark_of(pair)};
}

/// Operation, shape and what sets the pairs apart; the precisions stand in the heads.
std::vector<std::string> labels_of(const std::vector<Pair>& pairs) {
  std::vector<const Row*> rows;
  for (const Pair& pair : pairs) rows.push_back(pair.over);
  std::vector<std::string> labels = case_labels(rows, LabelHead::shape).labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    labels[i] = fmt::format("{} {}", to_string(rows[i]->planned.problem.op), labels[i]);
  }
  return labels;
}

}  // namespace

std::string speedup_table(const SpeedupTable& asked, std::span<const Row> rows,
                          const ConsoleStyle& style) {
  const std::vector<Pair> pairs = pairs_of(asked, rows);
  if (pairs.empty()) return "";
  std::vector<double> times;
  for (const Pair& pair : pairs) {
    for (const Row* row : {pair.of, pair.over}) {
      if (has_speed(*row)) times.push_back(row->timing->median_s);
    }
  }
  const ColumnUnit unit = time_unit(times);
  Table table({{"case", Align::left},
               {fmt::format("{} {}", asked.over, unit.name)},
               {fmt::format("{} {}", asked.of, unit.name)},
               {"speed-up"},
               {asked.over + " err"},
               {asked.of + " err"},
               {"", Align::left}});
  const std::vector<std::string> labels = labels_of(pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) table.add(cells_of(pairs[i], labels[i], unit));
  return fmt::format("How much faster is {} than {}?\n", asked.of, asked.over) +
         table.render(style);
}

}  // namespace gpubench
