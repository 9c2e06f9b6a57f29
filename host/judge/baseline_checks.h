// baseline_checks.h — times against what is known of such devices.
#pragma once

#include <vector>

#include "compare/baseline.h"
#include "judge/facts.h"

namespace gpubench {

/// Appends a check for a row that has a time. Slower than the baseline by more than its minimum
/// effect, and surely so where an interval can be told, fails; a warning while the baseline is
/// provisional. A case or device that the baseline does not know, or knows with another kernel,
/// fill or timer, is inconclusive. `baseline` outlives it.
void check_against_baseline(std::vector<QualificationCheck>& checks, const Facts& facts,
                            const Baseline& baseline, std::size_t row);

/// Appends an inconclusive check for each case that the baseline knows of a device here, and that
/// no row is about.
void check_for_missing_cases(std::vector<QualificationCheck>& checks, const Facts& facts,
                             const Baseline& baseline);

}  // namespace gpubench
