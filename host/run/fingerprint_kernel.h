// fingerprint_kernel.h — the fingerprint of one kernel on one device, through the pipeline, buffers
// and launch that a run times. Knows nothing of what the probes are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "fingerprint/fingerprint.h"
#include "fingerprint/softmax_fingerprint.h"
#include "plan/case.h"
#include "plan/estimate.h"
#include "run/execution.h"

namespace gpubench {

struct KernelFingerprint {
  PrecisionVerdict verdict = PrecisionVerdict::unresolved;
  std::string reason;  ///< One sentence that says what the verdict rests on.
  std::string name;    ///< Of the arithmetic; "" where that is not sure.
  int launches = 0;
  std::variant<Fingerprint, SoftmaxFingerprint> facts;  ///< Of a product; of a softmax.
};

/// Why the fingerprint has nothing to say about such a problem; empty where it has.
std::optional<Reason> without_fingerprint(const Problem& problem);
/// Why a case that asks for probes gets none, where one launch takes `launch_s`; empty if it does.
std::optional<Reason> why_not_probed(const Case& planned, double launch_s, OverBudget over_budget);
/// Roughly what the probes add to the time of a case; 0 where there are none.
double probe_seconds(const Case& planned, double launch_s, OverBudget over_budget);

/// Of an execution whose bands are set. Its inputs are other numbers afterwards: nothing may be
/// checked or timed on it any more. Every member of a batch is probed, as so many more rows; a bias
/// is zeros. Fails with `interrupted` once `should_stop` says so.
Result<KernelFingerprint> fingerprint_execution(Execution& execution, const Problem& problem,
                                                Precision precision,
                                                const std::function<bool()>& should_stop);

/// Of a kernel by itself, in an execution of its own.
Result<KernelFingerprint> fingerprint_kernel(Device& device, const Problem& problem,
                                             Precision precision, const PreparedKernel& kernel,
                                             const std::function<bool()>& should_stop);

}  // namespace gpubench
