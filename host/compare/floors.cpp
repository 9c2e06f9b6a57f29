#include "compare/floors.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "record/csv.h"

namespace gpubench {
namespace {

constexpr const char* kVersion = "1";
constexpr std::array<std::string_view, 10> kColumns = {
    "schema_version", "case_id", "device_name", "floor_rel", "runs",
    "sessions",       "splits",  "median_s",    "spread",    "session_deviation"};

Error at_line(const std::string& path, std::size_t line, const std::string& text) {
  return Error{ErrorKind::input, fmt::format("{}:{}: {}", path, line, text)};
}

/// The fields of one record in the order of kColumns.
using Fields = std::array<std::string_view, kColumns.size()>;

Result<SeriesFloor> floor_of(const Fields& fields, const std::string& path, std::size_t line) {
  const auto floor_rel = parse_double(fields[3]);
  if (!floor_rel || !std::isfinite(*floor_rel) || *floor_rel < 0) {
    return at_line(path, line,
                   fmt::format("floor_rel is \"{}\", expected a share such as 0.03", fields[3]));
  }
  const auto deviation = parse_double(fields[9]);
  if (!deviation || !std::isfinite(*deviation) || *deviation < 0) {
    return at_line(
        path, line,
        fmt::format("session_deviation is \"{}\", expected a number of at least 0", fields[9]));
  }
  const auto runs = parse_unsigned(fields[4]), sessions = parse_unsigned(fields[5]);
  if (!runs || !sessions) return at_line(path, line, "runs and sessions must be whole numbers");
  return SeriesFloor{*floor_rel, *runs, *sessions, *deviation};
}

Result<std::array<std::size_t, kColumns.size()>> places_in(const CsvTable& table) {
  std::array<std::size_t, kColumns.size()> places{};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const auto column = table.column(kColumns[i]);
    if (!column) {
      return at_line(table.file, 1,
                     fmt::format("no column {}; is this a file of calibrate?", kColumns[i]));
    }
    places[i] = *column;
  }
  return places;
}

}  // namespace

std::string floors_csv(const Calibration& calibration) {
  std::vector<std::string> header(kColumns.begin(), kColumns.end());
  std::string text = csv_line(header);
  for (const CalibratedSeries& series : calibration.series) {
    const std::array<std::string, kColumns.size()> fields = {
        kVersion,
        series.case_id,
        series.device_name,
        csv_number(series.floor.floor_rel),
        std::to_string(series.floor.runs),
        std::to_string(series.floor.sessions),
        std::to_string(series.splits),
        csv_number(series.median_s),
        csv_number(series.spread),
        csv_number(series.floor.session_deviation)};
    text += csv_line(fields);
  }
  return text;
}

Result<SeriesFloors> read_floors(const std::string& path) {
  const auto table = read_csv(path);
  if (!table) return table.error();
  if (table->half_line) return at_line(path, table->half_line->line, "the last line is cut off");
  const auto places = places_in(*table);
  if (!places) return places.error();
  SeriesFloors floors;
  for (const CsvRecord& record : table->records) {
    Fields fields;
    for (std::size_t i = 0; i < kColumns.size(); ++i) fields[i] = record.fields[(*places)[i]];
    if (fields[0] != kVersion) {
      return at_line(
          path, record.line,
          fmt::format("schema_version is \"{}\", this gpubench reads {}", fields[0], kVersion));
    }
    const auto floor = floor_of(fields, path, record.line);
    if (!floor) return floor.error();
    const bool is_new =
        floors.emplace(std::pair(std::string(fields[1]), std::string(fields[2])), *floor).second;
    if (!is_new) return at_line(path, record.line, "this case and device stand here twice");
  }
  return floors;
}

}  // namespace gpubench
