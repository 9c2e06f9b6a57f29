// outputs.h — the first outputs of every path side by side, the CPU's among them: which paths give
// the same numbers, and which numbers have been through FP16. From records alone.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// A table for each problem and device; empty if no row has outputs to show.
std::string outputs_tables(const OutputsTable& asked, std::span<const Row> rows,
                           const ConsoleStyle& style);

}  // namespace gpubench
