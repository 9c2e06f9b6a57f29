#include "app/run_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "compare/history_set.h"
#include "record/side_files.h"

namespace gpubench {

void warn_of_half_lines(const History& history) {
  for (const HistoryRun& run : history.runs()) {
    if (!run.half_line) continue;
    fmt::print(stderr, "{}:{}: the last row is half written and left out\n", run.file,
               run.half_line->line);
  }
}

Result<RunSet> read_run_set(std::span<const std::string> paths, const std::string& device) {
  const auto history = read_history(paths, run_set_columns());
  if (!history) return history.error();
  return make_run_set(*history, device);
}

Outcome check_output(const std::string& out, std::span<const std::string> paths) {
  std::error_code ignored;
  const bool is_there = std::filesystem::exists(out, ignored);
  for (const std::string& path : paths) {
    std::error_code missing;
    if (!is_there || !std::filesystem::equivalent(path, out, missing)) continue;
    return Error{ErrorKind::usage, fmt::format("{}: would be overwritten, and is read", out)};
  }
  const std::string name = std::filesystem::path(out).filename().string();
  const bool is_side = std::any_of(kSideFiles.begin(), kSideFiles.end(),
                                   [&](const SideFile& file) { return name == file.name; });
  if (!is_side && name != "results.csv" && name != "run.json") return Done{};
  return Error{ErrorKind::usage, fmt::format("{}: is the name of a run's own file", out)};
}

}  // namespace gpubench
