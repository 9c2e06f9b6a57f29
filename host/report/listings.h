// listings.h — the texts of `devices`, `list` and `--dry-run`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/kernel.h"
#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// A device that Vulkan lists.
struct DeviceEntry {
  std::uint32_t index = 0;
  DeviceTraits traits;
  std::vector<std::string> refusals;  ///< Why gpubench cannot use it; empty: usable.
};
/// A block of facts for each device. `devices --json` has all of them.
std::string devices_text(std::span<const DeviceEntry> devices, const ConsoleStyle& style);

/// A kernel on one precision path, and what its modules declare.
struct KernelEntry {
  const Kernel* kernel = nullptr;
  Precision precision = Precision::fp32;
  DeclaredArithmetic declared;
  std::string absent{};  ///< Why it cannot run here; empty where it can.
};
/// The kernels, what they declare on each path, and what is absent on the device of that name; an
/// empty name where there is none.
std::string kernels_text(std::span<const KernelEntry> kernels, std::string_view device,
                         const ConsoleStyle& style);
/// One object for each entry. Ends with a newline.
std::string kernels_json(std::span<const KernelEntry> kernels);

/// "1 case", "21 cases".
std::string cases_word(std::size_t count);

struct ScenarioEntry {
  std::string file;
  std::string description;
  std::size_t cases = 0;
};
std::string scenarios_text(std::span<const ScenarioEntry> scenarios, const ConsoleStyle& style);

/// One id a line, whole, however long: for scripts and for `--case`.
std::string cases_text(const Plan& plan);

/// A case as `--dry-run` shows it.
struct PlannedEntry {
  Case planned;
  double flop = 0;
  std::uint64_t device_bytes = 0;
  std::optional<double> seconds;               ///< Empty: no rate of this device is known.
  std::optional<DeclaredArithmetic> declared;  ///< By a user's own shader.
  std::optional<Reason> dropped;               ///< Empty: it would run.
};
/// Cases with predicted work, memory and time, their sums, and the reasons of those left out.
std::string dry_run_text(std::span<const PlannedEntry> entries, const ConsoleStyle& style);

}  // namespace gpubench
