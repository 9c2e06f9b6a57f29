// results_table.h — the table of one operation: a line for each case, fast or failed.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// Title and table of rows that share an operation and a device. GEMM and linear show FLOP/s,
/// softmax, which is bound by memory, B/s.
std::string results_table(std::span<const Row* const> rows, const ConsoleStyle& style);

}  // namespace gpubench
