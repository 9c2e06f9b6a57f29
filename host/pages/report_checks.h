// report_checks.h — the checks that gpubench judge left for the runs of a report: where they lie,
// and whether they are still of these rows. Judges nothing.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "history/history.h"
#include "pages/check_file.h"
#include "pages/sha256.h"

namespace gpubench {

/// What a report was asked for, taken apart.
struct ReportPaths {
  std::vector<std::string> runs;
  std::vector<std::string> checks;  ///< Of several runs together, as judge --out writes them.
};

/// A path whose name is checks.csv is one of checks; so is the checks.csv in a folder that holds
/// runs and is none itself. `checks_file`, where it is not empty, takes the place of those.
ReportPaths report_paths(const std::vector<std::string>& paths, const std::string& checks_file);

struct ReportChecks {
  std::vector<CheckFile> files;
  /// Of all files; empty when any run has none: what is not judged as a whole has no verdict.
  std::vector<QualificationCheck> checks;
  /// Of files that are not a run's own.
  std::vector<std::pair<std::string, FileDigest>> digests;
  std::vector<std::string> not_judged;  ///< Runs without checks, by name.
  /// One sentence for each run whose rows are not those that were judged.
  std::vector<std::string> outdated;
  std::string command;  ///< That judges anew.
};

/// A run that the common files do not speak of has its own checks.csv. Fails with `input` as
/// read_check_file() and outdated_checks() do.
Result<ReportChecks> read_report_checks(const History& history, const ReportPaths& paths);

}  // namespace gpubench
