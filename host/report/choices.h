// choices.h — which kernels `kernel: auto` took, and why. Knows nothing of how it chose.
#pragma once

#include <span>
#include <string>

#include "record/row.h"
#include "report/table.h"

namespace gpubench {

/// An entry for each operation, kernel and reason, with the shapes that share it. Empty where every
/// kernel was named.
std::string choices_text(std::span<const Row> rows, const ConsoleStyle& style);

}  // namespace gpubench
