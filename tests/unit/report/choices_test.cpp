#include "report/choices.h"

#include <gtest/gtest.h>

#include <vector>

namespace gpubench {
namespace {

Row chosen(const char* kernel, const char* why, std::uint32_t size) {
  Row row;
  row.kernel = kernel;
  row.kernel_choice = why;
  row.planned.problem.shape = {size, size, size, 1};
  return row;
}

TEST(Choices, ShapesThatShareAReasonShareALine) {
  const std::vector<Row> rows = {
      chosen("naive", "tiny output", 8), chosen("direct", "software", 512),
      chosen("direct", "software", 1024), chosen("direct", "software", 512)};

  EXPECT_EQ(choices_text(rows, {}),
            "Which kernel ran, and why?\n"
            "  gemm naive: tiny output (8²)\n"
            "  gemm direct: software (512², 1024²)\n");
}

TEST(Choices, ManyShapesAreCounted) {
  std::vector<Row> rows;
  for (const std::uint32_t size : {1U, 2U, 3U, 4U, 5U, 6U}) {
    rows.push_back(chosen("tiled", "GPU", size));
  }

  EXPECT_NE(choices_text(rows, {}).find("(1², 2², 3², 4² and 2 more)"), std::string::npos);
}

TEST(Choices, NothingIsSaidOfKernelsThatWereNamed) {
  EXPECT_EQ(choices_text(std::vector{chosen("tiled", "", 512)}, {}), "");
}

}  // namespace
}  // namespace gpubench
