#include "history/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<History> read(const std::string& path) {
  return read_history(std::array{path});
}

std::string error_of(const std::string& path) {
  const auto history = read(path);
  return history.ok() ? "no error" : history.error().message;
}

TEST(History, RowsOfAllRunsStandInTheOrderOfTheirRuns) {
  const WrittenRuns runs;
  runs.add_run("20260102T000000Z-b", {{{"case_id", "late"}, {"time_median_s", "0.5"}}});
  runs.add_run("20260101T000000Z-a",
               {{{"case_id", "first"}, {"time_median_s", "0.25"}}, {{"case_id", "second"}}});

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok()) << history.error().message;
  ASSERT_EQ(history->size(), 3U);
  EXPECT_EQ(history->text("case_id")[0], "first");
  EXPECT_EQ(history->text("case_id")[2], "late");
  EXPECT_EQ(history->number("time_median_s")[0], 0.25);
  EXPECT_TRUE(std::isnan(history->number("time_median_s")[1]));
  EXPECT_EQ(history->run_of(1), 0U);
  EXPECT_EQ(history->run_of(2), 1U);
  EXPECT_EQ(history->line_of(1), 3U);
  EXPECT_EQ(history->runs()[1].run_id, "20260102T000000Z-b");
}

TEST(History, EqualTextsHaveEqualCodesInAnyFileAndColumn) {
  const WrittenRuns runs;
  runs.add_run("a", {{{"kernel", "tiled"}, {"fill", "normal"}}, {{"kernel", "normal"}}});
  runs.add_run("b", {{{"kernel", "tiled"}}});

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok());
  const TextColumn& kernel = history->text("kernel");
  EXPECT_EQ(kernel.code(0), kernel.code(2));
  EXPECT_EQ(kernel.code(1), history->text("fill").code(0));
  EXPECT_NE(kernel.code(0), kernel.code(1));
  EXPECT_EQ(history->text("fill").code(2), 0U);
}

TEST(History, ManyFilesShareTheirWords) {
  const WrittenRuns runs;
  for (int i = 0; i < 200; ++i) {
    const std::string id = "run" + std::to_string(1000 + i);
    runs.add_run(id, {{{"case_id", "same"}, {"host", "host" + std::to_string(i % 3)}}});
  }

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->size(), 200U);
  for (std::size_t row = 0; row < 200; ++row) {
    EXPECT_EQ(history->text("case_id").code(row), history->text("case_id").code(0));
    EXPECT_EQ(history->text("host")[row], "host" + std::to_string(row % 3));
    EXPECT_EQ(history->text("run_id")[row], history->runs()[row].run_id);
  }
}

TEST(History, KeepsOnlyTheColumnsThatAreAskedFor) {
  const WrittenRuns runs;
  runs.add_run("a", {{{"case_id", "x"}, {"rmse", "0.125"}}});

  const auto history =
      read_history(std::array{runs.path()}, std::array<std::string_view, 2>{"rmse", "case_id"});

  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->text("case_id")[0], "x");
  EXPECT_EQ(history->number("rmse")[0], 0.125);
}

TEST(History, OlderTablesLackLaterColumns) {
  const WrittenRuns runs;
  runs.add_run("a", {{{"case_id", "x"}}}, 1);
  runs.add_run("b", {{{"case_id", "x"}, {"kernel_choice", "named"}}});

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok()) << history.error().message;
  EXPECT_EQ(history->runs()[0].schema_version, 1);
  EXPECT_EQ(history->text("kernel_choice")[0], "");
  EXPECT_EQ(history->text("kernel_choice")[1], "named");
  EXPECT_TRUE(std::isnan(history->number("fraction_of_bandwidth")[0]));
}

TEST(History, NewerTablesAreRefusedWithTheToolThatReadsThem) {
  const WrittenRuns runs;
  std::string table =
      WrittenRuns::table("a", {{{"schema_version", "99"}, {"tool_version", "7.1"}}});
  runs.write("a/results.csv", table);

  EXPECT_THAT(error_of(runs.path()), AllOf(HasSubstr("a/results.csv:2: schema_version 99"),
                                           HasSubstr("gpubench 7.1 wrote it")));
}

TEST(History, ColumnsMayStandInAnyOrderAndForeignOnesAreIgnored) {
  const WrittenRuns runs;
  const auto columns = result_columns();
  std::vector<std::string> header{"my_note"};
  std::vector<std::string> fields{"12"};
  for (std::size_t i = columns.size(); i-- > 0;) {
    header.emplace_back(columns[i].name);
    const bool version = columns[i].name == "schema_version";
    const bool text = !*is_number_column(columns[i].name);
    fields.push_back(version ? std::to_string(kSchemaVersion) : text ? "t" : "");
  }
  runs.write("results.csv", csv_line(header) + csv_line(fields));

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok()) << history.error().message;
  EXPECT_EQ(history->text("run_id")[0], "t");
}

TEST(History, AMissingColumnIsNamed) {
  const WrittenRuns runs;
  runs.write("few.csv", "schema_version,run_id\n1,a\n");

  EXPECT_THAT(error_of(runs.path("few.csv")), HasSubstr("few.csv:1: no column \"started_at\""));
}

TEST(History, AColumnOfTheTablesOwnVersionIsNamedWhenItIsMissing) {
  const WrittenRuns runs;
  runs.write("cut.csv", WrittenRuns::table("a", {{{"schema_version", "3"}}}, 1));

  EXPECT_THAT(error_of(runs.path("cut.csv")), HasSubstr("which schema_version 3 has"));
}

TEST(History, WrongNumbersAreNamedWithTheirLine) {
  for (const char* wrong : {"fast", "nan", "inf", "1,5"}) {
    const WrittenRuns runs;
    runs.add_run("a", {{{"case_id", "x"}}, {{"time_median_s", wrong}}});

    EXPECT_THAT(error_of(runs.path()),
                HasSubstr("a/results.csv:3: column time_median_s: \"" + std::string(wrong)));
  }
}

TEST(History, BytesThatAreNotUtf8AreNamedWithTheirLine) {
  const WrittenRuns runs;
  std::string table = WrittenRuns::table("a", {{{"host", "fine Ω"}}, {{"host", "bad?"}}});
  table[table.find("bad?") + 3] = '\xFF';
  runs.write("results.csv", table);

  EXPECT_THAT(error_of(runs.path()), HasSubstr("results.csv:3: byte 0xff is not UTF-8"));
}

TEST(History, ATableWithoutRowsIsARunWithoutRows) {
  const WrittenRuns runs;
  runs.add_run("20260101T000000Z-empty", {});

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->size(), 0U);
  ASSERT_EQ(history->runs().size(), 1U);
  EXPECT_EQ(history->runs()[0].run_id, "20260101T000000Z-empty");
}

TEST(History, AHalfLastRowIsReportedAndLeftOut) {
  const WrittenRuns runs;
  const std::string table = WrittenRuns::table("a", {{{"case_id", "x"}}, {{"case_id", "y"}}});
  runs.write("a/results.csv", table.substr(0, table.size() - 10));

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->size(), 1U);
  ASSERT_TRUE(history->runs()[0].half_line.has_value());
  EXPECT_EQ(history->runs()[0].half_line->line, 3U);
}

TEST(History, CrlfAndAByteOrderMarkAreAccepted) {
  const WrittenRuns runs;
  std::string table = "\xEF\xBB\xBF" + WrittenRuns::table("a", {{{"kernel_choice", "last"}}});
  for (std::size_t at = 0; (at = table.find('\n', at)) != std::string::npos; at += 2) {
    table.insert(at, 1, '\r');
  }
  runs.write("results.csv", table);

  const auto history = read(runs.path());

  ASSERT_TRUE(history.ok()) << history.error().message;
  EXPECT_EQ(history->text("kernel_choice")[0], "last");
}

TEST(History, ARunInTwoFoldersIsRefusedAndAFileNamedTwiceIsNot) {
  const WrittenRuns runs;
  const std::string table = WrittenRuns::table("a", {{{"case_id", "x"}}});
  runs.write("one/results.csv", table);

  const auto history =
      read_history(std::vector{runs.path("one"), runs.path("one/results.csv"), runs.path()});
  runs.write("two/results.csv", table);

  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->runs().size(), 1U);
  EXPECT_THAT(error_of(runs.path()),
              AllOf(HasSubstr("two/results.csv: run_id \"a\" is also that of"),
                    HasSubstr("one/results.csv")));
}

TEST(History, RowsOfSeveralRunsInOneFileAreRefused) {
  const WrittenRuns runs;
  runs.write("all.csv", WrittenRuns::table("a", {{{"case_id", "x"}}, {{"run_id", "b"}}}));

  EXPECT_THAT(error_of(runs.path("all.csv")), HasSubstr("all.csv:3: run_id \"b\""));
}

TEST(History, AnEmptyFolderAndAPathThatIsNotThereAreInputErrors) {
  const WrittenRuns runs;
  runs.write("nothing/notes.txt", "");

  const auto empty = read(runs.path("nothing"));
  const auto absent = read(runs.path("gone"));
  const auto unmatched = read(runs.path("*.csv"));

  ASSERT_FALSE(empty.ok() || absent.ok() || unmatched.ok());
  EXPECT_EQ(empty.error().kind, ErrorKind::input);
  EXPECT_THAT(empty.error().message, HasSubstr("no results.csv"));
  EXPECT_THAT(absent.error().message, HasSubstr("no such file"));
  EXPECT_THAT(unmatched.error().message, HasSubstr("nothing matches"));
}

TEST(History, APatternNamesItsMatches) {
  const WrittenRuns runs;
  runs.add_run("night-1", {{{"case_id", "x"}}});
  runs.add_run("night-2", {{{"case_id", "x"}}});
  runs.add_run("day-1", {{{"case_id", "x"}}});

  const auto history = read(runs.path("night-*"));

  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->runs().size(), 2U);
}

TEST(History, AFieldOfManyMegabytesIsRefused) {
  const WrittenRuns runs;
  runs.add_run("a", {{{"reason", std::string(100'000'000, 'x')}}});

  EXPECT_THAT(error_of(runs.path()), HasSubstr("a/results.csv:2: a field of 100000000 bytes"));
}

}  // namespace
}  // namespace gpubench
