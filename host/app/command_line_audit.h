// command_line_audit.h — the options of `gpubench audit` and its commands: how they are given and
// what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/exit_code.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gpubench {

/// As they are parsed, before they become arguments.
struct AuditOptionValues {
  AuditArguments arrays;
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
};

void add_audit(CLI::App& app, AuditOptionValues& values);

/// The command that was asked for.
ExitCode run_audit(const CLI::App& audit, AuditOptionValues& values, const std::string& cache_dir);

}  // namespace gpubench
