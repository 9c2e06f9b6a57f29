#include "history/run_files.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/text.h"
#include "record/csv.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

using Samples = std::vector<std::vector<SampleTimes>>;

/// Empty when there is no such file beside the run's table.
std::string beside(const HistoryRun& run, const char* name) {
  const auto path = std::filesystem::path(run.folder) / name;
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path.string() : std::string();
}

/// Places of the columns that are used.
struct SampleLayout {
  std::size_t case_id, gpu_s, host_s;
};

Result<SampleLayout> layout_of(const CsvTable& table) {
  SampleLayout layout{};
  const std::array<std::pair<const char*, std::size_t*>, 3> wanted = {
      std::pair{"case_id", &layout.case_id}, {"gpu_s", &layout.gpu_s}, {"host_s", &layout.host_s}};
  for (const auto& [name, place] : wanted) {
    const auto found = table.column(name);
    if (!found) {
      return Error{ErrorKind::input, fmt::format("{}:1: no column \"{}\"; expected a samples.csv "
                                                 "of gpubench",
                                                 table.file, name)};
    }
    *place = *found;
  }
  return layout;
}

double number_or_nan(const std::string& cell) {
  return parse_double(cell).value_or(std::numeric_limits<double>::quiet_NaN());
}

std::size_t sample_count(const History& history, std::size_t row) {
  const double count = history.number("samples")[row];
  return std::isnan(count) ? 0 : static_cast<std::size_t>(count);
}

/// The samples of one row, which begin at record `next`; moves `next` behind them.
Result<std::vector<SampleTimes>> take(const CsvTable& table, const SampleLayout& layout,
                                      std::size_t& next, std::string_view case_id,
                                      std::size_t count) {
  std::vector<SampleTimes> samples;
  for (std::size_t i = 0; i < count; ++i, ++next) {
    if (next >= table.records.size() || table.records[next].fields[layout.case_id] != case_id) {
      return Error{ErrorKind::input, fmt::format("{}: sample {} of {} of case {} is not there",
                                                 table.file, i, count, case_id)};
    }
    const auto& fields = table.records[next].fields;
    samples.push_back({number_or_nan(fields[layout.gpu_s]), number_or_nan(fields[layout.host_s])});
  }
  return samples;
}

}  // namespace

std::span<const std::string_view> columns_for_samples() {
  static constexpr std::array<std::string_view, 2> kColumns = {"case_id", "samples"};
  return kColumns;
}

Result<Samples> read_samples(const History& history, const HistoryRun& run) {
  const std::string path = beside(run, "samples.csv");
  if (path.empty()) return Samples(run.rows);
  const auto table = read_csv(path);
  if (!table) return table.error();
  const auto layout = layout_of(*table);
  if (!layout) return layout.error();

  Samples samples;
  std::size_t next = 0;
  for (std::size_t row = run.first_row; row < run.first_row + run.rows; ++row) {
    auto own =
        take(*table, *layout, next, history.text("case_id")[row], sample_count(history, row));
    if (!own) return own.error();
    samples.push_back(std::move(*own));
  }
  return samples;
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
