// audit_text.h — an audit as a person reads it: verdicts first, then what they rest on.
// Knows nothing of files; every line fits the console's width.
#pragma once

#include <string>

#include "audit/audit.h"
#include "report/table.h"

namespace gpubench {

std::string audit_text(const Audit& audit, const ConsoleStyle& style);

}  // namespace gpubench
