#include "run/end_to_end.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gpubench {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(EndToEnd, MeasuresOverFinitePairsAlone) {
  const std::vector<float> output = {3, kInf, 4, std::nanf("")};
  const std::vector<float> expected = {3, 7, 4.5F, 1};

  const EndToEnd facts = measure_end_to_end({output, {}}, expected);

  EXPECT_DOUBLE_EQ(facts.max_abs_err, 0.5);
  EXPECT_DOUBLE_EQ(facts.rel_fro_err, 0.5 / std::sqrt(9 + 20.25));
}

TEST(EndToEnd, KeepsTheFirstFourOfEitherFormat) {
  const std::vector<HalfBits> output = {0x3C00, 0x4000, 0x3800, 0xC000, 0x3C00};
  const std::vector<float> expected = {1, 2, 0.5F, -2, 1};

  const EndToEnd facts = measure_end_to_end({{}, output}, expected);

  EXPECT_EQ(facts.first_outputs, (std::vector<float>{1, 2, 0.5F, -2}));
  EXPECT_EQ(facts.first_expected, (std::vector<float>{1, 2, 0.5F, -2}));
  EXPECT_EQ(facts.max_abs_err, 0);
}

TEST(EndToEnd, NothingFiniteHasNoDifference) {
  const std::vector<float> output = {kInf};
  const std::vector<float> expected = {1};

  const EndToEnd facts = measure_end_to_end({output, {}}, expected);

  EXPECT_TRUE(std::isnan(facts.max_abs_err));
  EXPECT_TRUE(std::isnan(facts.rel_fro_err));
}

}  // namespace
}  // namespace gpubench
