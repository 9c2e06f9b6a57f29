// steadiness_checks.h — what time does to a device: whether the last third of a case's samples is
// as fast as the first, and what clocks and temperatures say of it.
#pragma once

#include <span>
#include <vector>

#include "judge/facts.h"
#include "record/results_table.h"

namespace gpubench {

/// For each row, a check of stability where there are enough samples to cut into thirds. Fails with
/// `input` where read_samples does.
Result<RowChecks> check_stability(const Facts& facts, const Criteria& criteria);
/// Appends checks of what was readable of throttling and temperature.
void check_health(std::vector<QualificationCheck>& checks, const Facts& facts,
                  const Criteria& criteria, std::size_t row);

}  // namespace gpubench
