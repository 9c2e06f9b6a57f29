// fingerprint_kernel.h — the fingerprint of one kernel on one device, through the pipeline, buffers
// and launch that a run times. Knows nothing of what the probes are.
#pragma once

#include "fingerprint/fingerprint.h"
#include "run/execution.h"

namespace gpubench {

/// The problem must be a product without bias, activation and batch.
Result<Fingerprint> fingerprint_kernel(Device& device, const Problem& problem, Precision precision,
                                       const PreparedKernel& kernel);

}  // namespace gpubench
