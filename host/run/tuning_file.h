// tuning_file.h — the file that a tuning table is kept in. Knows not what is in the table.
#pragma once

#include <string>
#include <vector>

#include "tuning/table.h"

namespace gpubench {

/// An empty table where there is no such file. Fails with `input` where it cannot be read or
/// understood; the message says what to do about it.
Result<TuningTable> read_tuning_file(const std::string& path);

/// Fails where `keep_in_tuning_file` would for want of a right or of space, as far as can be told
/// before there is an entry. Makes the folder if need be.
Outcome check_tuning_file(const std::string& path);

/// Merges the entry into what the file has now, whoever wrote that. A reader sees the old table or
/// the new one, never a part. Returns what `merge` does.
Result<std::vector<std::string>> keep_in_tuning_file(const std::string& path,
                                                     const TuningEntry& entry);

}  // namespace gpubench
