// end_to_end.h — an output against what FP32 on the CPU makes of the same inputs before they were
// rounded to storage: the whole of what a path costs its user.
// Numbers in, facts out; whether the path computed rightly is drift's question.
#pragma once

#include <span>

#include "drift/drift.h"
#include "record/row.h"

namespace gpubench {

/// `expected` is as long as the output.
EndToEnd measure_end_to_end(const OutputView& output, std::span<const float> expected);

}  // namespace gpubench
