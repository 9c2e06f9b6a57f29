// --set: where a value goes, and that it is checked as the file is.
#include <gtest/gtest.h>

#include "test_words.h"

namespace gpubench {
namespace {

constexpr std::string_view kTwoBlocks = R"(name: two
cases:
  - {op: gemm, size: [8, 9]}
  - {op: linear, shape: {m: 1, n: 2, k: 3}, bias: true}
)";

TEST(Overrides, TopLevelValueIsReplacedOrAdded) {
  const auto scenario = read(kOneCase, {"budget=5s", "name=other", "labels.rack=r7"});

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->budget_s, 5);
  EXPECT_EQ(scenario->name, "other");
  EXPECT_EQ(scenario->labels[0], (std::pair<std::string, std::string>{"rack", "r7"}));
}

TEST(Overrides, NumberPicksOneBlock) {
  const auto scenario = read(kTwoBlocks, {"cases.1.precision=[fp32, fp16]"});

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->cases[0].precisions.size(), 1U);
  EXPECT_EQ(scenario->cases[1].precisions, (std::vector<std::string>{"fp32", "fp16"}));
}

TEST(Overrides, KeyOfAListGoesToEveryEntry) {
  const auto scenario = read(kTwoBlocks, {"cases.precision=fp16"});

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->cases[0].precisions, std::vector<std::string>{"fp16"});
  EXPECT_EQ(scenario->cases[1].precisions, std::vector<std::string>{"fp16"});
}

TEST(Overrides, SizeTakesTheShapeAwayAndShapeTheSize) {
  const auto scenario = read(kTwoBlocks, {"cases.size=512", "cases.0.shape={m: 4, n: 5, k: 6}"});

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->cases[0].shapes[0].k, 6U);
  EXPECT_EQ(scenario->cases[1].shapes[0].k, 512U);
}

TEST(Overrides, LaterOnesWinAndReachIntoLists) {
  const auto scenario = read(kTwoBlocks, {"seed=1", "seed=2", "cases.0.size.1=77"});

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->seed, 2U);
  EXPECT_EQ(scenario->cases[0].shapes[0].m, 8U);
  EXPECT_EQ(scenario->cases[0].shapes[1].m, 77U);
}

TEST(Overrides, ValueOfABlockGivesWayToNothing) {
  // The budget of a block is its own: the scenario's does not reach it.
  const auto scenario = read(kOneCase, {"cases.budget=1s", "budget=9s"});

  ASSERT_TRUE(scenario.ok());
  EXPECT_EQ(*scenario->cases[0].budget_s, 1);
}

TEST(Overrides, ErrorsShowTheAssignment) {
  const auto error = [](const std::string& set) { return message_of(read(kTwoBlocks, {set})); };

  EXPECT_EQ(error("budgt=5s"),
            "--set budgt=5s: key \"budgt\" is unknown; did you mean \"budget\"?");
  EXPECT_EQ(error("cases.precison=fp32"),
            "--set cases.precison=fp32: key \"precison\" is unknown; did you mean \"precision\"?");
  EXPECT_EQ(error("cases.precision=fp61"),
            "--set cases.precision=fp61: precision \"fp61\" is unknown; did you mean \"fp16\"?");
  EXPECT_EQ(error("cases.7.size=3"),
            "--set cases.7.size=3: there is no entry 7; the list has 2, from 0");
  EXPECT_EQ(error("name.x=3"), "--set name.x=3: \"two\" has no key \"x\": it is a single value");
  EXPECT_EQ(error("cases.size=0"),
            "--set cases.size=0: size must be a whole number from 1 to 2147483647, not \"0\"");
  EXPECT_EQ(error("budget"), "--set budget: expected path=value, such as budget=5s");
  EXPECT_EQ(error("=5"), "--set =5: expected path=value, such as budget=5s");
  EXPECT_EQ(error("cases..size=5"), "--set cases..size=5: the path has an empty part");
  EXPECT_EQ(error("budget="), "--set budget=: has no value");
  EXPECT_EQ(
      error("cases.size=[1"),
      "--set cases.size=[1: value:1:1: a key must be text, not a list; is a bracket left open?");
}

}  // namespace
}  // namespace gpubench
