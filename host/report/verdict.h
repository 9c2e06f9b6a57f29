// verdict.h — how a row ended, in the one or two words that stand in its line.
#pragma once

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// "passed", "passed, noisy", "mistrusted", "DOWNGRADED", "FAILED wrong_result", "FAILED,
/// DOWNGRADED", "skipped: budget", …
Cell verdict_cell(const Row& row);
/// The row was run and found bad, or could not be run to its end.
bool is_failure(const Row& row);
/// The row was planned but never started.
bool is_left_out(const Row& row);
/// The output agrees with the reference and proves nothing.
bool is_mistrusted(const Row& row);
/// The kernel's modules declare less than the case does.
bool is_contradicted(const Row& row);
/// It declares FP32, and ran faster than FP32 can on its device.
bool is_faster_than_fp32(const Row& row);
/// Its probes speak against it: less precise than declared, or worse.
bool is_accused(const Row& row);
/// The device's timestamps disagree with the host's clock.
bool has_doubtful_time(const Row& row);
/// It has a speed, and its series was noisy, drifting or short.
bool is_unsteady(const Row& row);

}  // namespace gpubench
