#include "pages/report.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "history/run_files.h"
#include "pages/report_sections.h"
#include "record/build_info.h"
#include "record/side_files.h"

namespace gpubench {
namespace {

/// What a run's folder may hold that says anything of it.
std::vector<const char*> file_names() {
  std::vector<const char*> names = {"results.csv"};
  for (const SideFile& file : kSideFiles) names.push_back(file.name);
  names.insert(names.end(), {"checks.csv", "run.json"});
  return names;
}

Result<ReportRun> read_run(const History& history, const HistoryRun& run) {
  ReportRun read;
  auto document = read_run_document(run);
  if (!document) return document.error();
  read.document = std::move(*document);
  auto samples = read_samples(history, run);
  if (!samples) return samples.error();
  read.samples = std::move(*samples);
  auto telemetry = read_telemetry(run);
  if (!telemetry) return telemetry.error();
  read.telemetry = std::move(*telemetry);
  auto error_maps = read_error_maps(run);
  if (!error_maps) return error_maps.error();
  read.error_maps = std::move(*error_maps);
  for (const char* name : file_names()) {
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

std::span<const SampleTimes> samples_of(const ReportInput& input, const CaseFacts& facts) {
  const std::size_t run = input.history.run_of(facts.row());
  const auto& of_rows = input.runs[run].samples;
  const std::size_t place = facts.row() - input.history.runs()[run].first_row;
  return place < of_rows.size() ? std::span<const SampleTimes>(of_rows[place])
                                : std::span<const SampleTimes>();
}

std::vector<double> seconds_of(std::span<const SampleTimes> samples) {
  std::vector<double> seconds;
  for (const SampleTimes& sample : samples) {
    seconds.push_back(std::isfinite(sample.gpu_s) ? sample.gpu_s : sample.host_s);
  }
  return seconds;
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
