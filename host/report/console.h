// console.h — everything that a person sees of a finished run, as text.
// Reads rows and nothing else: no device, no files; where the text goes is decided in app/.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// A rule of the scenario's `expect:` that a row broke.
struct BrokenExpectation {
  std::string case_id;
  std::string rule;      ///< "rel_fro_err at most 2e-6"
  std::string observed;  ///< "3.1e-5"
};

struct RunReport {
  std::span<const Row> rows;
  std::span<const Comparison> comparisons;
  std::vector<BrokenExpectation> broken_expectations{};
  std::vector<std::string> expected_cases{};  ///< Ids: failed or proved nothing, as expected.
  std::vector<std::string> files;             ///< What the run left behind.
  std::string command;  ///< As typed, without --case; for the command that repeats.
};

/// The first line: device, driver, and whether it is software.
std::string device_line(const DeviceTraits& device, const ConsoleStyle& style);
/// A table for each device and operation, in the order of the rows.
std::string results_text(std::span<const Row> rows, const ConsoleStyle& style);
/// Tables, then answers. `device_line` stands above the tables only of runs on several devices:
/// with one it was shown when the run began.
std::string run_text(const RunReport& report, const ConsoleStyle& style);

}  // namespace gpubench
