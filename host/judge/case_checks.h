// case_checks.h — what one row says by itself: is the output right, is the precision the declared
// one, and is the time to be believed?
#pragma once

#include <vector>

#include "judge/facts.h"

namespace gpubench {

/// Appends a check of correctness, of precision where something was observed or declared, and of
/// validity where there is a time.
void check_case(std::vector<QualificationCheck>& checks, const Facts& facts,
                const Criteria& criteria, std::size_t row);

}  // namespace gpubench
