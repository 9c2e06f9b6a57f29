// check_file.h — checks.csv as gpubench judge left it, back as checks. Judges nothing anew.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "judge/check.h"
#include "record/csv.h"

namespace gpubench {

struct CheckFile {
  std::unique_ptr<const CsvTable> table;  ///< Texts of the checks are views of it.
  std::vector<QualificationCheck> checks;
};

/// Fails with `input`, naming file and line: no strict CSV; a missing column; a newer
/// schema_version; a word or number that is none.
Result<CheckFile> read_check_file(const std::string& path);

}  // namespace gpubench
