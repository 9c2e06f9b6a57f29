// expected.h — the drift that theory expects of honest arithmetic: no limit, the usual size.
// Pure. tolerance.h has the limits; docs/validating.md derives both.
#pragma once

#include "drift/drift.h"
#include "drift/tolerance.h"

namespace gpubench {

/// rms error of sums in strict sequence, rounded to nearest, over ‖O‖, on the oracle's rows: what
/// `rel_fro_err_fp64` is to be compared with. Shorter chains of sums have smaller errors. kNoValue
/// for softmax, behind an activation, on structured or exact data and without an oracle: theory has
/// no more than a bound there.
double expected_rel_fro_err(const ToleranceInput& input, const ReferenceView& reference);

}  // namespace gpubench
