// find_runs.h — which results.csv files lie under what the user named. Looks at names only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace gpubench {

struct RunFile {
  std::string folder;  ///< "." for a file named without one.
  std::string file;
};

/// For each path: a CSV file itself, whatever its name; the results.csv of a run's folder; or every
/// results.csv somewhere below a folder. A pattern with * or ? that no shell has expanded is.
/// Each file once, sorted by path; links to folders are not followed below a path. Fails with
/// `input` when a path is not there, cannot be read or has no run.
Result<std::vector<RunFile>> find_runs(std::span<const std::string> paths);

}  // namespace gpubench
