// junit.h — checks as JUnit XML, which build servers show. A suite is a run.
#pragma once

#include <span>
#include <string>

#include "judge/check.h"

namespace gpubench {

/// `checks` stand run after run. fail → failure; error and inconclusive → error; skip and waived →
/// skipped; a warning passes, with its message as output.
std::string junit_xml(const Qualification& qualification);

}  // namespace gpubench
