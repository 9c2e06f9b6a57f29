#include "exchange/wide_csv.h"

#include <fmt/format.h>

#include <vector>

#include "exchange/series.h"
#include "record/columns.h"
#include "record/csv.h"

namespace gpubench {
namespace {

constexpr std::size_t kRunColumns = 3;

std::vector<std::string> header_of(std::span<const ExportedSeries> all) {
  std::vector<std::string> names = {"run_id", "time", "tool_commit"};
  for (const ExportedSeries& series : all) names.push_back(series.name);
  return names;
}

}  // namespace

Result<std::string> wide_csv(const History& history, std::string_view metric) {
  if (is_number_column(metric) != std::optional(true)) {
    return Error{ErrorKind::usage, fmt::format("metric \"{}\" is no column of numbers; "
                                               "`gpubench list columns` has them",
                                               metric)};
  }
  const auto all = exported_series(history);
  const NumberColumn& values = history.number(metric);
  std::vector<std::vector<std::string>> lines(history.runs().size());
  for (std::size_t run = 0; run < lines.size(); ++run) {
    lines[run].resize(kRunColumns + all.size());
    lines[run][0] = history.runs()[run].run_id;
    if (history.runs()[run].rows == 0) continue;
    lines[run][1] = history.text("started_at")[history.runs()[run].first_row];
    lines[run][2] = history.text("tool_commit")[history.runs()[run].first_row];
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const std::size_t row : all[i].rows) {
      if (!has_time(history, row)) continue;
      lines[history.run_of(row)][kRunColumns + i] = csv_number(values[row]);
    }
  }
  std::string text = csv_line(header_of(all));
  for (const auto& line : lines) text += csv_line(line);
  return text;
}

}  // namespace gpubench
