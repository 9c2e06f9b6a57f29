// answers.h — what a reader asks once the tables are read: what failed, what drifted most, what was
// left out and why, and how to see the worst case again.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// Each failed row with its reason; empty when there is none.
std::string failures_text(std::span<const Row> rows, const ConsoleStyle& style);
/// "Proves nothing: 1 of 9 cases", each with its reason; empty if there is none.
std::string mistrusted_text(std::span<const Row> rows, const ConsoleStyle& style);
/// "NOT AS DECLARED: 1 of 9 cases", with what the SPIR-V of each says; empty if there is none.
std::string contradictions_text(std::span<const Row> rows, const ConsoleStyle& style);
/// "FASTER THAN FP32: 1 of 9 cases", each with both rates; empty if there is none.
std::string above_peak_text(std::span<const Row> rows, const ConsoleStyle& style);
/// "As expected: 2 of 9 cases failed or prove nothing", each with its reason; empty if there is
/// none. `rows` are those alone; `all` counts the run's.
std::string expected_text(std::span<const Row> rows, std::size_t all, const ConsoleStyle& style);
/// "Doubtful times: 1 of 9 cases", likewise.
std::string doubtful_times_text(std::span<const Row> rows, const ConsoleStyle& style);
/// The checked row whose output came nearest to its tolerance, or went furthest beyond it.
std::string worst_drift_text(std::span<const Row> rows, const ConsoleStyle& style);
/// Rows that were never started, grouped by reason; empty when there is none.
std::string left_out_text(std::span<const Row> rows, const ConsoleStyle& style);

/// The row to look at first: a failed one, else one that its probes accuse, else the one that
/// drifted most; null: nothing ran.
const Row* worst_row(std::span<const Row> rows);
/// The shell command that runs this case alone, in two lines with a continuation if one is too
/// long. `command` is the run's own, such as "./gpubench run scenarios/matmul.yaml".
std::string repeat_command(const std::string& command, const Row& row, const ConsoleStyle& style);

}  // namespace gpubench
