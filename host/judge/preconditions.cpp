#include "judge/preconditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/text.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

constexpr std::size_t kMostDevices = 1024;

QualificationCheck run_check(const HistoryRun& run, std::string_view name) {
  QualificationCheck check;
  check.run_id = run.run_id;
  check.check = name;
  return check;
}

QualificationCheck complete(const Facts& facts, const HistoryRun& run) {
  QualificationCheck check = run_check(run, "complete");
  check.unit = "rows";
  check.observed = static_cast<double>(run.rows);
  check.limit_source = "plan of the run";
  if (run.rows == 0) {
    set(check, CheckResult::inconclusive, "no_rows", Action::rerun, "no case has a row");
    return check;
  }
  check.limit_low = facts.planned_rows[run.first_row];
  if (run.half_line) {
    set(check, CheckResult::inconclusive, "half_line", Action::rerun,
        fmt::format("{}:{}: the last row is half written: the run was cut off", run.file,
                    run.half_line->line));
  } else if (std::isnan(check.limit_low)) {
    // Tables before schema_version 4 do not say how many rows they should have.
    check.required = false;
    set(check, CheckResult::skip, "no_plan", Action::none,
        "the table does not say how many rows the run was to have");
  } else if (check.observed < check.limit_low) {
    set(check, CheckResult::inconclusive, "missing_rows", Action::rerun,
        fmt::format("{} of {} rows are there", run.rows, check.limit_low));
  } else if (check.observed > check.limit_low) {
    set(check, CheckResult::error, "too_many_rows", Action::rerun,
        fmt::format("{} rows; the run was to have {}", run.rows, check.limit_low));
  }
  return check;
}

bool is_hardware(std::string_view device_type) {
  constexpr std::array<std::string_view, 3> kHardware = {"discrete", "integrated", "virtual"};
  return std::find(kHardware.begin(), kHardware.end(), device_type) != kHardware.end();
}

/// Of a row whose device is software, or of a type that nobody can tell.
void judge_no_hardware(QualificationCheck& check, const Facts& facts, const Criteria& criteria,
                       std::size_t row) {
  const std::string_view type = facts.device_type[row];
  if (type == "software") {
    if (criteria.allow_software) return;
    set(check, CheckResult::inconclusive, "software_device", Action::fix_config,
        "it runs on the CPU and says nothing of a GPU (--allow-software to judge it all the same)");
  } else {
    const std::string what =
        type.empty() ? fmt::format("{} does not say what kind of device it is", facts.place(row))
                     : fmt::format("{}: device_type is \"{}\", which is no GPU that is known",
                                   facts.place(row), type);
    set(check, criteria.allow_software ? CheckResult::warn : CheckResult::inconclusive,
        "unknown_device_type", Action::fix_config,
        what + (criteria.allow_software ? "; judged all the same, as --allow-software wants"
                                        : " (--allow-software to judge it all the same)"));
  }
  facts.name_device(check, row);
}

QualificationCheck real_device(const Facts& facts, const Criteria& criteria,
                               const HistoryRun& run) {
  QualificationCheck check = run_check(run, "real_device");
  check.limit_source = "criteria allow_software";
  bool any_device = false;
  for (std::size_t row = run.first_row; row < run.first_row + run.rows; ++row) {
    if (!facts.has_device(row)) continue;
    any_device = true;
    if (is_hardware(facts.device_type[row])) continue;
    judge_no_hardware(check, facts, criteria, row);
    if (check.status != CheckResult::pass) return check;
  }
  if (!any_device) {
    set(check, CheckResult::inconclusive, "no_device", Action::fix_config,
        "no row of the run has a device");
  }
  return check;
}

QualificationCheck api_validation(const Facts& facts, const HistoryRun& run) {
  QualificationCheck check = run_check(run, "api_validation");
  check.limit_source = "layers cost time";
  const std::string_view was_on =
      run.rows == 0 ? std::string_view() : facts.api_validation[run.first_row];
  if (was_on == "true") {
    set(check, CheckResult::warn, "api_validation", Action::rerun,
        "validation layers were on: times are not those of the device");
  } else if (!was_on.empty() && was_on != "false") {
    set_unknown_word(check, facts, run.first_row, "api_validation");
  } else if (was_on.empty()) {
    check.required = false;
    set(check, CheckResult::skip, "not_recorded", Action::none,
        "the table does not say whether validation layers were on");
  }
  return check;
}

Error bad_line(const std::string& file, std::size_t line, std::string_view text) {
  return {ErrorKind::input,
          fmt::format("{}:{}: \"{}\"; expected a host name, and after it a number of devices if it "
                      "is not 1",
                      file, line, text.substr(0, 60))};
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  for (std::size_t at = line.find_first_not_of(kBlank); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlank, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlank, end);
  }
  return words;
}

}  // namespace

Result<std::vector<ExpectedHost>> parse_expected_hosts(std::string_view text,
                                                       const std::string& file) {
  std::vector<ExpectedHost> hosts;
  std::set<std::string, std::less<>> names;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty()) continue;
    const auto devices = words.size() == 2 ? parse_unsigned(words[1]) : std::uint64_t{1};
    if (words.size() > 2 || !devices || *devices == 0 || *devices > kMostDevices) {
      return bad_line(file, number, line);
    }
    if (!names.emplace(words[0]).second) {
      return Error{ErrorKind::input,
                   fmt::format("{}:{}: host {} is named twice", file, number, words[0])};
    }
    hosts.push_back({std::string(words[0]), *devices});
  }
  if (hosts.empty()) {
    return Error{ErrorKind::input, fmt::format("{}: names no host; expected one a line", file)};
  }
  return hosts;
}

Result<std::vector<ExpectedHost>> read_expected_hosts(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  return parse_expected_hosts(*text, path);
}

void check_run(std::vector<QualificationCheck>& checks, const Facts& facts,
               const Criteria& criteria, const HistoryRun& run) {
  checks.push_back(complete(facts, run));
  if (run.rows == 0) return;
  checks.push_back(real_device(facts, criteria, run));
  checks.push_back(api_validation(facts, run));
}

void check_hosts(std::vector<QualificationCheck>& checks, const Facts& facts,
                 std::span<const ExpectedHost> hosts) {
  std::map<std::string_view, std::set<std::uint32_t>> devices_of;
  for (std::size_t row = 0; row < facts.history.size(); ++row) {
    auto& devices = devices_of[facts.host[row]];
    if (facts.has_device(row)) devices.insert(facts.device_uuid.code(row));
  }
  for (const ExpectedHost& host : hosts) {
    QualificationCheck check;
    check.check = "expected_host";
    check.unit = "devices";
    const auto found = devices_of.find(host.name);
    const std::size_t devices = found == devices_of.end() ? 0 : found->second.size();
    check.observed = static_cast<double>(devices);
    check.limit_low = static_cast<double>(host.devices);
    check.limit_source = "--expect";
    if (devices < host.devices) {
      const bool no_rows = found == devices_of.end();
      set(check, CheckResult::inconclusive, no_rows ? "missing_host" : "missing_device",
          Action::rerun,
          fmt::format("{}: rows of {} of {} devices", host.name, devices, host.devices));
    }
    checks.push_back(std::move(check));
  }
}

}  // namespace gpubench
