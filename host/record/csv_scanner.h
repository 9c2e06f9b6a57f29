// csv_scanner.h — RFC 4180 text cut into records, strictly and without copying: fields are views of
// the text. Knows nothing of headers or columns.
//
// Sixteen bytes at a time are compared with the four characters that mean something, so a gigabyte
// takes about a second (tests/bench has the figure).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpubench {

/// A longer field is no benchmark's; a broken quote or another kind of file is the usual cause.
inline constexpr std::size_t kMaxCsvFieldBytes = std::size_t{1} << 20;

/// A field as it stands in the text, without quotes around it.
struct CsvField {
  std::string_view text;
  bool has_doubled_quotes = false;
};

/// What was written: doubled quotes and the apostrophe before a formula taken back.
std::string csv_value(const CsvField& field);
/// The same without a copy where nothing is to be taken back; else a view of `storage`.
std::string_view csv_value(const CsvField& field, std::string& storage);

class CsvScanner {
 public:
  enum class Found {
    record,
    half_record,  ///< It does not end in a newline, or ends inside a quote: its writer was killed.
    end,
  };

  /// `text` must outlive the fields; `file` is for messages only. A byte order mark is skipped.
  CsvScanner(std::string_view text, std::string_view file);

  /// Accepts CRLF. Anything else that RFC 4180 does not allow, and a field above kMaxCsvFieldBytes,
  /// is an `input` error with file and line.
  Result<Found> next(std::vector<CsvField>& fields);

  /// Of the record that was found last: the 1-based line and the byte that it begins on.
  [[nodiscard]] std::size_t line() const { return record_line_; }
  [[nodiscard]] std::uint64_t begin() const { return record_begin_; }
  /// The byte after it.
  [[nodiscard]] std::uint64_t end() const { return at_; }

 private:
  enum class FieldEnd : std::uint8_t { comma, newline, end_of_text };

  /// The first of , " CR LF at or after at_; the text's size when there is none.
  std::size_t next_special();
  void take_plain_fields(std::vector<CsvField>& fields);
  Result<FieldEnd> bare_field(CsvField& field);
  Result<FieldEnd> quoted_field(CsvField& field);
  Result<FieldEnd> field_end(std::string_view otherwise);
  Result<FieldEnd> checked(FieldEnd end, const CsvField& field) const;
  [[nodiscard]] Error failure(std::string_view what) const;

  std::string_view text_;
  std::string_view file_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::uint64_t record_begin_ = 0;
  std::size_t record_line_ = 1;
  std::size_t block_ = 0;       ///< Where the bytes of `specials_` begin.
  std::uint64_t specials_ = 0;  ///< One bit for each of kBlock bytes.
};

}  // namespace gpubench
