// expand.h — a scenario's axes as the list of cases to run.
// Pure. Knows nothing of devices: what a device cannot do, the runner finds out.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "plan/case.h"
#include "scenario/scenario.h"

namespace gpubench {

/// Cases in the order of the blocks; within a block problems in the order shape, transpose_b,
/// bias, activation, fill, seed, and for each problem precision, then kernel. Cases of one problem
/// are neighbours, so that its reference is made once. Ids are unique. Combinations that mean
/// nothing, and repeats of a case, are dropped with a reason.
/// Fails (kind input) on words that kernels/ does not know.
Result<Plan> expand(const Scenario& scenario);

/// "gemm/auto/fp16_acc32/nn/4096x4096x4096/normal/s42"; docs/scenario-format.md has the scheme.
std::string case_id(const Case& planned);

/// The cases, and dropped ones, whose id is `pattern`; `*` stands for any text. Fails (kind usage)
/// when there is none, and names the nearest id.
Result<Plan> select_cases(const Plan& plan, std::string_view pattern);

}  // namespace gpubench
