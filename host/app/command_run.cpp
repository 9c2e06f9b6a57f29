#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "app/commands.h"
#include "app/console_observer.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/interrupt.h"
#include "base/text.h"
#include "record/side_files.h"
#include "report/console.h"
#include "report/listings.h"
#include "report/shell.h"
#include "report/width.h"

namespace gpubench {
namespace {

/// As typed, without what chose a single case or the folder: whoever prints it adds those.
std::string command_text(const RunArguments& arguments, const std::string& scenario_file) {
  const RunRequest& request = arguments.request;
  std::string text = "./gpubench run " + shell_word(scenario_file);
  if (!request.device_selector.empty()) {
    text += " --device " + shell_word(request.device_selector);
  }
  for (const std::string& assignment : request.overrides) {
    text += " --set " + shell_word(assignment);
  }
  if (request.budget_s) text += fmt::format(" --budget {}s", shortest(*request.budget_s));
  if (request.over_budget == OverBudget::run) text += " --full";
  if (request.validation == ApiValidation::on) text += " --validate-api";
  if (!arguments.tuned_file.empty()) text += " --tuned " + shell_word(arguments.tuned_file);
  if (arguments.no_tuned) text += " --no-tuned";
  if (request.results_dir != RunRequest{}.results_dir) {
    text += " --out " + shell_word(request.results_dir);
  }
  return text;
}

std::string resume_text(const RunSummary& summary, const std::string& command,
                        const std::string& case_id) {
  const std::string selection = case_id.empty() ? "" : " --case " + shell_word(case_id);
  return "\nInterrupted; this runs the rest:\n" +
         shell_command(command + selection, "--resume " + shell_word(summary.folder),
                       console_style());
}

std::string in_words(const FailedExpectation& expectation) {
  return fmt::format("{}:{}: {}", expectation.place.file, expectation.place.line, expectation.rule);
}

/// Of rows of earlier sessions, too.
bool has_lines(const RunSummary& summary, const SideFile& side) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(summary.folder + '/' + side.name, unknown);
  return !unknown && bytes > header_of(side).size();
}

RunReport report_of(const RunSummary& summary, const std::string& command) {
  RunReport report;
  report.rows = summary.rows;
  report.comparisons = summary.scenario.comparisons;
  report.expected_cases = summary.expected_cases;
  for (const FailedExpectation& failed : summary.failed_expectations) {
    report.broken_expectations.push_back({failed.case_id, in_words(failed), failed.observed});
  }
  std::vector<const char*> files = {"results.csv"};
  for (const SideFile& side : kSideFiles) {
    if (has_lines(summary, side)) files.push_back(side.name);
  }
  files.push_back("run.json");
  for (const char* file : files) report.files.push_back(summary.folder + "/" + file);
  report.command = command;
  return report;
}

bool any_row(const RunSummary& summary, RowStatus status) {
  return std::find(summary.statuses.begin(), summary.statuses.end(), status) !=
         summary.statuses.end();
}

bool any_expectation(const RunSummary& summary, ExpectationOutcome outcome) {
  return std::any_of(summary.failed_expectations.begin(), summary.failed_expectations.end(),
                     [&](const FailedExpectation& failed) { return failed.outcome == outcome; });
}

ExitCode exit_code_of(const RunSummary& summary) {
  if (summary.interrupted) {
    return static_cast<ExitCode>(128 + interrupt_signal());
  }
  if (any_row(summary, RowStatus::failed) || summary.accused_rows > 0 ||
      summary.contradicted_rows > 0 || summary.above_peak_rows > 0 ||
      any_expectation(summary, ExpectationOutcome::broken)) {
    return ExitCode::judged_bad;
  }
  for (const RowStatus status :
       {RowStatus::error, RowStatus::timeout, RowStatus::device_lost, RowStatus::out_of_memory}) {
    if (any_row(summary, status)) return ExitCode::could_not_run;
  }
  if (!any_row(summary, RowStatus::ok) || summary.mistrusted_rows > 0 ||
      any_expectation(summary, ExpectationOutcome::not_judged)) {
    return ExitCode::inconclusive;
  }
  return ExitCode::good;
}

ExitCode run_one(const RunArguments& arguments, const std::string& scenario_file) {
  RunRequest request = arguments.request;
  request.scenario_file = scenario_file;
  ConsoleObserver observer(arguments.quiet ? Verbosity::quiet : Verbosity::normal, console_style());
  const auto summary = run_scenario(request, observer, [] { return interrupt_signal() != 0; });
  if (!summary) return report_error(summary.error());
  if (summary->resumed_rows > 0) {
    fmt::print("{} of this run {} finished before and not run again.\n\n",
               cases_word(summary->resumed_rows), summary->resumed_rows == 1 ? "was" : "were");
  }
  const std::string command = command_text(arguments, scenario_file);
  fmt::print("{}", run_text(report_of(*summary, command), console_style()));
  if (summary->interrupted) {
    fmt::print("{}", resume_text(*summary, command, request.case_id));
  }
  return exit_code_of(*summary);
}

ExitCode dry_run_one(const RunArguments& arguments, const std::string& scenario_file) {
  RunRequest request = arguments.request;
  request.scenario_file = scenario_file;
  const auto report = forecast(request);
  if (!report) return report_error(report.error());
  if (report->device) {
    fmt::print("{}\n", device_line(*report->device, console_style()));
  } else {
    const ConsoleStyle style = console_style();
    fmt::print("{}\n\n", wrap("No device, so no times: " + report->no_device, {style.width, 0, 2}));
  }
  std::vector<PlannedEntry> entries;
  for (const Forecast& each : report->cases) {
    entries.push_back(
        {each.planned, each.flop, each.device_bytes, each.seconds, each.declared, each.dropped});
  }
  fmt::print("{}", dry_run_text(entries, console_style()));
  const bool contradicted =
      std::any_of(entries.begin(), entries.end(), [](const PlannedEntry& entry) {
        return entry.declared && declared_evidence(entry.planned.precision, *entry.declared) !=
                                     DeclaredEvidence::as_declared;
      });
  return contradicted ? ExitCode::judged_bad : ExitCode::good;
}

/// What a script must see first: a wrong result outranks what could not be run.
ExitCode graver(ExitCode a, ExitCode b) {
  const auto rank = [](ExitCode code) {
    switch (code) {
      case ExitCode::good:
        return 0;
      case ExitCode::inconclusive:
        return 1;
      case ExitCode::could_not_run:
        return 2;
      case ExitCode::usage:
        return 3;
      case ExitCode::judged_bad:
        return 4;
      case ExitCode::interrupted:
      case ExitCode::terminated:
        return 5;
    }
    return 5;
  };
  return rank(a) >= rank(b) ? a : b;
}

}  // namespace

ExitCode run_command(const RunArguments& arguments) {
  catch_interrupts();
  ExitCode code = ExitCode::good;
  for (const std::string& file : arguments.scenario_files) {
    code =
        graver(code, arguments.dry_run ? dry_run_one(arguments, file) : run_one(arguments, file));
    if (interrupt_signal() != 0) break;
  }
  return code;
}

}  // namespace gpubench
