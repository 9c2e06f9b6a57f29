// decisions.h — the decisions of every path beside the CPU's: flips, what explains them, both
// confusion matrices, and the first flips one by one. From records alone.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// A table for each problem whose cases decide, and one of its first flips; empty if none does.
std::string decision_tables(std::span<const Row> rows, const ConsoleStyle& style);

}  // namespace gpubench
