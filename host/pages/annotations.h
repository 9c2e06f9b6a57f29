// annotations.h — what people know about a day: "driver 550 installed", from a file that they keep.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace gpubench {

struct Annotation {
  double at_s = 0;  ///< Seconds since 1970.
  std::string text;
};

/// A CSV with the columns date ("2026-11-21" or "2026-11-21T15:30:20Z", UTC) and text. Fails with
/// `input`, naming file and line.
Result<std::vector<Annotation>> read_annotations(const std::string& path);

}  // namespace gpubench
