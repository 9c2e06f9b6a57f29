#include "pages/report_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <tuple>

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

/// What the check of correctness keeps of a row, and there is one for each row: case, device and
/// bound_ratio (-1 where it is missing, so that it has an order).
using JudgedRow = std::tuple<std::string_view, std::string_view, double>;

JudgedRow judged_row(std::string_view case_id, std::string_view device, double bound_ratio) {
  return {case_id, device, std::isnan(bound_ratio) ? -1 : bound_ratio};
}

std::map<std::string_view, std::multiset<JudgedRow>> rows_judged(
    std::span<const QualificationCheck> checks) {
  std::map<std::string_view, std::multiset<JudgedRow>> rows;
  for (const QualificationCheck& check : checks) {
    if (check.kind != CheckKind::correctness) continue;
    rows[check.run_id].insert(judged_row(check.case_id, check.device_name, check.observed));
  }
  return rows;
}

std::multiset<JudgedRow> rows_there(const History& history, const HistoryRun& run) {
  std::multiset<JudgedRow> rows;
  for (std::size_t row = run.first_row; row < run.first_row + run.rows; ++row) {
    rows.insert(judged_row(history.text("case_id")[row], history.text("device_name")[row],
                           history.number("bound_ratio")[row]));
  }
  return rows;
}

std::vector<std::string> outdated_runs(const History& history,
                                       std::span<const QualificationCheck> checks) {
  const auto judged = rows_judged(checks);
  std::vector<std::string> sentences;
  for (const HistoryRun& run : history.runs()) {
    const auto found = judged.find(run.run_id);
    const auto then = found == judged.end() ? std::multiset<JudgedRow>() : found->second;
    const auto now = rows_there(history, run);
    if (then == now) continue;
    std::vector<JudgedRow> fresh;
    std::set_difference(now.begin(), now.end(), then.begin(), then.end(),
                        std::back_inserter(fresh));
    sentences.push_back(then.size() != now.size()
                            ? fmt::format("run {} has {} rows, and its checks speak of {}",
                                          run.run_id, now.size(), then.size())
                            : fmt::format("a row of run {} is not the one that was judged: {}",
                                          run.run_id, std::get<0>(fresh.front())));
  }
  return sentences;
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
    found.outdated = outdated_runs(history, found.checks);
  } else {
    found.checks.clear();
  }
  return found;
}

}  // namespace gpubench
