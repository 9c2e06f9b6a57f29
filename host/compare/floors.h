// floors.h — the file of A/A floors: calibrate writes it, compare and baseline read it.
#pragma once

#include <string>

#include "base/result.h"
#include "compare/calibration.h"
#include "compare/comparison.h"

namespace gpubench {

/// The columns are in docs/comparing.md.
std::string floors_csv(const Calibration& calibration);

/// Fails with `input`, naming file and line: no strict CSV; a missing column; another version; a
/// number that is none or negative; a series twice.
Result<SeriesFloors> read_floors(const std::string& path);

}  // namespace gpubench
