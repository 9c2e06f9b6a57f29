// growth.h — how the error of each precision grows along one dimension, beside what theory expects.
// From records alone.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// A table for each group of rows that differ in that dimension, precision and kernel alone; empty
/// if no group has two of its sizes.
std::string growth_tables(const GrowthTable& asked, std::span<const Row> rows,
                          const ConsoleStyle& style);

}  // namespace gpubench
