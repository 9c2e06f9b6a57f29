#include "record/csv_scanner.h"

#include <gtest/gtest.h>

#include <random>

#include "record/csv.h"
#include "record/utf8.h"

namespace gpubench {
namespace {

/// The scanner looks at blocks of 64 bytes: fields of all lengths put commas, quotes and newlines
/// on every place of a block.
TEST(CsvScanner, SpecialCharactersAreFoundOnEveryPlaceOfABlock) {
  for (std::size_t length = 0; length < 200; ++length) {
    const std::vector<std::string> written = {std::string(length, 'a'),
                                              "q\"" + std::string(length, 'b'),
                                              std::string(length, 'c') + "\n,", "end"};
    const std::string text = csv_line(written) + csv_line({});
    CsvScanner scanner(text, "t.csv");
    std::vector<CsvField> fields;

    const auto found = scanner.next(fields);

    ASSERT_TRUE(found.ok() && *found == CsvScanner::Found::record) << length;
    std::vector<std::string> read;
    for (const CsvField& field : fields) read.push_back(csv_value(field));
    EXPECT_EQ(read, written);
    EXPECT_EQ(scanner.end(), text.size() - 1);
  }
}

TEST(CsvScanner, EveryCutOfATableIsAHalfRecordOrAWholeOne) {
  const std::string text = "a,\"b\"\"\n\",c\r\nd,e,\"f\"\r\n";
  const std::size_t first_end = text.find("d,");
  for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
    CsvScanner scanner(std::string_view(text).substr(0, bytes), "t.csv");
    std::vector<CsvField> fields;

    std::size_t records = 0;
    auto found = scanner.next(fields);
    for (; found.ok() && *found == CsvScanner::Found::record; found = scanner.next(fields))
      ++records;

    ASSERT_TRUE(found.ok()) << bytes;
    EXPECT_EQ(records, bytes == text.size() ? 2U : bytes >= first_end ? 1U : 0U) << bytes;
    const bool whole = bytes == text.size() || bytes == first_end;
    EXPECT_EQ(*found, whole ? CsvScanner::Found::end : CsvScanner::Found::half_record) << bytes;
  }
}

TEST(CsvScanner, OverlongFieldsAreErrorsWithTheirLine) {
  for (const char* quote : {"", "\""}) {
    const std::string text =
        "h\n" + (quote + std::string(kMaxCsvFieldBytes + 1, 'x')) + quote + "\n";
    CsvScanner scanner(text, "t.csv");
    std::vector<CsvField> fields;
    ASSERT_TRUE(scanner.next(fields).ok());

    const auto found = scanner.next(fields);

    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().message.substr(0, 8), "t.csv:2:");
  }
}

TEST(Utf8, TheFirstInvalidByteIsFoundOnEveryPlace) {
  for (const char bad : {'\0', '\x80', '\xFF', '\xC0'}) {
    for (std::size_t place = 0; place < 40; ++place) {
      std::string text(40, 'a');
      text[place] = bad;
      EXPECT_EQ(first_invalid_utf8(text), place);
    }
  }
}

TEST(Utf8, ValidTextHasNoInvalidByte) {
  std::mt19937 random(3);
  const std::vector<std::string> letters = {"a", "Ω", "漢", "😀", "\x01", "\x7F"};
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 30; ++i) text += letters[random() % letters.size()];
    EXPECT_EQ(first_invalid_utf8(text), std::nullopt);
    EXPECT_EQ(valid_utf8(text), text);
  }
}

}  // namespace
}  // namespace gpubench
