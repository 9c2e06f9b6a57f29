// columns.h — every column of results.csv, once: name, unit, meaning, value.
// Header, writer, results/README.md and docs/results-format.md follow these tables.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "record/row.h"

namespace gpubench {

/// Grows when a column is appended; a name is never used again for something else.
constexpr int kSchemaVersion = 5;

struct Column {
  std::string_view name;
  std::string_view unit;  ///< "s", "FLOP/s", … ; "text", "word", "count" or "flag" without one.
  std::string_view meaning;
  std::string (*value)(const Row&);  ///< Empty when missing.
};

std::span<const Column> result_columns();
/// How many of them, from the first on, a table of this version has. 1 <= version <=
/// kSchemaVersion.
std::size_t result_column_count(int schema_version);
/// Null when results.csv has no such column.
const Column* find_result_column(std::string_view name);
/// Whether the column holds numbers; none when results.csv has no such column.
std::optional<bool> is_number_column(std::string_view name);

std::string results_header();
std::string results_line(const Row& row);

}  // namespace gpubench
