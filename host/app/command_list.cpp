#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "kernels/kernel.h"
#include "report/column_listing.h"
#include "report/listings.h"
#include "run/machine.h"
#include "run/shader_scan.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("scenarios", error)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

ExitCode list_scenarios(const std::vector<std::string>& files) {
  std::vector<ScenarioEntry> entries;
  ExitCode code = ExitCode::good;
  for (const std::string& file : files) {
    const auto planned = plan_scenario(file, {});
    if (!planned) {
      code = report_error(planned.error());
      continue;
    }
    entries.push_back({file, planned->scenario.description, planned->plan.cases.size()});
  }
  fmt::print("{}", scenarios_text(entries, console_style()));
  return code;
}

ExitCode list_cases(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const auto planned = plan_scenario(file, {});
    if (!planned) return report_error(planned.error());
    fmt::print("{}", cases_text(planned->plan));
  }
  return ExitCode::good;
}

/// What a run would take without being told; none where there is no device, which is no error here.
std::optional<DeviceTraits> default_device() {
  const auto machine = find_machine(ApiValidation::off, "");
  if (!machine) return std::nullopt;
  return machine->devices.front().traits;
}

KernelEntry kernel_entry(const Kernel& kernel, Precision precision,
                         const std::optional<DeviceTraits>& device) {
  KernelEntry entry{&kernel, precision, {}, ""};
  const auto declared = scan_catalogue(kernel, precision);
  if (declared) entry.declared = *declared;
  if (!declared) entry.absent = declared.error().message;
  if (!declared || !device) return entry;
  const auto launch = kernel.launch(sample_problem(kernel), precision, *device);
  if (!launch) entry.absent = launch.error().message;
  return entry;
}

ExitCode list_kernels(OutputFormat format) {
  const std::optional<DeviceTraits> device = default_device();
  std::vector<KernelEntry> entries;
  for (const Kernel& kernel : catalogue()) {
    for (const Precision precision : kernel.paths) {
      entries.push_back(kernel_entry(kernel, precision, device));
    }
  }
  const std::string name = device ? device->name : "";
  fmt::print("{}", format == OutputFormat::json ? kernels_json(entries)
                                                : kernels_text(entries, name, console_style()));
  return ExitCode::good;
}

}  // namespace

ExitCode list_command(ListedThing thing, const std::vector<std::string>& scenario_files,
                      OutputFormat format) {
  if (thing == ListedThing::kernels) return list_kernels(format);
  if (thing == ListedThing::columns) {
    fmt::print("{}", format == OutputFormat::json ? columns_json() : columns_text(console_style()));
    return ExitCode::good;
  }
  if (format == OutputFormat::json) {
    return report_error(
        {ErrorKind::usage, "--json goes with `list kernels` and `list columns` only"});
  }
  const std::vector<std::string> files =
      scenario_files.empty() ? shipped_scenarios() : scenario_files;
  if (files.empty()) {
    return report_error({ErrorKind::usage, "no scenario given, and no folder scenarios/ here"});
  }
  return thing == ListedThing::scenarios ? list_scenarios(files) : list_cases(files);
}

ExitCode validate_command(const std::vector<std::string>& scenario_files,
                          const std::vector<std::string>& overrides) {
  ExitCode code = ExitCode::good;
  for (const std::string& file : scenario_files) {
    const auto planned = plan_scenario(file, overrides);
    if (!planned) {
      code = report_error(planned.error());
      continue;
    }
    fmt::print("{}: good, {}\n", file, cases_word(planned->plan.cases.size()));
  }
  return code;
}

}  // namespace gpubench
