// history.h — the rows of many runs, column by column, as their files left them: of any age, from
// any machine. Judges nothing, and needs no device.
//
// The tables of ten thousand runs are a gigabyte, so only the columns that are asked for are kept:
// texts as numbers of a common list, numbers as doubles.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "history/word_list.h"
#include "record/csv.h"

namespace gpubench {

/// Rows are numbered from 0 to History::size(), run after run.
class TextColumn {
 public:
  TextColumn(const WordList& words, std::vector<std::uint32_t> codes)
      : words_(&words), codes_(std::move(codes)) {}

  /// Empty where it is missing.
  [[nodiscard]] std::string_view operator[](std::size_t row) const {
    return (*words_)[codes_[row]];
  }
  /// Equal for two rows, in whichever columns of one History, exactly when their texts are equal;
  /// 0 for the empty text.
  [[nodiscard]] std::uint32_t code(std::size_t row) const { return codes_[row]; }

 private:
  const WordList* words_;
  std::vector<std::uint32_t> codes_;
};

class NumberColumn {
 public:
  explicit NumberColumn(std::vector<double> values) : values_(std::move(values)) {}

  /// NaN where it is missing.
  [[nodiscard]] double operator[](std::size_t row) const { return values_[row]; }

 private:
  std::vector<double> values_;
};

/// One results.csv, and what lies beside it.
struct HistoryRun {
  std::string folder;      ///< That results.csv lies in.
  std::string file;        ///< Its path.
  std::string run_id;      ///< Of its rows; the folder's name for a table without rows.
  int schema_version = 0;  ///< 0 for a table without rows.
  std::size_t first_row = 0;
  std::size_t rows = 0;
  /// A last row that a killed run left half written; it is not among the rows.
  std::optional<CsvHalfLine> half_line;
};

class History {
 public:
  [[nodiscard]] std::size_t size() const { return lines_.size(); }
  /// Ordered by run_id, which is by time.
  [[nodiscard]] std::span<const HistoryRun> runs() const { return runs_; }
  /// Index into runs().
  [[nodiscard]] std::size_t run_of(std::size_t row) const;
  /// Line of its results.csv, from 1; for messages.
  [[nodiscard]] std::size_t line_of(std::size_t row) const { return lines_[row]; }

  /// The column must have been asked for and hold texts (is_number_column). What a table of an
  /// older version lacks is missing in its rows.
  [[nodiscard]] const TextColumn& text(std::string_view column) const;
  /// The same for numbers.
  [[nodiscard]] const NumberColumn& number(std::string_view column) const;

 private:
  friend class HistoryBuilder;
  History() = default;

  std::unique_ptr<WordList> words_ = std::make_unique<WordList>();  ///< TextColumn points to it.
  std::vector<HistoryRun> runs_;
  std::vector<std::uint32_t> lines_;
  std::map<std::string_view, TextColumn> texts_;
  std::map<std::string_view, NumberColumn> numbers_;
};

/// Every run under `paths` (find_runs), with `columns` of results.csv; with all when it is empty.
/// Each name must be one of result_columns().
///
/// Fails with `input`, naming file and line: what find_runs refuses; a newer schema_version, or
/// none; a missing column; what is no strict CSV or no UTF-8; a number that is none; rows of
/// several runs in one file, or of one run in several.
Result<History> read_history(std::span<const std::string> paths,
                             std::span<const std::string_view> columns = {});

}  // namespace gpubench
