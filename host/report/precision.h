// precision.h — what the probes found out: for each path the precision that it declares and the one
// in which it computes. Knows nothing of how they found it out.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// Cases of one operation, kernel and precision that ended alike share an entry; those of which the
/// verdict speaks against the path come first. Empty where no probes were asked for.
std::string precision_text(std::span<const Row> rows, const ConsoleStyle& style);

}  // namespace gpubench
