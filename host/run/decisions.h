// decisions.h — which decisions at a threshold a path turned around, held against FP32 on the CPU
// from the inputs before storage. audit/flips.h knows what a flip is.
#pragma once

#include <cstdint>
#include <span>

#include "drift/tolerance.h"
#include "plan/case.h"
#include "record/row.h"
#include "reference/reference.h"

namespace gpubench {

struct DecisionCase {
  const DecideSpec& decide;
  const Reference& expected;  ///< Of the unrounded inputs; has values.
  /// Of the whole path, from unrounded inputs to its output.
  const Tolerance& margin;
  std::span<const std::uint8_t> labels;  ///< Empty, or one for each output.
};

DecisionFacts judge_decisions(const OutputView& output, const DecisionCase& decided);

}  // namespace gpubench
