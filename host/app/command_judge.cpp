// command_judge.cpp — `judge`: from the files of runs to a verdict.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <map>
#include <set>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/run_sets.h"
#include "base/parallel.h"
#include "compare/baseline_file.h"
#include "judge/checks_csv.h"
#include "judge/judge.h"
#include "judge/junit.h"
#include "judge/prometheus.h"
#include "record/durable_file.h"
#include "record/run_id.h"
#include "report/qualification_text.h"

namespace gpubench {
namespace {

/// "2026-11-22", UTC.
std::string today_of(const JudgeArguments& arguments) {
  constexpr std::size_t kDate = 10;
  return arguments.today.empty() ? utc_timestamp(RunClock::now()).substr(0, kDate)
                                 : arguments.today;
}

Result<JudgeRequest> request_of(const JudgeArguments& arguments) {
  JudgeRequest request;
  request.paths = arguments.paths;
  request.today = today_of(arguments);
  if (!is_date(request.today)) {
    return Error{ErrorKind::usage,
                 fmt::format("--today is \"{}\"; expected a date like 2026-12-31", request.today)};
  }
  if (!arguments.criteria_file.empty()) {
    auto criteria = read_criteria(arguments.criteria_file);
    if (!criteria) return criteria.error();
    request.criteria = std::move(*criteria);
  }
  if (!arguments.baseline_file.empty()) {
    auto baseline = read_baseline(arguments.baseline_file);
    if (!baseline) return baseline.error();
    request.baseline = std::move(*baseline);
  }
  if (arguments.allow_software) request.criteria.allow_software = true;
  if (!arguments.expect_file.empty()) {
    auto hosts = read_expected_hosts(arguments.expect_file);
    if (!hosts) return hosts.error();
    request.expected_hosts = std::move(*hosts);
  }
  return request;
}

std::vector<std::string> given(std::initializer_list<std::string> files) {
  std::vector<std::string> all;
  std::copy_if(files.begin(), files.end(), std::back_inserter(all),
               [](const std::string& file) { return !file.empty(); });
  return all;
}

std::vector<std::string> outputs_of(const JudgeArguments& arguments) {
  return given({arguments.checks_file, arguments.junit_file, arguments.prometheus_file});
}

/// Nothing that is read may be written over, nor one output by another.
Outcome check_outputs(const JudgeArguments& arguments, std::span<const std::string> inputs) {
  for (const std::string& out : outputs_of(arguments)) {
    if (auto checked = check_output(out, inputs); !checked) return checked;
  }
  std::set<std::filesystem::path> names;
  for (const std::string& out : outputs_of(arguments)) {
    if (names.insert(std::filesystem::path(out).lexically_normal()).second) continue;
    return Error{ErrorKind::usage, fmt::format("{}: two outputs have this name", out)};
  }
  return Done{};
}

Outcome check_arguments(const JudgeArguments& arguments) {
  std::vector<std::string> inputs =
      given({arguments.criteria_file, arguments.baseline_file, arguments.expect_file});
  inputs.insert(inputs.end(), arguments.paths.begin(), arguments.paths.end());
  return check_outputs(arguments, inputs);
}

/// The same for the files that were found, of which two would share the checks.csv of a folder.
Outcome check_runs(const JudgeArguments& arguments, std::span<const HistoryRun> runs) {
  std::vector<std::string> files;
  for (const HistoryRun& run : runs) files.push_back(run.file);
  if (auto checked = check_outputs(arguments, files); !checked) return checked;
  if (!arguments.checks_file.empty()) return Done{};
  std::map<std::filesystem::path, std::string> folders;
  for (const HistoryRun& run : runs) {
    const auto folder = std::filesystem::path(run.folder).lexically_normal();
    const auto [first, is_new] = folders.emplace(folder, run.file);
    if (is_new) continue;
    return Error{ErrorKind::usage,
                 fmt::format("{} and {} lie in one folder, which has place for one checks.csv; "
                             "expected --out FILE",
                             first->second, run.file)};
  }
  return Done{};
}

/// Checks can be made again at any time, so nobody waits for the disk. What is the same stays: a
/// file that takes another's place is written out at once by some file systems, whatever was asked
/// for.
Outcome write_checks(const std::string& file, std::span<const QualificationCheck> checks) {
  const std::string content = checks_header() + check_lines(checks);
  if (file_holds(file, content)) return Done{};
  return replace_file(file, content, Sync::later);
}

/// Writes the checks.csv of each run as its checks are made.
class FolderWriter {
 public:
  explicit FolderWriter(std::span<const HistoryRun> runs)
      : runs_(runs), written_(runs.size(), Outcome(Done{})) {}

  void write(std::size_t run, std::span<const QualificationCheck> checks) {
    const auto file = std::filesystem::path(runs_[run].folder) / "checks.csv";
    written_[run] = write_checks(file.string(), checks);
  }

  /// The error of the first run that has one.
  [[nodiscard]] Outcome outcome() const {
    const auto failed = std::ranges::find(written_, false, &Outcome::ok);
    return failed == written_.end() ? Outcome(Done{}) : *failed;
  }

 private:
  std::span<const HistoryRun> runs_;
  std::vector<Outcome> written_;
};

/// Files that hold checks which passed, too.
KeptChecks kept_for(const JudgeArguments& arguments) {
  const bool all = !arguments.checks_file.empty() || !arguments.junit_file.empty();
  return all ? KeptChecks::all : KeptChecks::not_passed;
}

Outcome write_files(const JudgeArguments& arguments, const Qualification& qualification) {
  if (!arguments.junit_file.empty()) {
    auto done = replace_file(arguments.junit_file, junit_xml(qualification));
    if (!done) return done;
  }
  if (!arguments.prometheus_file.empty()) {
    auto done = replace_file(arguments.prometheus_file, prometheus_text(qualification));
    if (!done) return done;
  }
  return arguments.checks_file.empty() ? Outcome(Done{})
                                       : write_checks(arguments.checks_file, qualification.checks);
}

/// What no run has is in no run's folder, and must not get lost in silence.
void warn_of_lost_checks(const JudgeArguments& arguments, const Qualification& qualification) {
  if (!arguments.checks_file.empty()) return;
  const auto lost = std::count_if(
      qualification.checks.begin(), qualification.checks.end(),
      [](const auto& check) { return check.run_id.empty() && check.status != CheckResult::pass; });
  if (lost == 0) return;
  fmt::print(stderr,
             "{} check{} of no run (a missing host or case) {} in no checks.csv; with --out FILE\n"
             "one file has all checks, and gpubench report --checks FILE shows them\n",
             lost, lost == 1 ? "" : "s", lost == 1 ? "is" : "are");
}

/// Found before anything is written.
Outcome check_folders(const JudgeArguments& arguments) {
  for (const std::string& out : outputs_of(arguments)) {
    const auto folder = std::filesystem::path(out).parent_path();
    std::error_code ignored;
    if (folder.empty() || std::filesystem::is_directory(folder, ignored)) continue;
    return Error{ErrorKind::usage,
                 fmt::format("{}: {} is no folder; nothing is written", out, folder.string())};
  }
  return Done{};
}

ExitCode exit_code_of(QualificationVerdict verdict) {
  if (verdict == QualificationVerdict::not_qualified) return ExitCode::judged_bad;
  if (verdict == QualificationVerdict::inconclusive) return ExitCode::inconclusive;
  return ExitCode::good;
}

}  // namespace

ExitCode judge_command(const JudgeArguments& arguments) {
  if (auto checked = check_arguments(arguments); !checked) return report_error(checked.error());
  const auto request = request_of(arguments);
  if (!request) return report_error(request.error());
  const auto judge = Judge::read(*request);
  if (!judge) return report_error(judge.error());
  if (auto checked = check_runs(arguments, judge->history().runs()); !checked) {
    return report_error(checked.error());
  }
  warn_of_half_lines(judge->history());
  const Outcome has_folders = check_folders(arguments);
  FolderWriter folders(judge->history().runs());
  Judge::TakeChecks into_folders;
  if (arguments.checks_file.empty() && has_folders) {
    into_folders = [&](std::size_t run, std::span<const QualificationCheck> checks) {
      folders.write(run, checks);
    };
  }
  const JudgedRuns judged = judge->judge(kept_for(arguments), into_folders);
  for (const std::string& note : judged.notes) fmt::print(stderr, "{}\n", note);
  // Who cannot have the files still has the verdict.
  fmt::print("{}", qualification_text(judged.qualification, console_style()));
  if (!has_folders) return report_error(has_folders.error());
  if (auto written = folders.outcome(); !written) return report_error(written.error());
  if (auto written = write_files(arguments, judged.qualification); !written) {
    return report_error(written.error());
  }
  warn_of_lost_checks(arguments, judged.qualification);
  return exit_code_of(judged.qualification.verdict);
}

}  // namespace gpubench
