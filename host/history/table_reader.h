// table_reader.h — reads results.csv files one after the other into growing columns. One reader
// works alone; several of them, each with some of the files, share nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "history/find_runs.h"
#include "history/history.h"
#include "history/word_list.h"
#include "record/csv_scanner.h"

namespace gpubench {

/// A column of results.csv that is kept. One of the two vectors is used.
struct KeptColumn {
  std::string_view name;
  bool is_number = false;
  std::vector<std::uint32_t> codes;
  std::vector<double> values;
};

class TableReader {
 public:
  /// Names of result_columns().
  explicit TableReader(std::span<const std::string_view> columns);

  Outcome read(const RunFile& file);

  [[nodiscard]] const WordList& words() const { return words_; }
  /// Their first_row counts this reader's rows.
  [[nodiscard]] std::span<const HistoryRun> runs() const { return runs_; }
  [[nodiscard]] std::span<const std::uint32_t> lines() const { return lines_; }
  [[nodiscard]] std::span<const KeptColumn> columns() const { return columns_; }

 private:
  static constexpr std::size_t kAbsent = std::numeric_limits<std::size_t>::max();

  /// Places of columns in the file that is being read.
  struct Layout {
    std::map<std::string, std::size_t, std::less<>> places;
    std::vector<std::size_t> kept;  ///< Of each of columns_; kAbsent in older tables.
    std::size_t schema_version = 0, run_id = 0, tool_version = 0;
  };

  Outcome read_text(HistoryRun& run, std::string_view text);
  Result<Layout> read_header(const HistoryRun& run, CsvScanner& scanner);
  Outcome add_rows(HistoryRun& run, CsvScanner& scanner, const Layout& layout,
                   std::size_t text_bytes);
  Outcome start_run(HistoryRun& run, const Layout& layout, std::size_t line);
  Outcome add_row(const HistoryRun& run, const Layout& layout, std::size_t line);
  bool add_cell(KeptColumn& column, std::size_t place);
  std::string_view value_at(std::size_t place);

  WordList words_;
  std::vector<KeptColumn> columns_;
  std::vector<HistoryRun> runs_;
  std::vector<std::uint32_t> lines_;
  std::vector<CsvField> fields_;  ///< Of the record that is being read.
  std::string storage_;           ///< Of the value that is being read.
};

}  // namespace gpubench
