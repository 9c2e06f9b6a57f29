#include "report/precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "report/case_label.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

struct Entry {
  std::string path;     ///< "gemm direct declares fp32"
  std::string verdict;  ///< "confirmed", "not probed"
  std::string what;     ///< The arithmetic, or why there is none to name.
  bool accused = false;
  std::vector<std::string> shapes;
  [[nodiscard]] bool is_like(const Entry& other) const {
    return path == other.path && verdict == other.verdict && what == other.what;
  }
};

std::string path_of(const Row& row) {
  const std::string kernel = row.kernel.empty() ? "" : row.kernel + ' ';
  const std::string& build = row.planned.kernel.build;
  const bool as_usual = build == KernelChoiceSpec{}.build;
  return fmt::format("{} {}{}declares {}", to_string(row.planned.problem.op), kernel,
                     as_usual ? "" : build + ' ', to_string(row.planned.precision));
}

/// Without the reason's code, which is for programs.
std::string words_of(const std::string& reason) {
  const std::size_t colon = reason.find(": ");
  return colon == std::string::npos ? reason : reason.substr(colon + 2);
}

Entry entry_of(const Row& row) {
  Entry entry;
  entry.path = path_of(row);
  const bool probed = row.precision_verdict != "not_probed";
  entry.verdict = probed ? row.precision_verdict : "not probed";
  entry.what = row.observed_precision;
  if (entry.what.empty())
    entry.what = probed ? row.precision_reason : words_of(row.precision_reason);
  entry.accused = is_accused(row);
  entry.shapes = {shape_text(row.planned.problem)};
  return entry;
}

std::vector<Entry> entries_of(std::span<const Row> rows) {
  std::vector<Entry> entries;
  for (const Row& row : rows) {
    if (row.precision_reason.empty()) continue;
    Entry entry = entry_of(row);
    const auto like =
        std::ranges::find_if(entries, [&](const Entry& other) { return entry.is_like(other); });
    if (like == entries.end()) {
      entries.push_back(std::move(entry));
    } else if (std::ranges::find(like->shapes, entry.shapes[0]) == like->shapes.end()) {
      like->shapes.push_back(entry.shapes[0]);
    }
  }
  std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return !entry.accused; });
  return entries;
}

}  // namespace

std::string precision_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<Entry> entries = entries_of(rows);
  if (entries.empty()) return "";
  const bool accused = entries.front().accused;
  std::string text = paint("What did each path really compute?", accused ? Tint::bad : Tint::strong,
                           style.colour) +
                     '\n';
  for (const Entry& entry : entries) {
    const std::string verdict = entry.accused ? uppercase(entry.verdict) : entry.verdict;
    const std::string line = fmt::format("{}  {}: {} ({})", entry.path, verdict, entry.what,
                                         shortened_list(entry.shapes));
    text += "  " + wrap(printable(line), {style.width, 2, 6}) + '\n';
  }
  return text;
}

}  // namespace gpubench
