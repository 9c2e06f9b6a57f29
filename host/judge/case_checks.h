// case_checks.h — what one row says by itself: is the output right, is the precision the declared
// one, and is the time to be believed?
#pragma once

#include <cstdint>
#include <vector>

#include "judge/facts.h"

namespace gpubench {

/// What the author of the scenario says of the row: nothing, or that it ends as it did.
enum class CaseEnding : std::uint8_t { any, expected };

/// Appends a check of correctness, of precision where something was observed or declared, and of
/// validity where there is a time.
void check_case(std::vector<QualificationCheck>& checks, const Facts& facts,
                const Criteria& criteria, std::size_t row, CaseEnding ending);

}  // namespace gpubench
