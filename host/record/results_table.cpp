#include "record/results_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <limits>

#include "audit/flips.h"
#include "base/text.h"
#include "record/columns.h"

namespace gpubench {
namespace {

/// `wanted` must be what the header begins with.
template <class Columns>
Outcome check_header(const CsvTable& table, const Columns& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string_view found = i < table.header.size() ? std::string_view(table.header[i]) : "";
    if (found == wanted[i].name) continue;
    return Error{ErrorKind::input, fmt::format("{}:1: column {} is \"{}\"; expected \"{}\"",
                                               table.file, i + 1, found, wanted[i].name)};
  }
  return Done{};
}

double number_or_nan(const std::string& cell) {
  return parse_double(cell).value_or(std::numeric_limits<double>::quiet_NaN());
}

// Places of the columns in samples.csv and flips.csv; check_header has made sure of them.
constexpr std::size_t kCaseId = 1;
constexpr std::size_t kGpuSeconds = 3;
constexpr std::size_t kHostSeconds = 4;
constexpr std::size_t kAtSeconds = 5;

std::uint64_t listed_flips(const ResultsTable& results, std::size_t row) {
  const auto count = [&](const char* column) {
    return parse_unsigned(results.text(row, column)).value_or(0);
  };
  return std::min(count("flips_up") + count("flips_down"), kListedFlips);
}

}  // namespace

Result<ResultsTable> ResultsTable::read(const std::string& path) {
  auto table = read_csv(path);
  if (!table) return table.error();
  if (const auto header = check_header(*table, result_columns()); !header) return header.error();
  return ResultsTable(std::move(*table));
}

const std::string& ResultsTable::text(std::size_t row, std::string_view column) const {
  const auto index = table_.column(column);
  assert(index && "no such column in results.csv");
  return table_.records[row].fields[*index];
}

std::optional<double> ResultsTable::number(std::size_t row, std::string_view column) const {
  return parse_double(text(row, column));
}

Result<CsvTable> read_side_file(const std::string& path, const SideFile& file) {
  auto table = read_csv(path);
  if (!table) return table;
  if (const auto header = check_header(*table, file.columns()); !header) return header.error();
  return table;
}

Result<RowSamples> read_samples(const std::string& path, const ResultsTable& results) {
  const auto table = read_side_file(path, kSamplesFile);
  if (!table) return table.error();

  RowSamples samples;
  samples.ends.push_back(table->ends.front());
  std::size_t next = 0;
  for (std::size_t row = 0; row < results.size(); ++row) {
    const std::string& case_id = results.text(row, "case_id");
    const auto count = parse_unsigned(results.text(row, "samples")).value_or(0);
    std::vector<SampleTimes> own;
    for (std::uint64_t i = 0; i < count; ++i, ++next) {
      if (next >= table->records.size() || table->records[next].fields[kCaseId] != case_id) {
        return Error{ErrorKind::input, fmt::format("{}: sample {} of {} of case {} is not there",
                                                   path, i, count, case_id)};
      }
      const auto& fields = table->records[next].fields;
      own.push_back({number_or_nan(fields[kGpuSeconds]), number_or_nan(fields[kHostSeconds]),
                     number_or_nan(fields[kAtSeconds])});
    }
    samples.rows.push_back(std::move(own));
    samples.ends.push_back(table->ends[next]);
  }
  return samples;
}

Result<std::vector<std::uint64_t>> read_flip_ends(const std::string& path,
                                                  const ResultsTable& results) {
  const auto table = read_side_file(path, kFlipsFile);
  if (!table) return table.error();

  std::vector<std::uint64_t> ends = {table->ends.front()};
  std::size_t next = 0;
  for (std::size_t row = 0; row < results.size(); ++row) {
    const std::string& case_id = results.text(row, "case_id");
    for (std::uint64_t i = 0; i < listed_flips(results, row); ++i, ++next) {
      if (next >= table->records.size() || table->records[next].fields[kCaseId] != case_id) {
        return Error{ErrorKind::input,
                     fmt::format("{}: flip {} of case {} is not there", path, i, case_id)};
      }
    }
    ends.push_back(table->ends[next]);
  }
  return ends;
}

}  // namespace gpubench
