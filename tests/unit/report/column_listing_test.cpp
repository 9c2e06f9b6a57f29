#include "report/column_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "record/columns.h"
#include "record/side_files.h"
#include "unit/report/golden.h"

namespace gpubench {
namespace {

TEST(ColumnListing, JsonHasEveryColumnInItsOrder) {
  const auto json = nlohmann::json::parse(columns_json());

  EXPECT_EQ(json.at("schema_version"), kSchemaVersion);
  std::string header;
  for (const auto& column : json.at("results.csv")) {
    header += (header.empty() ? "" : ",") + column.at("name").get<std::string>();
  }
  EXPECT_EQ(header + '\n', results_header());
  for (const SideFile& side : kSideFiles) {
    EXPECT_EQ(json.at(side.name).size(), side.columns().size()) << side.name;
  }
}

TEST(ColumnListing, TextFitsTheTerminal) {
  const std::string text = columns_text({});

  report_tests::expect_fits(text, 80);
  EXPECT_THAT(text, ::testing::HasSubstr("time_median_s (s): Median"));
  EXPECT_THAT(text, ::testing::HasSubstr("host_s (s): One launch"));
}

}  // namespace
}  // namespace gpubench
