// The reader is a hand-written state machine over the whole text: results are small (a row is about
// 1 kB), and a half last line can only be told from a whole one by seeing every byte.
#include "record/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
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

std::string quoted(std::string_view field) {
  std::string text = "\"";
  for (const char c : field) {
    if (c == '"') text += '"';
    text += c;
  }
  return text += '"';
}

std::string csv_field(std::string_view value) {
  std::string field = valid_utf8(value);
  if (runs_as_formula(field)) field.insert(0, 1, '\'');
  return field.find_first_of(",\"\r\n") == std::string::npos ? field : quoted(field);
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Takes back the one apostrophe that the writer puts before a formula.
void restore_formula(std::string& field) {
  if (field.empty() || field[0] != '\'') return;
  const auto first = field.find_first_not_of('\'');
  if (first == std::string::npos) return;
  if (kFormulaStarts.find(field[first]) != std::string_view::npos) field.erase(0, 1);
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : text_(text), file_(file) {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  Result<CsvTable> table() {
    CsvTable table;
    table.file = file_;
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      auto record = next_record();
      if (!record) return record.error();
      if (!whole_) {
        table.half_line = CsvHalfLine{record->line, text_.size() - begin};
        break;
      }
      if (auto kept = keep(table, std::move(*record)); !kept) return kept.error();
    }
    if (table.ends.empty()) return failure(1, "no header: the file is empty or cut off");
    return table;
  }

 private:
  enum class FieldEnd { comma, newline, end_of_text };

  [[nodiscard]] Error failure(std::size_t line, std::string_view what) const {
    return {ErrorKind::input, fmt::format("{}:{}: {}", file_, line, what)};
  }

  Outcome keep(CsvTable& table, CsvRecord record) {
    table.ends.push_back(at_);
    if (table.ends.size() == 1) return keep_header(table, std::move(record.fields));
    if (record.fields.size() != table.header.size()) {
      return failure(record.line, fmt::format("{} fields; expected {} as in the header",
                                              record.fields.size(), table.header.size()));
    }
    table.records.push_back(std::move(record));
    return Done{};
  }

  Outcome keep_header(CsvTable& table, std::vector<std::string> names) {
    std::vector<std::string> sorted = names;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.front().empty()) return failure(1, "a column of the header has no name");
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) {
      return failure(1, fmt::format("column \"{}\" stands twice in the header", *twice));
    }
    table.header = std::move(names);
    return Done{};
  }

  Result<CsvRecord> next_record() {
    CsvRecord record;
    record.line = line_;
    while (true) {
      std::string field;
      const bool is_quoted = at_ < text_.size() && text_[at_] == '"';
      const auto end = is_quoted ? quoted_field(field) : bare_field(field);
      if (!end) return end.error();
      restore_formula(field);
      record.fields.push_back(std::move(field));
      whole_ = *end == FieldEnd::newline;
      if (*end != FieldEnd::comma) return record;
    }
  }

  Result<FieldEnd> bare_field(std::string& field) {
    const std::size_t end = std::min(text_.find_first_of(",\"\r\n", at_), text_.size());
    field = text_.substr(at_, end - at_);
    at_ = end;
    return field_end("a quote inside a field that does not begin with one");
  }

  Result<FieldEnd> quoted_field(std::string& field) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n') ++line_;
      if (c != '"') {
        field += c;
      } else if (at_ < text_.size() && text_[at_] == '"') {
        field += text_[at_++];
      } else {
        return field_end("text after the closing quote of a field");
      }
    }
    return FieldEnd::end_of_text;
  }

  /// Consumes what ends a field; `otherwise` says what is wrong with anything else.
  Result<FieldEnd> field_end(std::string_view otherwise) {
    if (at_ == text_.size()) return FieldEnd::end_of_text;
    const char c = text_[at_];
    if (c == ',') {
      ++at_;
      return FieldEnd::comma;
    }
    if (c == '\r' && at_ + 1 == text_.size()) return FieldEnd::end_of_text;
    if (c == '\r' && text_[at_ + 1] == '\n') ++at_;
    if (text_[at_] == '\n') {
      ++at_;
      ++line_;
      return FieldEnd::newline;
    }
    return failure(line_, c == '\r' ? "a carriage return that no line feed follows" : otherwise);
  }

  std::string_view text_;
  std::string_view file_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool whole_ = false;  ///< The last record ended in a newline.
};

}  // namespace

std::string csv_number(double value) {
  return std::isfinite(value) ? shortest(value) : "";
}

std::string csv_number(const std::optional<double>& value) {
  return value ? csv_number(*value) : "";
}

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    line += csv_field(fields[i]);
  }
  return line += '\n';
}

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

Result<CsvTable> parse_csv(std::string_view text, std::string_view file) {
  return Parser(text, file).table();
}

Result<CsvTable> read_csv(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  return parse_csv(*text, path);
}

}  // namespace gpubench
