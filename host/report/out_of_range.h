// out_of_range.h — where numbers left a format's range: outputs that are Inf or NaN, clamped, or
// zero where they should not be, path by path. From records alone.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// A table for each problem that left the range on some path: all its paths, those that kept within
/// it too. Empty if none did.
std::string out_of_range_tables(std::span<const Row> rows, const ConsoleStyle& style);

}  // namespace gpubench
