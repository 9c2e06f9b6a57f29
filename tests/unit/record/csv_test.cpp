#include "record/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <limits>
#include <random>

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Fields = std::vector<std::string>;

std::string line(const Fields& fields) {
  return csv_line(fields);
}

/// What the reader makes of one line below a header of the same width.
Fields read_back(const Fields& fields) {
  Fields header;
  for (std::size_t i = 0; i < fields.size(); ++i) header.push_back("c" + std::to_string(i));
  const auto table = parse_csv(line(header) + line(fields), "t.csv");
  EXPECT_TRUE(table.ok()) << (table.ok() ? "" : table.error().message);
  return table.ok() && table->records.size() == 1 ? table->records[0].fields : Fields{};
}

std::string error_of(std::string_view text) {
  const auto table = parse_csv(text, "t.csv");
  return table.ok() ? "no error" : table.error().message;
}

TEST(CsvWriter, PlainFieldsAreNotQuoted) {
  EXPECT_EQ(line({"a", "", "1.5"}), "a,,1.5\n");
}

TEST(CsvWriter, CommasQuotesAndNewlinesAreQuoted) {
  EXPECT_EQ(line({"a,b", "say \"x\"", "two\nlines", "cr\r"}),
            "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"cr\r\"\n");
}

TEST(CsvWriter, FormulasAreNeutralisedAndNumbersAreNot) {
  EXPECT_EQ(line({"=1+1", "+x", "-x", "@x", "-1.5", "-1e-05", "a=b"}),
            "'=1+1,'+x,'-x,'@x,-1.5,-1e-05,a=b\n");
}

TEST(CsvWriter, ControlCharactersBeforeAFormulaAreNeutralised) {
  EXPECT_EQ(line({"\t=1", "\r=1", "\n=1"}), "'\t=1,\"'\r=1\",\"'\n=1\"\n");
}

TEST(CsvWriter, InvalidUtf8IsReplaced) {
  // A lone continuation byte, an overlong '/', a surrogate, a cut sequence, and NUL.
  EXPECT_EQ(line({"a\x80z"}), "a\xEF\xBF\xBDz\n");
  EXPECT_EQ(line({"\xC0\xAF"}), "\xEF\xBF\xBD\xEF\xBF\xBD\n");
  EXPECT_EQ(line({"\xED\xA0\x80"}), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\n");
  EXPECT_EQ(line({"\xE2\x82"}), "\xEF\xBF\xBD\xEF\xBF\xBD\n");
  EXPECT_EQ(line({std::string("a\0b", 3)}),
            "a\xEF\xBF\xBD"
            "b\n");
}

TEST(CsvWriter, ValidUtf8IsKept) {
  EXPECT_EQ(line({"Ω µs 16384² 漢 😀"}), "Ω µs 16384² 漢 😀\n");
}

TEST(CsvNumber, IsShortestAndReadsBack) {
  EXPECT_EQ(csv_number(0.1), "0.1");
  EXPECT_EQ(csv_number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(csv_number(-0.0), "-0");
  EXPECT_EQ(csv_number(5e-324), "5e-324");
}

TEST(CsvNumber, WhatIsNotFiniteIsMissing) {
  EXPECT_EQ(csv_number(std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_EQ(csv_number(std::numeric_limits<double>::infinity()), "");
  EXPECT_EQ(csv_number(std::optional<double>()), "");
}

TEST(CsvNumber, KeepsItsPointInALocaleWithCommas) {
  const char* found = nullptr;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"}) {
    if (found == nullptr) found = std::setlocale(LC_ALL, name);
  }
  if (found == nullptr) GTEST_SKIP() << "no locale with a decimal comma is installed";

  EXPECT_EQ(csv_number(1234.5), "1234.5");

  std::setlocale(LC_ALL, "C");
}

TEST(CsvReader, TortureFieldsComeBack) {
  const Fields torture = {"",      "=1+1", "'=1+1",        "''-x", "'",    "'quoted'", "-1.5",
                          "'-1.5", "a,b",  "\"",           "\"\"", "\r\n", "\n",       "\t=x",
                          " lead", "Ω😀",   "x\ny,\"z\"\n", "'\t"};

  EXPECT_EQ(read_back(torture), torture);
}

TEST(CsvReader, RandomFieldsComeBack) {
  std::mt19937 random(7);
  const std::string_view letters = "a1,\"\n\r'=+-@\t ;.";
  for (int round = 0; round < 500; ++round) {
    Fields fields(1 + random() % 5);
    for (std::string& field : fields) {
      for (std::size_t i = random() % 6; i > 0; --i) field += letters[random() % letters.size()];
    }
    ASSERT_EQ(read_back(fields), fields) << line(fields);
  }
}

TEST(CsvReader, AcceptsCrlfAndByteOrderMark) {
  const auto table = parse_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"2\"\r\n",
      "t.csv");

  ASSERT_TRUE(table.ok());
  EXPECT_THAT(table->header, ElementsAre("a", "b"));
  EXPECT_THAT(table->records.at(0).fields, ElementsAre("1", "2"));
}

TEST(CsvReader, HalfLastLineIsReportedAndDropped) {
  const auto table = parse_csv("a,b\n1,2\n3,4", "t.csv");

  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->records.size(), 1U);
  ASSERT_TRUE(table->half_line.has_value());
  EXPECT_EQ(table->half_line->line, 3U);
  EXPECT_EQ(table->half_line->bytes, 3U);
  EXPECT_THAT(table->ends, ElementsAre(4U, 8U));
}

TEST(CsvReader, HalfLineInsideAQuoteIsReported) {
  const auto table = parse_csv("a,b\n1,\"two\nli", "t.csv");

  ASSERT_TRUE(table.ok());
  EXPECT_TRUE(table->records.empty());
  EXPECT_EQ(table->half_line->line, 2U);
}

TEST(CsvReader, RecordsKnowTheirLineAfterQuotedNewlines) {
  const auto table = parse_csv("a\n\"x\ny\nz\"\nlast\n", "t.csv");

  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->records.at(1).line, 5U);
}

TEST(CsvReader, ErrorsNameFileAndLine) {
  EXPECT_EQ(error_of("a,b\n1,2\n1\n"), "t.csv:3: 1 fields; expected 2 as in the header");
  EXPECT_EQ(error_of("a,b\n1,2,3\n"), "t.csv:2: 3 fields; expected 2 as in the header");
  EXPECT_THAT(error_of("a\nx\"y\n"), HasSubstr("t.csv:2: a quote inside a field"));
  EXPECT_THAT(error_of("a\n\"x\"y\n"), HasSubstr("t.csv:2: text after the closing quote"));
  EXPECT_THAT(error_of("a\nx\ry\n"), HasSubstr("t.csv:2: a carriage return"));
}

TEST(CsvReader, BadHeadersAreErrors) {
  EXPECT_THAT(error_of(""), HasSubstr("t.csv:1: no header"));
  EXPECT_THAT(error_of("a,b"), HasSubstr("t.csv:1: no header"));
  EXPECT_THAT(error_of("a,b,a\n"), HasSubstr("column \"a\" stands twice"));
  EXPECT_THAT(error_of("a,,b\n"), HasSubstr("has no name"));
}

TEST(CsvReader, MissingFileAndFolderAreInputErrors) {
  const auto missing = read_csv("/nonexistent/results.csv");
  const auto folder = read_csv("/");

  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::input);
  EXPECT_THAT(missing.error().message, HasSubstr("/nonexistent/results.csv: cannot open"));
  ASSERT_FALSE(folder.ok());
  EXPECT_THAT(folder.error().message, HasSubstr("cannot read: Is a directory"));
}

TEST(CsvReader, MutatedBytesNeverCrashAndNeverGiveRaggedRecords) {
  const std::string good =
      line({"a", "b", "c"}) + line({"x,y", "\"", "=1"}) + line({"1", "2", "\n"});
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    std::string text = good;
    for (unsigned i = 0; i <= random() % 4; ++i) {
      const std::size_t at = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(at, 1 + random() % 3);
      } else {
        text[at] = static_cast<char>(random() % 256);
      }
      if (text.empty()) text = ",";
    }
    const auto table = parse_csv(text, "t.csv");
    if (!table.ok()) continue;
    ASSERT_EQ(table->ends.size(), table->records.size() + 1);
    for (const CsvRecord& record : table->records) {
      ASSERT_EQ(record.fields.size(), table->header.size());
    }
  }
}

}  // namespace
}  // namespace gpubench
