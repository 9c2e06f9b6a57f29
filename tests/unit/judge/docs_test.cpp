#include <gtest/gtest.h>

#include <fmt/format.h>

#include "judge/check.h"
#include "judge/checks_csv.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

std::string page(const char* name) {
  const auto text = read_file(std::string(GPUBENCH_SOURCE_DIR) + "/docs/" + name);
  EXPECT_TRUE(text.ok());
  return text.ok() ? *text : "";
}

TEST(JudgePages, EveryColumnOfChecksCsvIsDocumented) {
  const std::string format = page("results-format.md");
  for (const LineColumn& column : check_columns()) {
    const std::string row =
        fmt::format("| `{}` | {} | {} |\n", column.name, column.unit, column.meaning);
    EXPECT_NE(format.find(row), std::string::npos) << row;
  }
}

TEST(JudgePages, EveryWordIsDocumented) {
  const std::string judging = page("judging.md");
  for (const auto words : {check_result_words(), action_words()}) {
    for (const std::string_view word : words) {
      EXPECT_NE(judging.find(fmt::format("`{}`", word)), std::string::npos) << word;
    }
  }
}

}  // namespace
}  // namespace gpubench
