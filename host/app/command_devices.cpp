#include <fmt/format.h>

#include <algorithm>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "device/device.h"
#include "record/build_info.h"
#include "report/listings.h"

namespace gpubench {
namespace {

void print_json(const Instance& instance, std::size_t count) {
  fmt::print("[");
  for (std::uint32_t i = 0; i < count; ++i) {
    fmt::print("{}{}", i == 0 ? "" : ",\n", describe_device(instance, i));
  }
  fmt::print("]\n");
}

void print_text(const std::vector<DeviceCandidate>& candidates) {
  std::vector<DeviceEntry> entries;
  for (const DeviceCandidate& candidate : candidates) {
    entries.push_back({candidate.index, candidate.traits, candidate.refusals});
  }
  fmt::print("{}", devices_text(entries, console_style()));
}

}  // namespace

ExitCode devices_command(OutputFormat format) {
  const auto instance = open_instance(ApiValidation::off);
  if (!instance) return report_error(instance.error());
  const std::vector<DeviceCandidate> candidates = list_devices(**instance);
  if (format == OutputFormat::json) {
    print_json(**instance, candidates.size());
  } else {
    print_text(candidates);
  }
  const bool usable =
      std::any_of(candidates.begin(), candidates.end(),
                  [](const DeviceCandidate& candidate) { return candidate.refusals.empty(); });
  return usable ? ExitCode::good : ExitCode::could_not_run;
}

ExitCode version_command() {
  const BuildInfo& build = build_info();
  fmt::print("gpubench {} ({}), {}, {}\n", build.version, build.commit, build.compiler,
             build.build_type);
  return ExitCode::good;
}

}  // namespace gpubench
