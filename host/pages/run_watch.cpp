#include "pages/run_watch.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <utility>

#include "history/find_runs.h"

namespace gpubench {
namespace {

void add_file(std::string& seen, const std::string& path) {
  std::error_code problem;
  const auto bytes = std::filesystem::file_size(path, problem);
  const auto time = std::filesystem::last_write_time(path, problem);
  if (problem) return;
  fmt::format_to(std::back_inserter(seen), "{}\n{} {}\n", path, bytes,
                 time.time_since_epoch().count());
}

}  // namespace

RunWatch::RunWatch(std::vector<std::string> paths, std::vector<std::string> files)
    : paths_(std::move(paths)), files_(std::move(files)), seen_(look()) {}

std::string RunWatch::look() const {
  std::string seen;
  // A folder that has no run yet may get one.
  if (const auto runs = find_runs(paths_)) {
    for (const RunFile& run : *runs) add_file(seen, run.file);
  }
  for (const std::string& file : files_) {
    if (!file.empty()) add_file(seen, file);
  }
  return seen;
}

bool RunWatch::has_changed() {
  std::string now = look();
  std::swap(now, seen_);
  return now != seen_;
}

}  // namespace gpubench
