// run_sets.h — what the commands that set runs against runs share: reading them, and not writing
// over them.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "compare/run_set.h"
#include "history/history.h"

namespace gpubench {

/// Says on stderr, with file and line, which tables end in half a row.
void warn_of_half_lines(const History& history);

Result<RunSet> read_run_set(std::span<const std::string> paths, const std::string& device);

/// Fails with `usage` where `out` is one of the paths that are read, or a file of a run.
Outcome check_output(const std::string& out, std::span<const std::string> paths);

}  // namespace gpubench
