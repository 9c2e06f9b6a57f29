// csv.h — RFC 4180 text: one writer, and whole tables read strictly. Knows nothing of which columns
// there are.
//
// Formulas: a spreadsheet runs a field that begins with = + - @ (or a tab, CR or LF before one).
// The writer puts an apostrophe before such a field unless it is a number, and before a field that
// already has apostrophes there, so that the reader can take exactly one away: nothing is lost.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpubench {

/// Shortest text that reads back as the same number; empty for NaN and infinities.
std::string csv_number(double value);
std::string csv_number(const std::optional<double>& value);

/// Appends one field: UTF-8, quoted where needed, formulas neutralised.
void append_csv_field(std::string& line, std::string_view field);
/// One line of such fields with its LF.
std::string csv_line(std::span<const std::string> fields);

/// Whether the writer put an apostrophe before the field, which a reader takes away.
bool is_neutralised(std::string_view field);

struct CsvRecord {
  std::size_t line = 0;  ///< Where it begins, 1-based.
  std::vector<std::string> fields;
};

/// A last record that does not end in a newline (or inside a quote): its writer was killed.
struct CsvHalfLine {
  std::size_t line = 0;
  std::uint64_t bytes = 0;
};

struct CsvTable {
  std::string file;
  std::vector<std::string> header;
  std::vector<CsvRecord> records;  ///< Each has as many fields as the header.
  std::optional<CsvHalfLine> half_line;
  /// Bytes from the start of the file to the end of each whole record; the header comes first.
  std::vector<std::uint64_t> ends;

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
};

/// The error of a record whose length differs from the header's.
Error wrong_field_count(std::string_view file, std::size_t line, std::size_t found,
                        std::size_t expected);

/// Accepts CRLF and a byte order mark. Anything else that RFC 4180 does not allow, a record whose
/// length differs from the header's and a repeated or empty column name are `input` errors with
/// file and line. `file` is for messages only.
Result<CsvTable> parse_csv(std::string_view text, std::string_view file);
Result<CsvTable> read_csv(const std::string& path);

}  // namespace gpubench
