// qualification_text.h — a qualification for the terminal: the verdict, and the checks that decided
// it.
#pragma once

#include <string>

#include "judge/check.h"
#include "report/table.h"

namespace gpubench {

/// The verdict's line, then at most five checks, the worst first: what was observed, the limit and
/// where it comes from, and what to do. Ends in a newline.
std::string qualification_text(const Qualification& qualification, const ConsoleStyle& style);

}  // namespace gpubench
