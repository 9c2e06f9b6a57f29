// tuning_file.h — the file that a tuning table is kept in. Knows not what is in the table.
#pragma once

#include <string>

#include "tuning/table.h"

namespace gpubench {

/// An empty table where there is no such file. Fails with `input` where it cannot be read or
/// understood; the message says what to do about it.
Result<TuningTable> read_tuning_file(const std::string& path);

/// Makes the folder if need be. A reader sees the old table or the new one, never a part.
Outcome write_tuning_file(const std::string& path, const TuningTable& table);

}  // namespace gpubench
