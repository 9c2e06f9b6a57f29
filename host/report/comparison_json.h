// comparison_json.h — two sets of runs side by side, as JSON for other programs.
#pragma once

#include <string>

#include "compare/comparison.h"

namespace gpubench {

/// One document, every series in it; docs/comparing.md lists its members. Those that are columns of
/// results.csv or checks.csv have their names; what is missing is null.
std::string comparison_json(const SetComparison& comparison);

}  // namespace gpubench
