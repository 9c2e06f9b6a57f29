// labels.h — the labels that a case's decisions are held against: drawn from the seed, or the
// user's own. Knows nothing of decisions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "plan/case.h"

namespace gpubench {

/// 0 or 1 for each output; empty where the case has no labels. Drawn ones are 1 with the chance
/// that the score names: `expected` is FP32 on the CPU, so the labels are those of every path.
/// Fails with `input` for a file that cannot be used.
Result<std::vector<std::uint8_t>> make_labels(const DecideSpec& decide, const Problem& problem,
                                              std::span<const float> expected);

/// Finds a label file that make_labels would refuse. A case without one has nothing to check.
Outcome check_labels(const Case& planned);

}  // namespace gpubench
