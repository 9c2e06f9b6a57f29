// The pages that list columns, words and codes say what the program says.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "plan/reasons.h"
#include "record/columns.h"
#include "record/side_files.h"
#include "record/words.h"
#include "sample_rows.h"

namespace gpubench {
namespace {

using namespace record_tests;

std::string page(const std::string& name) {
  const std::string content = content_of(std::string(GPUBENCH_SOURCE_DIR) + '/' + name);
  EXPECT_FALSE(content.empty()) << name;
  return content;
}

template <class Columns>
std::string table_of(const Columns& columns) {
  std::string table;
  for (const auto& column : columns) {
    table += fmt::format("| `{}` | {} | {} |\n", column.name, column.unit, column.meaning);
  }
  return table;
}

/// The rows of Markdown tables whose first cell is code, from the first `first` to the last `last`.
std::string rows_between(const std::string& text, std::string_view first, std::string_view last) {
  const auto begin = text.find(fmt::format("| `{}` |", first));
  const auto end = text.find(fmt::format("| `{}` |", last), begin);
  if (begin == std::string::npos || end == std::string::npos) return "no such table";
  std::string rows;
  for (std::size_t at = begin; at <= end;) {
    const auto newline = text.find('\n', at);
    const std::string line = text.substr(at, newline - at + 1);
    if (line.starts_with("| `")) rows += line;
    if (newline == std::string::npos) break;
    at = newline + 1;
  }
  return rows;
}

TEST(Docs, BothPagesListEveryColumnInOrder) {
  for (const char* name : {"results/README.md", "docs/results-format.md"}) {
    const std::string found =
        rows_between(page(name), result_columns().front().name, result_columns().back().name);
    EXPECT_EQ(found, table_of(result_columns())) << name;
  }
}

TEST(Docs, BothPagesListTheColumnsOfEveryOtherFile) {
  for (const char* name : {"results/README.md", "docs/results-format.md"}) {
    for (const SideFile& side : kSideFiles) {
      EXPECT_NE(page(name).find(table_of(side.columns())), std::string::npos)
          << name << " should hold\n"
          << table_of(side.columns());
    }
  }
}

TEST(Docs, EveryReasonCodeIsListed) {
  std::string wanted;
  for (const ReasonCode& reason : kReasonCodes) {
    wanted += fmt::format("| `{}` | {} |\n", reason.code, reason.meaning);
  }

  EXPECT_NE(page("docs/results-format.md").find(wanted), std::string::npos)
      << "docs/results-format.md should hold\n"
      << wanted;
}

TEST(Docs, EveryWordOfAColumnIsListed) {
  const std::string format = page("docs/results-format.md");
  for (const auto words : {row_status_words(), check_status_words(), timing_status_words(),
                           stop_reason_words(), timer_words(), precision_verdict_words()}) {
    for (const std::string_view word : words) {
      EXPECT_NE(format.find(fmt::format("| `{}` |", word)), std::string::npos) << word;
    }
  }
}

}  // namespace
}  // namespace gpubench
