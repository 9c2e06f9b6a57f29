// preconditions.h — is there anything to judge: a whole run, on a real device, under conditions in
// which times mean something, from every host that was to report?
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "judge/facts.h"

namespace gpubench {

/// A host that is to have a run, and on how many devices.
struct ExpectedHost {
  std::string name;
  std::size_t devices = 1;
};

/// One host a line, and after it a number of devices if it is not 1; `#` begins a comment. Fails
/// with `input` and file:line, also when no host is named.
Result<std::vector<ExpectedHost>> parse_expected_hosts(std::string_view text,
                                                       const std::string& file);
Result<std::vector<ExpectedHost>> read_expected_hosts(const std::string& path);

/// Appends the checks of one run as a whole.
void check_run(std::vector<QualificationCheck>& checks, const Facts& facts,
               const Criteria& criteria, const HistoryRun& run);
/// Appends a check for each host. `hosts` outlives it.
void check_hosts(std::vector<QualificationCheck>& checks, const Facts& facts,
                 std::span<const ExpectedHost> hosts);

}  // namespace gpubench
