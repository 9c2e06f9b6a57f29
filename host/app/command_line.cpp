#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "app/command_line_compare.h"
#include "app/command_line_export.h"
#include "app/command_line_judge.h"
#include "app/command_line_pages.h"
#include "app/command_line_tune.h"
#include "app/commands.h"
#include "app/errors.h"
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

// No product of three of them overflows.
constexpr std::uint64_t kMostExtent = 1 << 20;
// Of one operand or output of a probed product.
constexpr std::uint64_t kMostElements = std::uint64_t{16384} * 16384;

// Beyond this, ranking a row costs more than all else together.
constexpr std::uint64_t kMostTopK = 100;

constexpr const char* kRunExamples =
    "Examples:\n"
    "  ./gpubench run scenarios/matmul.yaml\n"
    "  ./gpubench run scenarios/matmul.yaml --dry-run\n"
    "  ./gpubench run scenarios/matmul.yaml --device H100 --full\n"
    "  ./gpubench run scenarios/qualification.yaml --level medium\n"
    "  ./gpubench run scenarios/smoke.yaml --set cases.size=512 --validate-api\n"
    "  ./gpubench run scenarios/matmul.yaml --case 'gemm/auto/fp16/*'\n"
    "  ./gpubench run scenarios/matmul.yaml --resume results/20261121T103005Z-matmul-3fa9";

constexpr const char* kKitExamples =
    "Writes matrices, an ONNX model and Python scripts for any runtime that can multiply two\n"
    "matrices; identify says from its outputs in which precision it did.\n"
    "Examples:\n"
    "  ./gpubench audit kit --shape 512x512x512 --out kit\n"
    "  ./gpubench audit kit --shape 64x64x256 --storage fp16 --out kit16";

constexpr const char* kIdentifyExamples =
    "OUTPUT.npy has shape (products, m, n): float32, float16 or float64.\n"
    "Examples:\n"
    "  ./gpubench audit identify kit kit/output.npy\n"
    "  ./gpubench audit identify kit theirs.npy --declared bf16 --json theirs.json";

constexpr const char* kAuditExamples =
    "Arrays are .npy (float16, float32, float64) or CSV. One verdict for each output: confirmed,\n"
    "downgraded, wrong, or unresolved and inconclusive where arrays cannot tell.\n"
    "Examples:\n"
    "  ./gpubench audit --reference cpu.npy --output coreml.npy\n"
    "  ./gpubench audit --reference cpu.npy --output coreml.npy --labels y.npy --threshold 0.5\n"
    "  ./gpubench audit --reference cpu.npy --output a.npy --output b.npy --json audit.json\n"
    "Kernels on a device are probed with inputs that give their arithmetic away, bit for bit:\n"
    "  ./gpubench audit --device 0\n"
    "  ./gpubench audit --device H100 --op gemm --precision fp32 --shape 64x64x4096 --verbose";

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
  AuditArguments audit;
  KitArguments kit;
  std::string kit_shape;
  std::string kit_storage = "fp32";
  IdentifyArguments identify;
  std::string identify_declared;
  std::string declared = "fp32";
  std::string threshold;
  std::string rule = ">=";
  std::string top_k;
  DeviceAuditArguments device_audit;
  std::vector<CLI::Option*> device_options;  ///< Those that only an audit of a device has.
  std::string device_op;
  std::string device_shape;
  std::string device_build;
  std::uint32_t device_size = 0;
  bool verbose = false;
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

/// An unset variable of a script must not choose the default device in silence.
std::string check_not_empty(const std::string& text) {
  return text.empty() ? "is empty; leave the option out for the default" : "";
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

std::string check_number(const std::string& text) {
  return parse_double(text) ? std::string() : std::string("expected a number such as 0.5");
}

std::string check_count(const std::string& text) {
  const auto count = parse_unsigned(text);
  return count && *count >= 1 && *count <= kMostTopK
             ? std::string()
             : fmt::format("expected a whole number from 1 to {}", kMostTopK);
}

CLI::App* add_audit(CLI::App& app, Parsed& parsed) {
  CLI::App* audit = app.add_subcommand(
      "audit", "Judge another program's outputs, or say what kernels and runtimes compute");
  audit->add_option("--reference", parsed.audit.reference, "What is right: FP32 or FP64 results");
  audit->add_option("--output", parsed.audit.outputs, "What is judged; may be repeated")
      ->allow_extra_args(false);
  audit->add_option("--declared", parsed.declared, "What the outputs claim to be")
      ->check(CLI::IsMember(std::vector<std::string>(kDeclaredNames.begin(), kDeclaredNames.end())))
      ->capture_default_str();
  audit->add_option("--labels", parsed.audit.labels, "The truth, 0 or 1 for each element");
  audit
      ->add_option("--threshold", parsed.threshold,
                   "Report decisions that flip at this value; 0.5 with --labels")
      ->check(CLI::Validator(check_number, "NUMBER"));
  audit->add_option("--rule", parsed.rule, "A decision is yes if the value is >= or > it")
      ->check(CLI::IsMember({">=", ">"}))
      ->capture_default_str();
  audit->add_option("--top-k", parsed.top_k, "Classes compared in each row of a matrix; default 5")
      ->check(CLI::Validator(check_count, "COUNT"));
  audit->add_option("--json", parsed.audit.json_file, "Write every fact to this file");
  audit->footer(kAuditExamples);
  return audit;
}

/// "MxNxK" of whole numbers above zero.
std::optional<MatmulShape> parse_shape(const std::string& text) {
  std::vector<std::size_t> extents;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    const auto extent = parse_unsigned(std::string_view(text).substr(at, end - at));
    if (!extent || *extent == 0 || *extent > kMostExtent) return std::nullopt;
    extents.push_back(*extent);
    at = end + 1;
  }
  if (extents.size() != 3) return std::nullopt;
  return MatmulShape{extents[0], extents[1], extents[2]};
}

std::string check_shape(const std::string& text) {
  return parse_shape(text) ? "" : "expected m x n x k such as 512x512x512";
}

void add_audit_kit(CLI::App& audit, Parsed& parsed) {
  CLI::App* kit = audit.add_subcommand("kit", "Write products for another runtime to compute");
  kit->add_option("--shape", parsed.kit_shape, "m, n and k of every product")
      ->check(CLI::Validator(check_shape, "MxNxK"))
      ->default_val("512x512x512");
  kit->add_option("--storage", parsed.kit_storage, "What the inputs are numbers of")
      ->check(CLI::IsMember({"fp32", "fp16"}))
      ->capture_default_str();
  kit->add_option("--seed", parsed.kit.settings.seed, "Of the random data")->capture_default_str();
  kit->add_option("-o,--out", parsed.kit.folder, "Folder of the kit; it must not exist")
      ->required();
  kit->footer(kKitExamples);
}

void add_audit_identify(CLI::App& audit, Parsed& parsed) {
  CLI::App* identify =
      audit.add_subcommand("identify", "Say what a runtime did with the products of a kit");
  identify->add_option("kit", parsed.identify.folder, "Folder of the kit")->required();
  identify->add_option("output", parsed.identify.output, "What the runtime gave, a .npy")
      ->required();
  identify
      ->add_option("--declared", parsed.identify_declared,
                   "What the path claims to be; default: the storage of the kit")
      ->check(CLI::IsMember({"fp32", "tf32", "bf16", "fp16", "fp16_acc32"}));
  identify->add_option("--json", parsed.identify.json_file, "Write every fact to this file");
  identify->footer(kIdentifyExamples);
}

std::string check_device_shape(const std::string& text) {
  const auto shape = parse_shape(text);
  if (!shape) return "expected m x n x k such as 512x512x512";
  if (shape->k < kLeastFingerprintDepth) {
    return fmt::format("k is {}: the probes need {} terms to add", shape->k,
                       kLeastFingerprintDepth);
  }
  for (const std::size_t elements :
       {shape->m * shape->k, shape->k * shape->n, shape->m * shape->n}) {
    if (elements > kMostElements) return "a matrix would be larger than 16384²";
  }
  return "";
}

void add_audit_device(CLI::App& audit, Parsed& parsed) {
  DeviceAuditArguments& arguments = parsed.device_audit;
  const auto add = [&](CLI::Option* option) {
    parsed.device_options.push_back(option->group("Kernels on a device"));
    return option;
  };
  add(audit.add_option("-d,--device", arguments.device_selector,
                       "Probe kernels on this device: index, part of a name, or UUID"))
      ->check(CLI::Validator(check_not_empty, ""));
  add(audit.add_option("--op", parsed.device_op, "gemm, linear or softmax; default: all"))
      ->check(CLI::IsMember({"gemm", "linear", "softmax"}));
  add(audit.add_option("--kernel", arguments.kernel, "Only this kernel; default: all"));
  add(audit.add_option("--precision", arguments.precision, "Only this path; default: all"));
  add(audit.add_option("--build", parsed.device_build,
                       "default, strict or both, compared; default: default"))
      ->check(CLI::IsMember({"default", "strict", "both"}));
  add(audit.add_option("--shape", parsed.device_shape, "m, n and k; default 512x512x512"))
      ->check(CLI::Validator(check_device_shape, "MxNxK"));
  add(audit.add_option("--size", parsed.device_size, "m, n and k alike"))
      ->check(CLI::Range(3U, 16384U));
  add(audit.add_option("--seed", arguments.seed, "Of the random data; default 42"));
  add(audit.add_flag("--verbose", parsed.verbose, "All that the probes found, for each kernel"));
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

AuditArguments finished_audit(const Parsed& parsed) {
  AuditArguments arguments = parsed.audit;
  const auto declared = std::find(kDeclaredNames.begin(), kDeclaredNames.end(), parsed.declared);
  arguments.declared = static_cast<Declared>(declared - kDeclaredNames.begin());
  if (!parsed.threshold.empty() || !arguments.labels.empty()) {
    arguments.decision.emplace();
    arguments.decision->rule = *parse_decision_rule(parsed.rule);
    if (!parsed.threshold.empty()) arguments.decision->threshold = *parse_double(parsed.threshold);
  }
  if (const auto top_k = parse_unsigned(parsed.top_k)) {
    arguments.top_k = static_cast<std::uint32_t>(*top_k);
  }
  return arguments;
}

DeviceAuditArguments finished_device_audit(const Parsed& parsed) {
  DeviceAuditArguments arguments = parsed.device_audit;
  if (!parsed.device_op.empty()) arguments.ops = {*parse_op(parsed.device_op)};
  if (!parsed.device_shape.empty()) arguments.shape = *parse_shape(parsed.device_shape);
  if (parsed.device_size > 0) {
    arguments.shape = {parsed.device_size, parsed.device_size, parsed.device_size};
  }
  if (parsed.device_build == "both") {
    arguments.builds = {Build::as_is, Build::strict};
  } else if (!parsed.device_build.empty()) {
    arguments.builds = {*parse_build(parsed.device_build)};
  }
  if (parsed.verbose) arguments.detail = FingerprintDetail::everything;
  arguments.json_file = parsed.audit.json_file;
  arguments.cache_dir = pipeline_cache_folder();
  return arguments;
}

/// Options of the audit of arrays that were given; --json belongs to both.
std::vector<std::string> array_options(const CLI::App& audit) {
  std::vector<std::string> given;
  for (const char* name :
       {"--reference", "--output", "--declared", "--labels", "--threshold", "--rule", "--top-k"}) {
    if (audit.count(name) > 0) given.emplace_back(name);
  }
  return given;
}

ExitCode run_audit(const CLI::App& audit, Parsed& parsed) {
  if (audit.got_subcommand("kit")) {
    parsed.kit.settings.shape = *parse_shape(parsed.kit_shape);
    parsed.kit.settings.storage =
        parsed.kit_storage == "fp16" ? NumberFormat::fp16 : NumberFormat::fp32;
    return audit_kit_command(parsed.kit);
  }
  if (audit.got_subcommand("identify")) {
    parsed.identify.declared = parse_precision(parsed.identify_declared);
    return audit_identify_command(parsed.identify);
  }
  const std::vector<std::string> of_arrays = array_options(audit);
  const auto of_device =
      std::find_if(parsed.device_options.begin(), parsed.device_options.end(),
                   [](const CLI::Option* option) { return option->count() > 0; });
  const auto usage = [](std::string message) {
    return report_error({ErrorKind::usage, std::move(message) + "; see audit --help"});
  };
  if (of_device != parsed.device_options.end()) {
    const std::string name = (*of_device)->get_name();
    if (!of_arrays.empty()) {
      return usage(
          fmt::format("audit: {} is about kernels on a device and {} about arrays; "
                      "one audit is about one of them",
                      name, of_arrays.front()));
    }
    if (parsed.device_size > 0 && !parsed.device_shape.empty()) {
      return usage("audit: --shape and --size say the same; give one");
    }
    return audit_device_command(finished_device_audit(parsed));
  }
  if (of_arrays.empty()) {
    return usage("audit: give --reference and --output to judge arrays, or --device");
  }
  for (const char* name : {"--reference", "--output"}) {
    if (audit.count(name) == 0) return usage(fmt::format("audit: {} is required", name));
  }
  return audit_command(finished_audit(parsed));
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
  if (app.got_subcommand("audit")) return run_audit(*app.get_subcommand("audit"), parsed);
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
  CLI::App* audit = add_audit(app, parsed);
  add_audit_device(*audit, parsed);
  add_audit_kit(*audit, parsed);
  add_audit_identify(*audit, parsed);
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
