// command_baseline.cpp — `baseline create`: runs that are good, as what later ones are judged by.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "app/commands_compare.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/run_sets.h"
#include "compare/baseline_file.h"
#include "compare/floors.h"
#include "judge/judge.h"
#include "record/build_info.h"
#include "record/csv.h"
#include "record/durable_file.h"
#include "record/run_id.h"
#include "report/width.h"

namespace gpubench {
namespace {

/// What checks.csv beside a run says failed; nothing where there is none.
Result<std::vector<std::string>> judged_failures(const RunSet& set) {
  std::vector<std::string> failures;
  for (const SetRun& run : set.runs) {
    const auto path = std::filesystem::path(run.file).parent_path() / "checks.csv";
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) continue;
    const auto checks = read_csv(path.string());
    if (!checks) return checks.error();
    const auto status = checks->column("status"), check = checks->column("check");
    if (!status || !check) {
      return Error{ErrorKind::input,
                   fmt::format("{}:1: has no columns check and status", path.string())};
    }
    for (const CsvRecord& record : checks->records) {
      const std::string& word = record.fields[*status];
      if (word != "fail" && word != "error") continue;
      failures.push_back(fmt::format("{}:{}: check {} has status {}", path.string(), record.line,
                                     record.fields[*check], word));
    }
  }
  return failures;
}

/// What keeps a run from being an example to later ones: it failed; or it is incomplete, unchecked
/// or without a time to trust, whether or not that leaves its verdict open.
bool speaks_against(const QualificationCheck& check) {
  if (check.status == CheckResult::fail || check.status == CheckResult::error) return true;
  const bool is_undecided_evidence = check.kind == CheckKind::precondition ||
                                     check.kind == CheckKind::correctness ||
                                     check.kind == CheckKind::validity;
  return check.status == CheckResult::inconclusive && (is_undecided_evidence || check.required);
}

/// Whether it is of the devices that were asked for, and of a run that has them.
bool is_asked_for(const QualificationCheck& check, const BaselineArguments& arguments,
                  const RunSet& set) {
  if (arguments.device.empty()) return true;
  if (std::ranges::find(set.runs, check.run_id, &SetRun::run_id) == set.runs.end()) return false;
  const bool is_of_whole_run = check.case_id.empty();
  return is_of_whole_run ||
         std::ranges::find(set.devices, check.device_name, &SetDevice::name) != set.devices.end();
}

std::string fault_text(const QualificationCheck& check) {
  const std::string of_case =
      check.case_id.empty() ? "" : fmt::format(" of {} on {}", check.case_id, check.device_name);
  return fmt::format("run {}: check {}{}: {} ({})", check.run_id, check.check, of_case,
                     check.message, check.reason);
}

/// What gpubench judge has against these runs by its own criteria, on devices in software, too.
Result<std::vector<std::string>> judged_faults(const BaselineArguments& arguments,
                                               const RunSet& set) {
  constexpr std::size_t kDate = 10;
  JudgeRequest request;
  request.paths = arguments.runs;
  request.criteria.allow_software = true;
  request.today = utc_timestamp(RunClock::now()).substr(0, kDate);
  const auto judge = Judge::read(request);
  if (!judge) return judge.error();
  const JudgedRuns judged = judge->judge(KeptChecks::not_passed);
  std::vector<std::string> faults;
  for (const QualificationCheck& check : judged.qualification.checks) {
    if (speaks_against(check) && is_asked_for(check, arguments, set)) {
      faults.push_back(fault_text(check));
    }
  }
  return faults;
}

/// The baseline whose place the new one takes; its file must be one.
Result<std::optional<ReplacedBaseline>> replaced_by(const BaselineArguments& arguments) {
  std::string file = arguments.replaces_file;
  std::error_code missing;
  if (file.empty() && std::filesystem::exists(arguments.out_file, missing)) {
    file = arguments.out_file;
  }
  if (file.empty()) return std::optional<ReplacedBaseline>();
  const auto old = read_baseline(file);
  if (!old) return old.error();
  const std::string name = std::filesystem::path(file).filename().string();
  return std::optional(ReplacedBaseline{name, old->content_hash});
}

ExitCode refuse(const std::vector<std::string>& faults) {
  constexpr std::size_t kShown = 10;
  fmt::print("no baseline is made of runs that are not good:\n");
  for (std::size_t i = 0; i < std::min(faults.size(), kShown); ++i) {
    fmt::print("  {}\n", wrap(printable(faults[i]), {console_style().width, 2, 4}));
  }
  if (faults.size() > kShown) fmt::print("  and {} more\n", faults.size() - kShown);
  return ExitCode::judged_bad;
}

std::string made_text(const Baseline& baseline, const std::string& file) {
  std::string text = fmt::format("{} series of {} runs in {}\n", baseline.series.size(),
                                 baseline.runs.size(), file);
  for (const BaselineDevice& device : baseline.devices) {
    text += wrap(printable(fmt::format("{}: {} device{}, {} session{}", device.name, device.devices,
                                       device.devices == 1 ? "" : "s", device.sessions,
                                       device.sessions == 1 ? "" : "s")),
                 {console_style().width, 0, 2}) +
            '\n';
  }
  if (baseline.replaces) {
    text += fmt::format("replaces {} ({})\n", baseline.replaces->file,
                        baseline.replaces->content_hash.substr(0, 8));
  }
  if (!baseline.provisional) return text;
  return text + fmt::format(
                    "provisional: it takes {} devices of a name and {} sessions for "
                    "failures to count\n",
                    kFewestBaselineDevices, kFewestBaselineSessions);
}

Result<Baseline> baseline_of(const RunSet& set, const BaselineArguments& arguments) {
  SeriesFloors floors;
  if (!arguments.floor_file.empty()) {
    auto read = read_floors(arguments.floor_file);
    if (!read) return read.error();
    floors = *std::move(read);
  }
  auto replaces = replaced_by(arguments);
  if (!replaces) return replaces.error();
  const BuildInfo& build = build_info();
  const BaselineOrigin origin{utc_timestamp(RunClock::now()), arguments.by,
                              fmt::format("{} ({})", build.version, build.commit),
                              *std::move(replaces)};
  return make_baseline(set, origin, floors);
}

}  // namespace

ExitCode baseline_create_command(const BaselineArguments& arguments) {
  const auto checked = check_output(arguments.out_file, arguments.runs);
  if (!checked) return report_error(checked.error());
  const auto set = read_run_set(arguments.runs, arguments.device);
  if (!set) return report_error(set.error());
  const auto failures = judged_failures(*set);
  if (!failures) return report_error(failures.error());
  const auto judged = judged_faults(arguments, *set);
  if (!judged) return report_error(judged.error());
  std::vector<std::string> faults = baseline_faults(*set);
  faults.insert(faults.end(), judged->begin(), judged->end());
  faults.insert(faults.end(), failures->begin(), failures->end());
  if (!faults.empty()) return refuse(faults);
  const auto baseline = baseline_of(*set, arguments);
  if (!baseline) return report_error(baseline.error());
  const auto text = baseline_yaml(*baseline);
  if (!text) return report_error(text.error());
  if (auto written = replace_file(arguments.out_file, *text); !written) {
    return report_error(written.error());
  }
  fmt::print("{}", made_text(*baseline, arguments.out_file));
  return ExitCode::good;
}

}  // namespace gpubench
