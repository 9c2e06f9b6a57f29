// speedup.h — how many times faster one precision ran than another, case by case.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// The scenario's `speedup: {of, over}`: pairs of rows that differ in precision alone. A pair
/// without two speeds keeps its line and says why. Empty when no row has either precision.
std::string speedup_table(const SpeedupTable& asked, std::span<const Row> rows,
                          const ConsoleStyle& style);

}  // namespace gpubench
