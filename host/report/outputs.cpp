#include "report/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "audit/paths.h"
#include "base/half.h"
#include "report/case_label.h"
#include "report/grouped.h"
#include "report/numbers.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

/// One line: the CPU's, or that of a row.
struct Path {
  std::string name;
  std::vector<float> outputs;
  double difference = 0;  ///< Largest, from the CPU, over all outputs.
  Tint tint = Tint::plain;
};

std::vector<float> first_of(const std::vector<float>& values, std::size_t count) {
  return {values.begin(),
          values.begin() + static_cast<std::ptrdiff_t>(std::min(count, values.size()))};
}

/// `rows` have outputs, and the same ones are expected of each.
std::vector<Path> paths_of(std::span<const Row* const> rows, std::size_t first) {
  std::vector<Path> paths = {
      {"cpu fp32", first_of(rows.front()->end_to_end->first_expected, first), kNoValue}};
  const std::vector<std::string> labels = case_labels(rows, LabelHead::precision).labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const EndToEnd& facts = *rows[i]->end_to_end;
    const bool failed = is_failure(*rows[i]);
    paths.push_back({labels[i] + (failed ? " FAILED" : ""), first_of(facts.first_outputs, first),
                     facts.max_abs_err, failed ? Tint::bad : Tint::plain});
  }
  return paths;
}

/// Path → letter; paths with the same letter agree as FP32 paths do.
std::vector<char> letters_of(const std::vector<Path>& paths) {
  std::vector<std::vector<double>> wide;
  for (const Path& path : paths) wide.emplace_back(path.outputs.begin(), path.outputs.end());
  const std::vector<std::span<const double>> pieces(wide.begin(), wide.end());
  PathCollector collector(paths.size());
  collector.add(pieces);
  std::vector<char> letters;
  for (const std::size_t group : collector.matrix().groups) {
    letters.push_back(static_cast<char>('A' + std::min<std::size_t>(group, 25)));
  }
  return letters;
}

bool survives_fp16(const Path& path) {
  return std::all_of(path.outputs.begin(), path.outputs.end(),
                     [](float value) { return round_to_half(value) == value; });
}

std::vector<Cell> cells_of(const Path& path, char letter) {
  std::vector<Cell> cells = {{path.name, path.tint}};
  for (const float value : path.outputs) cells.push_back({fmt::format("{}", value)});
  cells.push_back({error_text(path.difference)});
  cells.push_back({std::string(1, letter)});
  cells.push_back({survives_fp16(path) ? "unchanged" : "changed"});
  return cells;
}

std::string title_of(const std::vector<const Row*>& rows) {
  const Problem& problem = rows.front()->planned.problem;
  return fmt::format("Which paths give the same outputs? {} {}: {}", to_string(problem.op),
                     shape_text(problem), case_labels(rows, LabelHead::precision).common);
}

/// What the heads cannot say.
std::string legend_of(std::size_t shown, std::uint64_t all) {
  return fmt::format(
      "  cpu diff: largest difference from the CPU's FP32, over all {} outputs. alike: paths of "
      "one "
      "letter agree within 1e-5, over the {} shown. round trip: through FP16, of those {}.",
      all, shown, shown);
}

std::string outputs_table(const std::vector<const Row*>& rows, std::size_t first,
                          const ConsoleStyle& style) {
  const std::vector<Path> paths = paths_of(rows, first);
  const std::vector<char> letters = letters_of(paths);
  const std::size_t shown = paths.front().outputs.size();
  std::vector<TableColumn> columns = {{"path", Align::left}};
  for (std::size_t i = 0; i < shown; ++i) columns.push_back({fmt::format("y{}", i)});
  columns.insert(columns.end(),
                 {{"cpu diff"}, {"alike", Align::left}, {"round trip", Align::left}});
  Table table(columns);
  for (std::size_t i = 0; i < paths.size(); ++i) table.add(cells_of(paths[i], letters[i]));
  const std::uint64_t all = rows.front()->planned.problem.c_elements();
  return wrap(printable(title_of(rows)), {.width = style.width, .indent = 2}) + '\n' +
         table.render(style) + wrap(legend_of(shown, all), {.width = style.width, .indent = 2}) +
         '\n';
}

}  // namespace

std::string outputs_tables(const OutputsTable& asked, std::span<const Row> rows,
                           const ConsoleStyle& style) {
  std::vector<const Row*> shown;
  for (const Row& row : rows) {
    if (row.end_to_end) shown.push_back(&row);
  }
  std::string text;
  for (const std::vector<const Row*>& group : grouped(shown, same_problem)) {
    if (!text.empty()) text += '\n';
    text += outputs_table(group, asked.first, style);
  }
  return text;
}

}  // namespace gpubench
