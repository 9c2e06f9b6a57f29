// column_listing.h — the text of `list columns`: every column of the files of a run, for people and
// for programs that write or read them.
#pragma once

#include <string>

#include "report/table.h"

namespace gpubench {

std::string columns_text(const ConsoleStyle& style);
/// Names, units and meanings by file, with the schema version. Ends with a newline.
std::string columns_json();

}  // namespace gpubench
