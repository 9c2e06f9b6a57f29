// results_table.h — results.csv and samples.csv read back: cells by column name.
// For reports, comparisons and --resume; knows nothing of how rows are made.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/csv.h"
#include "record/side_files.h"

namespace gpubench {

/// results.csv of one run. Newer files may have more columns at the end.
class ResultsTable {
 public:
  /// Fails with `input` unless every column of this version is there, in order.
  static Result<ResultsTable> read(const std::string& path);

  [[nodiscard]] std::size_t size() const { return table_.records.size(); }
  /// The cell; empty when missing. `column` must be one of result_columns().
  [[nodiscard]] const std::string& text(std::size_t row, std::string_view column) const;
  /// Empty when the cell is empty or not a number.
  [[nodiscard]] std::optional<double> number(std::size_t row, std::string_view column) const;
  [[nodiscard]] const CsvTable& csv() const { return table_; }

 private:
  explicit ResultsTable(CsvTable table) : table_(std::move(table)) {}
  CsvTable table_;
};

/// Times of one line of samples.csv; NaN where the cell is empty.
struct SampleTimes {
  double gpu_s = 0;
  double host_s = 0;
  double at_s = std::numeric_limits<double>::quiet_NaN();  ///< When it began.
};

/// A file of a run's folder that this version wrote; fails with `input`.
Result<CsvTable> read_side_file(const std::string& path, const SideFile& file);

/// samples.csv cut into the samples of each row of results.csv: they stand in the rows' order, and
/// each row says how many are its own. Samples after the last row's (of a case whose row never
/// came) are left out.
struct RowSamples {
  std::vector<std::vector<SampleTimes>> rows;
  /// Bytes from the start of the file to the end of each row's samples; the header comes first.
  std::vector<std::uint64_t> ends;
};

/// Fails with `input` when samples are missing or belong to another case than their row.
Result<RowSamples> read_samples(const std::string& path, const ResultsTable& results);

/// Bytes from the start of flips.csv to the end of each row's flips; the header comes first. Fails
/// with `input` when flips are missing or belong to another case than their row.
Result<std::vector<std::uint64_t>> read_flip_ends(const std::string& path,
                                                  const ResultsTable& results);

}  // namespace gpubench
