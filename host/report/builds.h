// builds.h — the same case built as it is and built strict: did the driver use the freedom that the
// first leaves it? Reads rows and nothing else.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// A line for each pair whose outputs differ, and how many do not; empty when no case was built
/// both ways and compared.
std::string builds_text(std::span<const Row> rows, const ConsoleStyle& style);

}  // namespace gpubench
