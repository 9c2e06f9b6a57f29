#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "app/command_line_audit.h"
#include "app/command_line_compare.h"
#include "app/command_line_export.h"
#include "app/command_line_judge.h"
#include "app/command_line_pages.h"
#include "app/command_line_tune.h"
#include "app/commands.h"
#include "app/errors.h"
#include "app/option_checks.h"
#include "base/text.h"

namespace gpubench {
namespace {

constexpr const char* kAbout =
    "GPU compute benchmark and validation on Vulkan: how fast, how exact, and in which precision.";

constexpr const char* kExitCodes =
    "Exit codes: 0 good; 1 a result is wrong, downgraded, or an expectation does not hold;\n"
    "2 command line, scenario or input file; 3 inconclusive: nothing was run or compared, or the\n"
    "data cannot tell; 4 could not run: no device, disk full; 130 interrupted, 143 terminated.\n"
    "NO_COLOR=1 turns colours off.";

constexpr const char* kRunExamples =
    "Examples:\n"
    "  ./gpubench run scenarios/matmul.yaml\n"
    "  ./gpubench run scenarios/matmul.yaml --dry-run\n"
    "  ./gpubench run scenarios/matmul.yaml --device H100 --full\n"
    "  ./gpubench run scenarios/qualification.yaml --level medium\n"
    "  ./gpubench run scenarios/smoke.yaml --set cases.size=512 --validate-api\n"
    "  ./gpubench run scenarios/matmul.yaml --case 'gemm/auto/fp16/*'\n"
    "  ./gpubench run scenarios/matmul.yaml --resume results/20261121T103005Z-matmul-3fa9";

std::string pipeline_cache_folder() {
  if (const char* base = std::getenv("XDG_CACHE_HOME"); base != nullptr && *base != '\0') {
    return std::string(base) + "/gpubench";
  }
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::string() : std::string(home) + "/.cache/gpubench";
}

/// Options as they are parsed, before they become a request.
struct Parsed {
  RunArguments run;
  std::string budget;
  std::string level;
  bool full = false;
  bool validate_api = false;
  bool json = false;
  std::string listed;
  std::vector<std::string> files;
  std::vector<std::string> overrides;
  AuditOptionValues audit;
  TuneOptionValues tune;
  ReportArguments report;
  CompareOptionValues compare;
  CalibrateArguments calibrate;
  BaselineArguments baseline;
  DashboardArguments dashboard;
  JudgeArguments judge;
  ExportArguments exported;
};

std::string check_budget(const std::string& text) {
  const auto seconds = parse_seconds(text);
  return seconds && *seconds > 0 ? std::string()
                                 : "expected a time above zero such as 500ms, 30s or 5min";
}

void add_run(CLI::App& app, Parsed& parsed) {
  CLI::App* run = app.add_subcommand("run", "Run scenarios: check, time and record every case");
  RunRequest& request = parsed.run.request;
  run->add_option("scenario", parsed.run.scenario_files, "Scenario files (YAML)")->required();
  run->add_option("-d,--device", request.device_selector,
                  "Index, part of a name, UUID, or all; default: the best GPU")
      ->check(CLI::Validator(check_not_empty, ""));
  run->add_option("-o,--out", request.results_dir, "Folder for this run's own folder")
      ->capture_default_str();
  run->add_option("--set", request.overrides,
                  "Override a value of the scenario, such as budget=5s or cases.0.size=512")
      ->allow_extra_args(false);
  run->add_option("--case", request.case_id, "Only this case; * stands for any text");
  run->add_option("--budget", parsed.budget, "Time for each case, instead of the scenario's")
      ->check(CLI::Validator(check_budget, "TIME"));
  run->add_option("--level", parsed.level,
                  "Of a scenario with levels; each ends in its time. Default: the first")
      ->check(CLI::Validator(check_not_empty, ""));
  run->add_flag("--full", parsed.full,
                "Run cases that are predicted to need more than their budget, too");
  run->add_option("--resume", request.resume_folder, "Go on with an interrupted run's folder");
  run->add_flag("-n,--dry-run", parsed.run.dry_run,
                "Print the cases with predicted work, memory and time; run none");
  run->add_flag("--validate-api", parsed.validate_api,
                "Vulkan validation layers on; any message fails the case");
  CLI::Option* tuned =
      run->add_option("--tuned", parsed.run.tuned_file,
                      "Table of gpubench tune to take tiles from; default: the one it keeps")
          ->check(CLI::ExistingFile);
  run->add_flag("--no-tuned", parsed.run.no_tuned, "Take every kernel with its own tiles")
      ->excludes(tuned);
  run->add_flag("-q,--quiet", parsed.run.quiet, "No progress on stderr");
  run->footer(kRunExamples);
}

void add_others(CLI::App& app, Parsed& parsed) {
  CLI::App* devices = app.add_subcommand("devices", "Show Vulkan devices and what they can do");
  devices->add_flag("--json", parsed.json, "Every property, limit and feature");
  devices->footer("Example:\n  ./gpubench devices --json | jq '.[0].limits'");

  CLI::App* list = app.add_subcommand("list", "List kernels, scenarios, their cases, or columns");
  list->add_option("what", parsed.listed, "kernels, scenarios, cases or columns")
      ->required()
      ->check(CLI::IsMember({"kernels", "scenarios", "cases", "columns"}));
  list->add_option("scenario", parsed.files, "Scenario files; default: all of scenarios/");
  list->add_flag("--json", parsed.json,
                 "For kernels: what the SPIR-V of each declares; for columns: all of them");
  list->footer("Example:\n  ./gpubench list cases scenarios/matmul.yaml");

  CLI::App* validate = app.add_subcommand("validate", "Read scenarios strictly, run nothing");
  validate->add_option("scenario", parsed.files, "Scenario files (YAML)")->required();
  validate->add_option("--set", parsed.overrides, "Override a value, as for run")
      ->allow_extra_args(false);
  validate->footer("Example:\n  ./gpubench validate scenarios/*.yaml");

  add_tune(app, parsed.tune);
  add_judge(app, parsed.judge);
  add_export(app, parsed.exported);
  add_report(app, parsed.report);
  add_compare(app, parsed.compare);
  add_calibrate(app, parsed.calibrate);
  add_baseline(app, parsed.baseline);
  add_dashboard(app, parsed.dashboard);

  app.add_subcommand("version", "Show version, commit and compiler")
      ->footer("Example:\n  ./gpubench version");
}

/// CLI11 would only say that a command is missing.
std::optional<Error> unknown_command(std::span<const char* const> arguments) {
  constexpr std::array<std::string_view, 14> kCommands = {
      "run",       "audit",    "tune",   "judge",   "report", "dashboard", "compare",
      "calibrate", "baseline", "export", "devices", "list",   "validate",  "version"};
  if (arguments.size() < 2) return Error{ErrorKind::usage, "a command is missing; see --help"};
  const std::string_view word = arguments[1];
  const bool known = std::find(kCommands.begin(), kCommands.end(), word) != kCommands.end();
  if (known || word.substr(0, 1) == "-") return std::nullopt;
  return Error{ErrorKind::usage, fmt::format("there is no command \"{}\"{}; see --help", word,
                                             suggestion(word, kCommands))};
}

RunArguments finished_run(Parsed& parsed, std::span<const char* const> arguments) {
  RunRequest& request = parsed.run.request;
  if (!parsed.budget.empty()) request.budget_s = parse_seconds(parsed.budget);
  if (!parsed.level.empty()) request.overrides.push_back("level=" + parsed.level);
  if (parsed.full) request.over_budget = OverBudget::run;
  if (parsed.validate_api) request.validation = ApiValidation::on;
  request.cache_dir = pipeline_cache_folder();
  const std::string& named = parsed.run.tuned_file;
  request.shipped_tunings = !parsed.run.no_tuned;
  if (!parsed.run.no_tuned) {
    request.tuning_file = named.empty() ? kept_tuning_file(request.cache_dir) : named;
  }
  // The name alone: where the program lies says nothing about the run, and may be private.
  request.command_line = {"gpubench"};
  request.command_line.insert(request.command_line.end(), arguments.begin() + 1, arguments.end());
  return parsed.run;
}

ListedThing listed_thing(const std::string& word) {
  if (word == "kernels") return ListedThing::kernels;
  if (word == "columns") return ListedThing::columns;
  return word == "scenarios" ? ListedThing::scenarios : ListedThing::cases;
}

ExitCode run_parsed(const CLI::App& app, Parsed& parsed, std::span<const char* const> arguments) {
  if (app.got_subcommand("run")) {
    const bool several = parsed.run.scenario_files.size() > 1;
    if (several && !parsed.run.request.resume_folder.empty()) {
      return report_error({ErrorKind::usage, "--resume takes one scenario, the one of that run"});
    }
    return run_command(finished_run(parsed, arguments));
  }
  if (app.got_subcommand("audit")) {
    return run_audit(*app.get_subcommand("audit"), parsed.audit, pipeline_cache_folder());
  }
  if (app.got_subcommand("tune")) {
    const auto finished = finished_tune(parsed.tune, pipeline_cache_folder());
    return finished ? tune_command(*finished) : report_error(finished.error());
  }
  if (app.got_subcommand("export")) return export_command(parsed.exported);
  if (app.got_subcommand("judge")) return judge_command(parsed.judge);
  if (app.got_subcommand("report")) return report_command(parsed.report);
  if (app.got_subcommand("compare")) {
    const auto finished = finished_compare(parsed.compare);
    return finished ? compare_command(*finished) : report_error(finished.error());
  }
  if (app.got_subcommand("calibrate")) return calibrate_command(parsed.calibrate);
  if (app.got_subcommand("baseline")) return baseline_create_command(parsed.baseline);
  if (app.got_subcommand("dashboard")) {
    const DashboardArguments& dashboard = parsed.dashboard;
    if (dashboard.page.empty() && !dashboard.port) {
      return report_error({ErrorKind::usage, "dashboard: give --out FILE.html or --serve PORT"});
    }
    return dashboard_command(dashboard);
  }
  const OutputFormat format = parsed.json ? OutputFormat::json : OutputFormat::text;
  if (app.got_subcommand("devices")) return devices_command(format);
  if (app.got_subcommand("list")) {
    return list_command(listed_thing(parsed.listed), parsed.files, format);
  }
  if (app.got_subcommand("validate")) return validate_command(parsed.files, parsed.overrides);
  return version_command();
}

}  // namespace

ExitCode run_command_line(std::span<const char* const> arguments) {
  if (const auto error = unknown_command(arguments)) return report_error(*error);
  CLI::App app(kAbout, "gpubench");
  Parsed parsed;
  app.require_subcommand(1);
  app.footer(kExitCodes);
  add_run(app, parsed);
  add_audit(app, parsed.audit);
  add_others(app, parsed);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::Success& help) {
    app.exit(help);
    return ExitCode::good;
  } catch (const CLI::ParseError& error) {
    return report_error({ErrorKind::usage, std::string(error.what()) + "; see --help"});
  }
  return run_parsed(app, parsed, arguments);
}

}  // namespace gpubench
