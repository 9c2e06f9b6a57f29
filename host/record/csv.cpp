#include "record/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "record/csv_scanner.h"
#include "record/durable_file.h"
#include "record/utf8.h"

namespace gpubench {
namespace {

constexpr std::string_view kFormulaStarts = "=+-@\t\r\n";

bool runs_as_formula(std::string_view field) {
  const auto first = field.find_first_not_of('\'');
  if (first == std::string_view::npos) return false;
  return kFormulaStarts.find(field[first]) != std::string_view::npos && !parse_double(field);
}

/// ASCII that means nothing to CSV, and no formula: most fields, which need no closer look.
bool is_plain(std::string_view field) {
  if (field.empty()) return true;
  if (kFormulaStarts.find(field[0]) != std::string_view::npos || field[0] == '\'') return false;
  bool plain = true;
  for (const char c : field) plain &= c >= ' ' && c <= '~' && c != ',' && c != '"';
  return plain;
}

void append_doubling_quotes(std::string& line, std::string_view field) {
  for (const char c : field) {
    if (c == '"') line += '"';
    line += c;
  }
}

Error failure(std::string_view file, std::size_t line, std::string_view what) {
  return {ErrorKind::input, fmt::format("{}:{}: {}", file, line, what)};
}

Outcome keep_header(CsvTable& table, std::vector<std::string> names) {
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.front().empty()) return failure(table.file, 1, "a column of the header has no name");
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    return failure(table.file, 1, fmt::format("column \"{}\" stands twice in the header", *twice));
  }
  table.header = std::move(names);
  return Done{};
}

Outcome keep(CsvTable& table, CsvRecord record) {
  if (table.header.empty()) return keep_header(table, std::move(record.fields));
  if (record.fields.size() != table.header.size()) {
    return wrong_field_count(table.file, record.line, record.fields.size(), table.header.size());
  }
  table.records.push_back(std::move(record));
  return Done{};
}

std::vector<std::string> values(std::span<const CsvField> fields) {
  std::vector<std::string> texts;
  texts.reserve(fields.size());
  for (const CsvField& field : fields) texts.push_back(csv_value(field));
  return texts;
}

}  // namespace

std::string csv_number(double value) {
  return std::isfinite(value) ? shortest(value) : "";
}

std::string csv_number(const std::optional<double>& value) {
  return value ? csv_number(*value) : "";
}

void append_csv_field(std::string& line, std::string_view field) {
  if (is_plain(field)) {
    line += field;
    return;
  }
  if (first_invalid_utf8(field)) return append_csv_field(line, valid_utf8(field));
  const bool is_quoted = field.find_first_of(",\"\r\n") != std::string_view::npos;
  if (is_quoted) line += '"';
  if (runs_as_formula(field)) line += '\'';
  if (is_quoted) {
    append_doubling_quotes(line, field);
    line += '"';
  } else {
    line += field;
  }
}

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    append_csv_field(line, fields[i]);
  }
  return line += '\n';
}

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

bool is_neutralised(std::string_view field) {
  if (field.empty() || field[0] != '\'') return false;
  const auto first = field.find_first_not_of('\'');
  return first != std::string_view::npos &&
         kFormulaStarts.find(field[first]) != std::string_view::npos;
}

Error wrong_field_count(std::string_view file, std::size_t line, std::size_t found,
                        std::size_t expected) {
  return failure(file, line,
                 fmt::format("{} fields; expected {} as in the header", found, expected));
}

Result<CsvTable> parse_csv(std::string_view text, std::string_view file) {
  CsvTable table;
  table.file = file;
  CsvScanner scanner(text, file);
  std::vector<CsvField> fields;
  while (true) {
    const auto found = scanner.next(fields);
    if (!found) return found.error();
    if (*found == CsvScanner::Found::end) break;
    if (*found == CsvScanner::Found::half_record) {
      table.half_line = CsvHalfLine{scanner.line(), text.size() - scanner.begin()};
      break;
    }
    if (auto kept = keep(table, {scanner.line(), values(fields)}); !kept) return kept.error();
    table.ends.push_back(scanner.end());
  }
  if (table.ends.empty()) return failure(file, 1, "no header: the file is empty or cut off");
  return table;
}

Result<CsvTable> read_csv(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  return parse_csv(*text, path);
}

}  // namespace gpubench
