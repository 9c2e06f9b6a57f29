#include "pages/report_checks.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string_view>

#include "pages/outdated_checks.h"
#include "report/shell.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "checks.csv";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

Outcome add_file(ReportChecks& found, const std::string& path) {
  auto file = read_check_file(path);
  if (!file) return file.error();
  found.checks.insert(found.checks.end(), file->checks.begin(), file->checks.end());
  found.files.push_back(std::move(*file));
  return Done{};
}

std::string judge_command(const ReportPaths& paths) {
  std::string command = "./gpubench judge";
  for (const std::string& path : paths.runs) command += ' ' + shell_word(path);
  if (!paths.checks.empty()) command += " --out " + shell_word(paths.checks.front());
  return command;
}

}  // namespace

ReportPaths report_paths(const std::vector<std::string>& paths, const std::string& checks_file) {
  ReportPaths parts;
  for (const std::string& path : paths) {
    const bool is_checks = fs::path(path).filename() == kFileName;
    (is_checks ? parts.checks : parts.runs).push_back(path);
    const fs::path inside = fs::path(path) / kFileName;
    if (is_file(inside) && !is_file(fs::path(path) / "results.csv")) {
      parts.checks.push_back(inside.string());
    }
  }
  if (!checks_file.empty()) parts.checks = {checks_file};
  return parts;
}

Result<ReportChecks> read_report_checks(const History& history, const ReportPaths& paths) {
  ReportChecks found;
  found.command = judge_command(paths);
  for (const std::string& path : paths.checks) {
    if (auto added = add_file(found, path); !added) return added.error();
    auto digest = digest_file(path);
    if (!digest) return digest.error();
    found.digests.emplace_back(path, std::move(*digest));
  }
  std::set<std::string_view> spoken_of;
  for (const QualificationCheck& check : found.checks) spoken_of.insert(check.run_id);
  for (const HistoryRun& run : history.runs()) {
    if (spoken_of.contains(run.run_id)) continue;
    const fs::path own = fs::path(run.folder) / kFileName;
    if (!is_file(own)) {
      found.not_judged.push_back(run.run_id);
    } else if (auto added = add_file(found, own.string()); !added) {
      return added.error();
    }
  }
  if (found.not_judged.empty()) {
    auto outdated = outdated_checks(history, found.checks);
    if (!outdated) return outdated.error();
    found.outdated = std::move(*outdated);
  } else {
    found.checks.clear();
  }
  return found;
}

}  // namespace gpubench
