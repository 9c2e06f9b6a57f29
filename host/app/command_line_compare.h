// command_line_compare.h — the options of `gpubench compare` and `calibrate`: how they are given
// and what they mean.
#pragma once

#include <string>
#include <vector>

#include "app/commands_compare.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace gpubench {

/// As they are parsed.
struct CompareOptionValues {
  std::vector<std::string> sets, base, fresh, across;
  std::string device, floor_file, markdown_file, json_file;
  bool all = false;
};

void add_compare(CLI::App& app, CompareOptionValues& values);
void add_calibrate(CLI::App& app, CalibrateArguments& arguments);
void add_baseline(CLI::App& app, BaselineArguments& arguments);

/// Fails with `usage` where it stays open which runs are which.
Result<CompareArguments> finished_compare(const CompareOptionValues& values);

}  // namespace gpubench
