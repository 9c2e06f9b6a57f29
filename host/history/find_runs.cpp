#include "history/find_runs.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

namespace gpubench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResultsName = "results.csv";

/// By the file's true path: a run named twice, or through a link, is one run.
using RunsByPath = std::map<std::string, RunFile>;

Error unreadable(const std::string& path, const std::error_code& why) {
  return {ErrorKind::input, fmt::format("{}: {}", path, why.message())};
}

void add(RunsByPath& runs, const fs::path& file) {
  std::error_code ignored;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  runs.try_emplace(fs::weakly_canonical(file, ignored).string(),
                   RunFile{folder.string(), file.string()});
}

/// How many there are, known ones among them.
Result<std::size_t> add_below(RunsByPath& runs, const fs::path& folder) {
  std::size_t count = 0;
  std::error_code error;
  const auto quietly = fs::directory_options::skip_permission_denied;
  auto entry = fs::recursive_directory_iterator(folder, quietly, error);
  for (; !error && entry != fs::end(entry); entry.increment(error)) {
    if (entry->path().filename() != kResultsName) continue;
    add(runs, entry->path());
    ++count;
  }
  if (error) return unreadable(folder.string(), error);
  return count;
}

Outcome add_path(RunsByPath& runs, const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return Error{ErrorKind::input, fmt::format("{}: no such file or folder; expected a run", path)};
  }
  if (!fs::is_directory(status)) {
    add(runs, path);
    return Done{};
  }
  const fs::path own = fs::path(path) / kResultsName;
  if (fs::exists(own, error)) {
    add(runs, own);
    return Done{};
  }
  const auto below = add_below(runs, path);
  if (!below) return below.error();
  if (*below > 0) return Done{};
  return Error{ErrorKind::input,
               fmt::format("{}: no {} in it or below it; expected a run, or a folder of runs", path,
                           kResultsName)};
}

/// The path itself unless it is a pattern; nothing for a pattern that matches nothing.
std::vector<std::string> expanded(const std::string& path) {
  std::error_code error;
  if (path.find_first_of("*?") == std::string::npos || fs::exists(path, error)) return {path};
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(path.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

}  // namespace

Result<std::vector<RunFile>> find_runs(std::span<const std::string> paths) {
  RunsByPath runs;
  for (const std::string& path : paths) {
    const std::vector<std::string> matches = expanded(path);
    if (matches.empty()) {
      return Error{ErrorKind::input, fmt::format("{}: nothing matches; expected runs", path)};
    }
    for (const std::string& match : matches) {
      if (const auto added = add_path(runs, match); !added) return added.error();
    }
  }
  std::vector<RunFile> files;
  for (auto& [path, file] : runs) files.push_back(std::move(file));
  return files;
}

}  // namespace gpubench
