// reason_of.h — the reason that stands in a row for an error, for the finding of a check, or for
// clocks that disagree.
#pragma once

#include <optional>

#include "base/result.h"
#include "drift/verdict.h"
#include "plan/case.h"
#include "timing/host_check.h"

namespace gpubench {

Reason reason_of(const Error& error);
/// For checks that are failed or mistrusted.
Reason reason_of(const Check& check);
/// None when the two clocks agree, or nothing was compared.
std::optional<Reason> reason_of(const HostCheck& check);

}  // namespace gpubench
