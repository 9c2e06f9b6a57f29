// run_sets.h — what the commands that set runs against runs share: reading them, and not writing
// over them.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "compare/run_set.h"

namespace gpubench {

Result<RunSet> read_run_set(std::span<const std::string> paths, const std::string& device);

/// Fails with `usage` where `out` is one of the paths that are read, or a file of a run.
Outcome check_output(const std::string& out, std::span<const std::string> paths);

}  // namespace gpubench
