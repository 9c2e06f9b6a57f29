// prometheus.h — a verdict as a textfile for Prometheus' node exporter.
#pragma once

#include <string>

#include "judge/check.h"

namespace gpubench {

/// Gauges: gpubench_verdict (1 for the verdict that holds, 0 for the others), gpubench_checks by
/// kind and status, and gpubench_check_failed for each run, case and check that failed. The checks
/// that passed need not have been kept.
std::string prometheus_text(const Qualification& qualification);

}  // namespace gpubench
