#include "history/run_files.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/text.h"
#include "record/csv.h"
#include "record/durable_file.h"
#include "record/side_files.h"

namespace gpubench {
namespace {

using Samples = std::vector<std::vector<SampleTimes>>;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// Empty when there is no such file beside the run's table.
std::string beside(const HistoryRun& run, const char* name) {
  const auto path = std::filesystem::path(run.folder) / name;
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path.string() : std::string();
}

/// A file of lines whose columns are found by name: older versions lack some, newer ones have more.
class LineTable {
 public:
  static Result<LineTable> read(const std::string& path) {
    auto table = read_csv(path);
    if (!table) return table.error();
    return LineTable(std::move(*table));
  }

  /// Fails unless all of `names` are there.
  [[nodiscard]] Outcome require(std::span<const std::string_view> names) const {
    for (const std::string_view name : names) {
      if (table_.column(name)) continue;
      const std::string file = std::filesystem::path(table_.file).filename();
      return Error{ErrorKind::input,
                   fmt::format("{}:1: no column \"{}\"; expected a {} of gpubench", table_.file,
                               name, file)};
    }
    return Done{};
  }

  [[nodiscard]] std::size_t size() const { return table_.records.size(); }
  [[nodiscard]] const std::string& file() const { return table_.file; }
  [[nodiscard]] std::optional<std::size_t> place(std::string_view column) const {
    return table_.column(column);
  }
  [[nodiscard]] const std::string& text(std::size_t line, std::size_t place) const {
    return table_.records[line].fields[place];
  }
  /// NaN where the cell is empty or no number, or the column is not there.
  [[nodiscard]] double number(std::size_t line, std::optional<std::size_t> place) const {
    return place ? parse_double(text(line, *place)).value_or(kNothing) : kNothing;
  }

  /// A whole number that must be there.
  [[nodiscard]] Result<std::uint64_t> count(std::size_t line, std::size_t place) const {
    if (const auto value = parse_unsigned(text(line, place))) return *value;
    return Error{ErrorKind::input,
                 fmt::format("{}:{}: column \"{}\" is \"{}\"; expected a whole number", table_.file,
                             table_.records[line].line, table_.header[place], text(line, place))};
  }

 private:
  explicit LineTable(CsvTable table) : table_(std::move(table)) {}
  CsvTable table_;
};

/// Reads the file beside the run that must have these columns; nothing when it is not there.
Result<std::optional<LineTable>> read_beside(const HistoryRun& run, const SideFile& file,
                                             std::span<const std::string_view> columns) {
  const std::string path = beside(run, file.name);
  if (path.empty()) return std::optional<LineTable>();
  auto table = LineTable::read(path);
  if (!table) return table.error();
  if (auto whole = table->require(columns); !whole) return whole.error();
  return std::optional(std::move(*table));
}

std::size_t sample_count(const History& history, std::size_t row) {
  const double count = history.number("samples")[row];
  return std::isnan(count) ? 0 : static_cast<std::size_t>(count);
}

/// Cuts samples.csv into the samples of rows, one row after the other.
class SampleReader {
 public:
  explicit SampleReader(const LineTable& table)
      : table_(table),
        case_id_(*table.place("case_id")),
        gpu_s_(*table.place("gpu_s")),
        host_s_(*table.place("host_s")),
        at_s_(table.place("at_s")) {}

  Result<std::vector<SampleTimes>> take(std::string_view case_id, std::size_t count) {
    std::vector<SampleTimes> samples;
    for (std::size_t i = 0; i < count; ++i, ++next_) {
      if (next_ >= table_.size() || table_.text(next_, case_id_) != case_id) {
        return Error{ErrorKind::input, fmt::format("{}: sample {} of {} of case {} is not there",
                                                   table_.file(), i, count, case_id)};
      }
      samples.push_back({table_.number(next_, gpu_s_), table_.number(next_, host_s_),
                         table_.number(next_, at_s_)});
    }
    return samples;
  }

 private:
  const LineTable& table_;
  std::size_t case_id_, gpu_s_, host_s_;
  std::optional<std::size_t> at_s_;
  std::size_t next_ = 0;
};

/// The last of `all` if it is of this case and device, else a new one behind it.
template <class Series>
Series& series_of_line(std::vector<Series>& all, const LineTable& table, std::size_t line) {
  const std::string& case_id = table.text(line, *table.place("case_id"));
  const std::string& device = table.text(line, *table.place("device_uuid"));
  if (all.empty() || all.back().case_id != case_id || all.back().device_uuid != device) {
    Series& fresh = all.emplace_back();
    fresh.case_id = case_id;
    fresh.device_uuid = device;
  }
  return all.back();
}

double number_of_flag(const std::string& cell) {
  if (cell.empty()) return kNothing;
  return cell == "true" ? 1 : 0;
}

Result<ErrorCell> cell_of_line(const LineTable& table, std::size_t line) {
  ErrorCell cell;
  const std::array<std::pair<const char*, std::uint64_t*>, 5> counts = {
      std::pair{"row_begin", &cell.row_begin},
      {"row_end", &cell.row_end},
      {"column_begin", &cell.column_begin},
      {"column_end", &cell.column_end},
      {"nonfinite", &cell.nonfinite}};
  for (const auto& [name, value] : counts) {
    const auto count = table.count(line, *table.place(name));
    if (!count) return count.error();
    *value = *count;
  }
  cell.max_abs_err = table.number(line, table.place("max_abs_err"));
  cell.bound_ratio = table.number(line, table.place("bound_ratio"));
  return cell;
}

}  // namespace

std::span<const std::string_view> columns_for_samples() {
  static constexpr std::array<std::string_view, 2> kColumns = {"case_id", "samples"};
  return kColumns;
}

Result<Samples> read_samples(const History& history, const HistoryRun& run) {
  static constexpr std::array<std::string_view, 3> kNeeded = {"case_id", "gpu_s", "host_s"};
  const auto table = read_beside(run, kSamplesFile, kNeeded);
  if (!table) return table.error();
  if (!*table) return Samples(run.rows);
  SampleReader reader(**table);
  Samples samples;
  for (std::size_t row = run.first_row; row < run.first_row + run.rows; ++row) {
    auto own = reader.take(history.text("case_id")[row], sample_count(history, row));
    if (!own) return own.error();
    samples.push_back(std::move(*own));
  }
  return samples;
}

Result<std::vector<TelemetrySeries>> read_telemetry(const HistoryRun& run) {
  static constexpr std::array<std::string_view, 7> kNeeded = {
      "case_id", "device_uuid", "at_s", "clock_mhz", "power_w", "temp_c", "throttled"};
  const auto table = read_beside(run, kTelemetryFile, kNeeded);
  if (!table) return table.error();
  std::vector<TelemetrySeries> all;
  for (std::size_t line = 0; *table && line < (*table)->size(); ++line) {
    const LineTable& lines = **table;
    TelemetrySeries& series = series_of_line(all, lines, line);
    series.at_s.push_back(lines.number(line, lines.place("at_s")));
    series.clock_mhz.push_back(lines.number(line, lines.place("clock_mhz")));
    series.power_w.push_back(lines.number(line, lines.place("power_w")));
    series.temp_c.push_back(lines.number(line, lines.place("temp_c")));
    series.throttled.push_back(number_of_flag(lines.text(line, *lines.place("throttled"))));
  }
  return all;
}

Result<std::vector<ErrorMap>> read_error_maps(const HistoryRun& run) {
  static constexpr std::array<std::string_view, 9> kNeeded = {
      "case_id",    "device_uuid", "row_begin",   "row_end",  "column_begin",
      "column_end", "max_abs_err", "bound_ratio", "nonfinite"};
  const auto table = read_beside(run, kErrorsFile, kNeeded);
  if (!table) return table.error();
  std::vector<ErrorMap> all;
  for (std::size_t line = 0; *table && line < (*table)->size(); ++line) {
    auto cell = cell_of_line(**table, line);
    if (!cell) return cell.error();
    series_of_line(all, **table, line).cells.push_back(*cell);
  }
  return all;
}

Result<std::optional<RunDocument>> read_run_document(const HistoryRun& run) {
  const std::string path = beside(run, "run.json");
  if (path.empty()) return std::optional<RunDocument>();
  const auto text = read_file(path);
  if (!text) return text.error();
  auto document = parse_run_document(*text, path);
  if (!document) return document.error();
  return std::optional(std::move(*document));
}

}  // namespace gpubench
