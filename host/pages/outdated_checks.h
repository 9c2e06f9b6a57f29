// outdated_checks.h — whether the checks that gpubench judge left are still of the rows beside
// them: what can be judged again from the rows alone must come out as it did.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "history/history.h"
#include "judge/check.h"

namespace gpubench {

/// One sentence for each run whose rows are not those that `checks` were made of. `history` holds
/// all columns. Fails with `input` as Expectations::read() does.
Result<std::vector<std::string>> outdated_checks(const History& history,
                                                 std::span<const QualificationCheck> checks);

}  // namespace gpubench
