// check_table.h — checks as tables of a report: each with what was found, its limit and its base,
// and how many of each stage came out how.
#pragma once

#include <span>
#include <string>

#include "judge/check.h"
#include "pages/document.h"

namespace gpubench {

/// With what the baseline or the peers say, where any of the checks was held against some.
PageTable check_table(std::string id, std::string caption,
                      std::span<const QualificationCheck* const> checks);

/// How many checks of each stage came out how.
PageTable stages_table(std::span<const QualificationCheck> checks);

}  // namespace gpubench
