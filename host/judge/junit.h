// junit.h — checks as JUnit XML, which build servers show. A suite is a run; the first is the
// verdict.
#pragma once

#include <span>
#include <string>

#include "judge/check.h"

namespace gpubench {

/// Takes a qualification that kept all checks. fail → failure; what is required and undecided →
/// error; other skip and waived → skipped; a warning, or what is open and not required, passes with
/// its message as output. So there is an error when the verdict is INCONCLUSIVE, and none when it
/// is a good one.
std::string junit_xml(const Qualification& qualification);

}  // namespace gpubench
