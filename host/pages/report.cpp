#include "pages/report.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "history/run_files.h"
#include "pages/report_sections.h"
#include "record/build_info.h"

namespace gpubench {
namespace {

Result<ReportRun> read_run(const History& history, const HistoryRun& run) {
  ReportRun read;
  auto document = read_run_document(run);
  if (!document) return document.error();
  read.document = std::move(*document);
  auto samples = read_samples(history, run);
  if (!samples) return samples.error();
  read.samples = std::move(*samples);
  for (const char* name : {"results.csv", "samples.csv", "flips.csv", "checks.csv", "run.json"}) {
    const auto path = std::filesystem::path(run.folder) / name;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) continue;
    auto digest = digest_file(path.string());
    if (!digest) return digest.error();
    read.files.emplace_back(name, std::move(*digest));
  }
  return read;
}

/// "matmul on llvmpipe", or how many of each there are.
std::string title_of(const History& history) {
  std::set<std::string> scenarios, devices;
  for (const CaseFacts& facts : all_cases(history)) {
    scenarios.insert(facts.text("scenario"));
    devices.insert(facts.text("device_name"));
  }
  const auto one_or_count = [](const std::set<std::string>& names, const char* what) {
    return names.size() == 1 ? *names.begin() : fmt::format("{} {}", names.size(), what);
  };
  return fmt::format("{} on {}", one_or_count(scenarios, "scenarios"),
                     one_or_count(devices, "devices"));
}

std::string subtitle_of(const History& history) {
  const auto runs = history.runs();
  if (runs.size() == 1) return fmt::format("Run {}", runs.front().run_id);
  return fmt::format("{} runs, {} to {}", runs.size(), runs.front().run_id, runs.back().run_id);
}

}  // namespace

Result<ReportInput> read_report_input(const std::vector<std::string>& paths,
                                      const std::string& checks_file) {
  const ReportPaths parts = report_paths(paths, checks_file);
  if (parts.runs.empty()) {
    return Error{ErrorKind::usage, "report: only files of checks were named; name their runs, too"};
  }
  auto history = read_history(parts.runs);
  if (!history) return history.error();
  auto judged = read_report_checks(*history, parts);
  if (!judged) return judged.error();
  ReportInput input{std::move(*history), {}, std::move(*judged)};
  for (const HistoryRun& run : input.history.runs()) {
    auto read = read_run(input.history, run);
    if (!read) return read.error();
    input.runs.push_back(std::move(*read));
  }
  return input;
}

PageDocument report_document(const ReportInput& input) {
  PageDocument document;
  document.title = title_of(input.history);
  document.subtitle = subtitle_of(input.history);
  add_verdict(document, input);
  for (const auto section : {decided_section, coverage_section, system_section, drift_section,
                             precision_section, performance_section, sustained_section,
                             peers_section, waivers_section, method_section, files_section}) {
    document.sections.push_back(section(input));
  }
  document.made_by = "Made from the files named above, by gpubench report. It needs no network.";
  return document;
}

}  // namespace gpubench
