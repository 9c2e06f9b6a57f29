// checks_csv.h — checks as the lines of checks.csv. Columns are only ever appended.
#pragma once

#include <span>
#include <string>

#include "judge/check.h"
#include "record/side_files.h"

namespace gpubench {

/// Grows when a column is appended.
inline constexpr int kChecksSchemaVersion = 2;

std::span<const LineColumn> check_columns();
/// How many of them, from the first on, a table of every version has.
std::size_t oldest_check_column_count();
std::string checks_header();
/// One line with its LF for each of them.
std::string check_lines(std::span<const QualificationCheck> checks);

}  // namespace gpubench
