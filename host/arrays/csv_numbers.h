// csv_numbers.h — a column or a matrix of numbers from text: CSV, or what numpy.savetxt writes.
// Pure: text in, numbers out. Decimals become the nearest float32, as the runtime that printed them
// had them; a double would keep digits that were cut off in print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpubench {

struct CsvNumbers {
  std::vector<std::uint64_t> shape;  ///< (lines,) for one column, otherwise (lines, columns).
  std::vector<float> values;
};

/// Numbers are parted by commas, semicolons, tabs or blanks. Lines that are empty or begin with #
/// are left out, and so is a first line of names. `path` is for messages, which say file:line.
Result<CsvNumbers> parse_csv_numbers(std::string_view text, const std::string& path);

}  // namespace gpubench
