// reason_of.h — the reason that stands in a row for an error or for the finding of a check.
#pragma once

#include "base/result.h"
#include "drift/verdict.h"
#include "plan/case.h"

namespace gpubench {

Reason reason_of(const Error& error);
/// For checks that are failed or mistrusted.
Reason reason_of(const Check& check);

}  // namespace gpubench
