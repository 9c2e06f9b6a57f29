// audit_json.h — every fact of an audit as a JSON document, for programs.
// Knows nothing of files. NaN, which JSON has not, is null.
#pragma once

#include <string>

#include "audit/audit.h"

namespace gpubench {

/// Ends with a newline. docs/silent-precision.md names the members.
std::string audit_json(const Audit& audit);

}  // namespace gpubench
