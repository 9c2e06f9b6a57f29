#include "report/choices.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "report/case_label.h"
#include "report/width.h"

namespace gpubench {
namespace {

struct Entry {
  std::string choice;  ///< "gemm direct: software device: shared memory gains nothing there"
  std::vector<std::string> shapes;
};

std::vector<Entry> entries_of(std::span<const Row> rows) {
  std::vector<Entry> entries;
  for (const Row& row : rows) {
    if (row.kernel_choice.empty()) continue;
    const std::string choice =
        fmt::format("{} {}: {}", to_string(row.planned.problem.op), row.kernel, row.kernel_choice);
    const std::string shape = shape_text(row.planned.problem);
    auto like = std::ranges::find(entries, choice, &Entry::choice);
    if (like == entries.end()) like = entries.insert(like, Entry{choice, {}});
    const bool known = std::ranges::find(like->shapes, shape) != like->shapes.end();
    if (!known) like->shapes.push_back(shape);
  }
  return entries;
}

}  // namespace

std::string choices_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<Entry> entries = entries_of(rows);
  if (entries.empty()) return "";
  std::string text = paint("Which kernel ran, and why?", Tint::strong, style.colour) + '\n';
  for (const Entry& entry : entries) {
    const std::string line = fmt::format("{} ({})", entry.choice, shortened_list(entry.shapes));
    text += "  " + wrap(printable(line), {style.width, 2, 6}) + '\n';
  }
  return text;
}

}  // namespace gpubench
