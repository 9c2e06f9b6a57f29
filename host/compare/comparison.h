// comparison.h — two sets of runs side by side: each series with its verdicts, worst first.
// Knows nothing of files or of how a verdict is shown.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compare/outputs.h"
#include "compare/run_set.h"
#include "compare/speed.h"

namespace gpubench {

/// Of (case_id, device_name).
using SeriesFloors = std::map<std::pair<std::string, std::string>, SeriesFloor>;

/// Whether a case is compared with the same case on another device.
enum class DeviceMatch : std::uint8_t { same_name, any };

struct CompareOptions {
  SeriesFloors floors;
  Across across = Across::nothing;
  DeviceMatch devices = DeviceMatch::same_name;
};

struct SeriesComparison {
  std::string case_id;
  std::string device;       ///< Its name; "A100 → H100" where two are compared.
  std::string device_uuid;  ///< Empty where devices of one name are taken together.
  SpeedComparison speed;
  std::string speed_detail;  ///< Why there is no time: status and reason of a row.
  std::vector<OutputFinding> outputs;
};

bool has_worse_output(const SeriesComparison& series);
bool has_unchecked_output(const SeriesComparison& series);

/// What is the same in all rows of one side, for the head of a report.
struct SideFacts {
  std::size_t runs = 0, sessions = 0;
  std::string first_run, last_run;  ///< By name.
  std::vector<std::string> devices, drivers, tools, hosts;
};

enum class ComparisonOutcome : std::uint8_t {
  nothing_worse,
  worse,
  /// Nothing could be decided; or something vanished, went unchecked or is another thing now.
  inconclusive,
};

struct SetComparison {
  SideFacts base, fresh;
  bool same_runs = false;  ///< Both sets are the same runs: nothing can differ.
  std::size_t floors_used = 0;
  std::vector<SeriesComparison> series;  ///< Worst first.
  std::vector<std::string> warnings;
  ComparisonOutcome outcome = ComparisonOutcome::inconclusive;
};

/// How many series have this verdict.
std::size_t count_of(const SetComparison& comparison, SpeedVerdict verdict);

/// Fails with `input` where the sets cannot be compared at all: one has no run; a run is in both,
/// and they are not the same runs; their devices differ.
Result<SetComparison> compare_sets(const RunSet& base, const RunSet& fresh,
                                   const CompareOptions& options = {});

}  // namespace gpubench
