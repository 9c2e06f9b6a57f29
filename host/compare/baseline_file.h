// baseline_file.h — a baseline as YAML: written by `baseline create`, read by whoever judges.
#pragma once

#include <string>

#include "base/result.h"
#include "compare/baseline.h"

namespace gpubench {

/// With its content_hash as the last line. Fails with `input` where the text is larger than a
/// baseline may be.
Result<std::string> baseline_yaml(const Baseline& baseline);

/// Strict: fails with `input` and file:line:column on an unknown, missing or repeated key, on a
/// value of the wrong kind, and where the text is not what content_hash was made of.
Result<Baseline> read_baseline(const std::string& path);

}  // namespace gpubench
