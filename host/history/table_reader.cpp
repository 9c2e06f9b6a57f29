#include "history/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <filesystem>

#include "base/text.h"
#include "record/build_info.h"
#include "record/columns.h"
#include "record/durable_file.h"
#include "record/utf8.h"

namespace gpubench {
namespace {

constexpr std::optional<double> kMissing = std::numeric_limits<double>::quiet_NaN();

Error failure(const HistoryRun& run, std::size_t line, std::string_view what) {
  return {ErrorKind::input, fmt::format("{}:{}: {}", run.file, line, what)};
}

std::string folder_name(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(folder, ignored).filename().string();
}

Outcome check_utf8(const HistoryRun& run, std::string_view text) {
  const auto invalid = first_invalid_utf8(text);
  if (!invalid) return Done{};
  const auto before = text.substr(0, *invalid);
  const auto line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  return failure(run, line,
                 fmt::format("byte 0x{:02x} is not UTF-8; expected a file as gpubench wrote it",
                             static_cast<unsigned char>(text[*invalid])));
}

Error newer_version(const HistoryRun& run, std::size_t line, std::uint64_t version,
                    std::string_view writer) {
  return failure(run, line,
                 fmt::format("schema_version {}; this gpubench ({}) reads up to {}. gpubench {} "
                             "wrote it: use that one or a newer",
                             version, build_info().version, kSchemaVersion,
                             writer.empty() ? "of another version" : writer));
}

}  // namespace

TableReader::TableReader(std::span<const std::string_view> columns) {
  for (const std::string_view name : columns) {
    const Column* column = find_result_column(name);
    assert(column != nullptr && "a column of results.csv");
    columns_.push_back({column->name, *is_number_column(name), {}, {}});
  }
}

Outcome TableReader::read(const RunFile& file) {
  HistoryRun run;
  run.folder = file.folder;
  run.file = file.file;
  run.first_row = lines_.size();
  const auto text = read_file(file.file);
  if (!text) return text.error();
  if (const auto valid = check_utf8(run, *text); !valid) return valid.error();
  if (const auto done = read_text(run, *text); !done) return done.error();
  runs_.push_back(std::move(run));
  return Done{};
}

Outcome TableReader::read_text(HistoryRun& run, std::string_view text) {
  CsvScanner scanner(text, run.file);
  const auto layout = read_header(run, scanner);
  if (!layout) return layout.error();
  if (const auto added = add_rows(run, scanner, *layout, text.size()); !added) return added.error();
  run.rows = lines_.size() - run.first_row;
  if (run.rows == 0) run.run_id = folder_name(run.folder);
  return Done{};
}

Result<TableReader::Layout> TableReader::read_header(const HistoryRun& run, CsvScanner& scanner) {
  const auto found = scanner.next(fields_);
  if (!found) return found.error();
  if (*found != CsvScanner::Found::record) {
    return failure(run, 1, "no header: the file is empty or cut off");
  }
  Layout layout;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto [entry, added] = layout.places.emplace(value_at(i), i);
    if (!added) {
      return failure(run, 1, fmt::format("column \"{}\" stands twice in the header", entry->first));
    }
  }
  for (const Column& column : result_columns().first(result_column_count(1))) {
    if (layout.places.contains(column.name)) continue;
    return failure(
        run, 1, fmt::format("no column \"{}\"; expected a results.csv of gpubench", column.name));
  }
  const auto place = [&](std::string_view name) {
    const auto entry = layout.places.find(name);
    return entry == layout.places.end() ? kAbsent : entry->second;
  };
  for (const KeptColumn& column : columns_) layout.kept.push_back(place(column.name));
  layout.schema_version = place("schema_version");
  layout.run_id = place("run_id");
  layout.tool_version = place("tool_version");
  return layout;
}

Outcome TableReader::add_rows(HistoryRun& run, CsvScanner& scanner, const Layout& layout,
                              std::size_t text_bytes) {
  while (true) {
    const auto found = scanner.next(fields_);
    if (!found) return found.error();
    if (*found == CsvScanner::Found::end) return Done{};
    if (*found == CsvScanner::Found::half_record) {
      run.half_line = CsvHalfLine{scanner.line(), text_bytes - scanner.begin()};
      return Done{};
    }
    if (fields_.size() != layout.places.size()) {
      return wrong_field_count(run.file, scanner.line(), fields_.size(), layout.places.size());
    }
    if (run.run_id.empty()) {
      if (const auto started = start_run(run, layout, scanner.line()); !started) return started;
    }
    if (const auto added = add_row(run, layout, scanner.line()); !added) return added;
  }
}

/// What the first row says of the whole table.
Outcome TableReader::start_run(HistoryRun& run, const Layout& layout, std::size_t line) {
  const std::string_view text = value_at(layout.schema_version);
  const auto version = parse_unsigned(text);
  if (!version || *version == 0) {
    return failure(run, line,
                   fmt::format("schema_version \"{}\"; expected a whole number from 1", text));
  }
  if (*version > static_cast<std::uint64_t>(kSchemaVersion)) {
    return newer_version(run, line, *version, value_at(layout.tool_version));
  }
  run.schema_version = static_cast<int>(*version);
  for (const Column& column : result_columns().first(result_column_count(run.schema_version))) {
    if (layout.places.contains(column.name)) continue;
    return failure(run, 1,
                   fmt::format("no column \"{}\", which schema_version {} has", column.name,
                               run.schema_version));
  }
  run.run_id = value_at(layout.run_id);
  if (run.run_id.empty()) return failure(run, line, "no run_id");
  return Done{};
}

Outcome TableReader::add_row(const HistoryRun& run, const Layout& layout, std::size_t line) {
  if (value_at(layout.run_id) != run.run_id) {
    return failure(run, line,
                   fmt::format("run_id \"{}\" in a table of run \"{}\"; expected one file a run",
                               value_at(layout.run_id), run.run_id));
  }
  if (parse_unsigned(value_at(layout.schema_version)) !=
      static_cast<std::uint64_t>(run.schema_version)) {
    return failure(run, line,
                   fmt::format("schema_version \"{}\" in a table of version {}",
                               value_at(layout.schema_version), run.schema_version));
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (add_cell(columns_[i], layout.kept[i])) continue;
    return failure(run, line,
                   fmt::format("column {}: \"{}\" is not a number; missing is an empty field",
                               columns_[i].name, value_at(layout.kept[i]).substr(0, 40)));
  }
  lines_.push_back(static_cast<std::uint32_t>(line));
  return Done{};
}

/// False where a number should stand and none does.
bool TableReader::add_cell(KeptColumn& column, std::size_t place) {
  const std::string_view text = place == kAbsent ? std::string_view() : value_at(place);
  if (column.is_number) {
    const auto value = text.empty() ? kMissing : parse_double(text);
    column.values.push_back(value.value_or(*kMissing));
    return value.has_value();
  }
  // Most texts of a run repeat from row to row.
  const bool repeats = !column.codes.empty() && words_[column.codes.back()] == text;
  column.codes.push_back(repeats ? column.codes.back() : words_.code(text));
  return true;
}

std::string_view TableReader::value_at(std::size_t place) {
  const CsvField& field = fields_[place];
  const bool as_it_stands = !field.has_doubled_quotes && !field.text.starts_with('\'');
  return as_it_stands ? field.text : csv_value(field, storage_);
}

}  // namespace gpubench
