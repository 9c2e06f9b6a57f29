// How axes become cases: order, names, and what is dropped.
#include "plan/expand.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "plan_words.h"

namespace gpubench {
namespace {

Plan plan_of(std::string_view cases) {
  const auto scenario = scenario_of(cases);
  EXPECT_TRUE(scenario.ok()) << (scenario.ok() ? "" : scenario.error().message);
  if (!scenario.ok()) return {};
  auto plan = expand(*scenario);
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message);
  return plan.ok() ? *std::move(plan) : Plan{};
}

std::vector<std::string> ids(const Plan& plan) {
  std::vector<std::string> all;
  for (const Case& planned : plan.cases) all.push_back(planned.id);
  return all;
}

TEST(Expand, CasesOfOneProblemAreNeighbours) {
  const Plan plan = plan_of(
      "- {op: gemm, size: [8, 9], precision: [fp32, fp16], kernel: [naive, tiled], seed: 1}\n");

  EXPECT_EQ(ids(plan), (std::vector<std::string>{
                           "gemm/naive/fp32/nn/8x8x8/normal/s1",
                           "gemm/tiled/fp32/nn/8x8x8/normal/s1",
                           "gemm/naive/fp16/nn/8x8x8/normal/s1",
                           "gemm/tiled/fp16/nn/8x8x8/normal/s1",
                           "gemm/naive/fp32/nn/9x9x9/normal/s1",
                           "gemm/tiled/fp32/nn/9x9x9/normal/s1",
                           "gemm/naive/fp16/nn/9x9x9/normal/s1",
                           "gemm/tiled/fp16/nn/9x9x9/normal/s1",
                       }));
  EXPECT_TRUE(plan.dropped.empty());
}

TEST(Expand, StrictBuildsFollowTheirKernelAndTheDefaultHasNoWord) {
  const Plan plan =
      plan_of("- {op: gemm, size: 8, kernel: [naive, tiled], build: [default, strict], seed: 1}\n");

  EXPECT_EQ(ids(plan), (std::vector<std::string>{
                           "gemm/naive/fp32/nn/8x8x8/normal/s1",
                           "gemm/naive+strict/fp32/nn/8x8x8/normal/s1",
                           "gemm/tiled/fp32/nn/8x8x8/normal/s1",
                           "gemm/tiled+strict/fp32/nn/8x8x8/normal/s1",
                       }));
  EXPECT_EQ(plan.cases[1].kernel.build, "strict");
}

TEST(Expand, ProblemAxesRunFromShapeToSeed) {
  const Plan plan = plan_of(
      "- {op: linear, shape: {m: 1, n: 2, k: [3, 4]}, bias: [true, false], "
      "activation: [none, gelu], fill: [normal, uniform], seed: [5, 6]}\n");

  ASSERT_EQ(plan.cases.size(), 32U);
  EXPECT_EQ(plan.cases[0].id, "linear/auto/fp32/nt/1x2x3+bias/normal/s5");
  EXPECT_EQ(plan.cases[1].id, "linear/auto/fp32/nt/1x2x3+bias/normal/s6");
  EXPECT_EQ(plan.cases[2].id, "linear/auto/fp32/nt/1x2x3+bias/uniform/s5");
  EXPECT_EQ(plan.cases[4].id, "linear/auto/fp32/nt/1x2x3+bias+gelu/normal/s5");
  EXPECT_EQ(plan.cases[8].id, "linear/auto/fp32/nt/1x2x3/normal/s5");
  EXPECT_EQ(plan.cases[16].id, "linear/auto/fp32/nt/1x2x4+bias/normal/s5");
}

TEST(Expand, ProblemHoldsWhatTheIdSays) {
  const Plan plan = plan_of(
      "- {op: gemm, shape: {m: 1, n: 2, k: 3, batch: 8}, transpose_b: true, fill: cancel, "
      "precision: fp16_acc32, seed: 9, budget: 2s, probe: true}\n");

  ASSERT_EQ(plan.cases.size(), 1U);
  const Case& planned = plan.cases[0];
  EXPECT_EQ(planned.id, "gemm/auto/fp16_acc32/nt/1x2x3x8b/cancel/s9");
  EXPECT_EQ(planned.problem.shape, (Shape{1, 2, 3, 8}));
  EXPECT_EQ(planned.problem.layout, Layout::nt);
  EXPECT_EQ(planned.problem.fill, Fill::cancel);
  EXPECT_EQ(planned.problem.seed, 9U);
  EXPECT_EQ(planned.precision, Precision::fp16_acc32);
  EXPECT_EQ(planned.budget_s, 2);
  EXPECT_TRUE(planned.probe);
}

TEST(Expand, DecisionsBelongToTheCaseButNotToItsId) {
  const Plan plan = plan_of(
      "- {op: gemm, size: 8, seed: 1, decide: {threshold: 0.25}}\n"
      "- {op: gemm, size: 8, seed: 1, decide: {threshold: 0.75}}\n"
      "- {op: gemm, size: 8, seed: 1, decide: {threshold: 0.75}}\n");

  EXPECT_EQ(ids(plan), (std::vector<std::string>{"gemm/auto/fp32/nn/8x8x8/normal/s1",
                                                 "gemm/auto/fp32/nn/8x8x8/normal/s1~2"}));
  EXPECT_EQ(plan.cases[0].decide->threshold, 0.25);
  EXPECT_EQ(plan.cases[1].decide->threshold, 0.75);
  EXPECT_EQ(plan.dropped.size(), 1U);
}

TEST(Expand, SoftmaxHasRowsAndColumnsOnly) {
  const Plan plan = plan_of("- {op: softmax, shape: {m: 4096, n: 1024}}\n");

  ASSERT_EQ(plan.cases.size(), 1U);
  EXPECT_EQ(plan.cases[0].id, "softmax/auto/fp32/4096x1024/normal/s42");
  EXPECT_EQ(plan.cases[0].problem.shape.k, 0U);
}

TEST(Expand, RotatedInputsAreAnotherCase) {
  const auto scenario = read_scenario_text("name: x\ncache: rotate\ncases: {op: softmax, size: 4}",
                                           "t.yaml", {}, plan_words());
  ASSERT_TRUE(scenario.ok());

  const auto plan = expand(*scenario);

  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->cases[0].id, "softmax/auto/fp32/4x4/normal/s42/rotate");
  EXPECT_TRUE(plan->cases[0].cache_rotate);
}

TEST(Expand, HeldCaseIsAnotherCase) {
  const Plan plan = plan_of(
      "- {op: softmax, size: 4}\n"
      "- {op: softmax, size: 4, hold: 1.5s}\n");

  EXPECT_EQ(ids(plan), (std::vector<std::string>{"softmax/auto/fp32/4x4/normal/s42",
                                                 "softmax/auto/fp32/4x4/normal/s42/hold1.5s"}));
  EXPECT_EQ(plan.cases[1].hold_s, 1.5);
}

TEST(Expand, RepeatsAreDroppedWithAUniqueId) {
  const Plan plan = plan_of(
      "- {op: gemm, size: [8, 8]}\n"
      "- {op: gemm, shape: {m: 8, n: 8, k: 8}, budget: 1s}\n");

  const std::string id = "gemm/auto/fp32/nn/8x8x8/normal/s42";
  EXPECT_EQ(ids(plan), std::vector<std::string>{id});
  ASSERT_EQ(plan.dropped.size(), 2U);
  EXPECT_EQ(plan.dropped[0].planned.id, id + "~2");
  EXPECT_EQ(plan.dropped[1].planned.id, id + "~3");
  EXPECT_EQ(plan.dropped[1].reason.code, "duplicate");
  EXPECT_EQ(plan.dropped[1].reason.text, "the same case as " + id);
}

TEST(Expand, ExactResultsAreNotAskedOfInexactFunctions) {
  const Plan plan = plan_of(
      "- {op: linear, size: 8, activation: [none, relu, gelu], fill: int_exact}\n"
      "- {op: softmax, size: 8, fill: int_exact}\n");

  EXPECT_EQ(plan.cases.size(), 2U);
  ASSERT_EQ(plan.dropped.size(), 2U);
  EXPECT_EQ(plan.dropped[0].reason.code, "not_applicable");
  EXPECT_EQ(plan.dropped[0].reason.text, "int_exact asks for exact results, which gelu has not");
  EXPECT_EQ(plan.dropped[1].reason.text, "int_exact asks for exact results, which softmax has not");
}

TEST(Expand, FilesOfOneNameInTwoFoldersAreTwoCases) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "gpubench_expand";
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directories(folder / name);
    std::ofstream(folder / name / "my kernel.comp") << "x";
    std::ofstream(folder / name / "w.npy") << "x";
  }
  const std::string text =
      "name: x\ncases:\n- {op: gemm, size: 8, fill: {file_b: a/w.npy}, kernel: [{glsl: a/my "
      "kernel.comp, tile_n: 4, constants: {9: 7}}, {glsl: b/my kernel.comp, tile_n: 4, constants: "
      "{9: 7}}]}\n";
  const auto scenario = read_scenario_text(text, (folder / "s.yaml").string(), {}, plan_words());
  ASSERT_TRUE(scenario.ok()) << scenario.error().message;

  const auto plan = expand(*scenario);

  ASSERT_TRUE(plan.ok());
  const std::string id = "gemm/user=my_kernel.comp+tile=1x4+c9=7/fp32/nn/8x8x8/file+b=w.npy/s42";
  EXPECT_EQ(ids(*plan), (std::vector<std::string>{id, id + "~2"}));
  EXPECT_TRUE(plan->dropped.empty());
  EXPECT_EQ(plan->cases[0].problem.fill_file, "");
  EXPECT_EQ(plan->cases[0].problem.fill_file_b, (folder / "a" / "w.npy").string());
  std::filesystem::remove_all(folder);
}

TEST(Expand, TenThousandCasesHaveTenThousandIds) {
  std::string seeds;
  for (int i = 0; i < 5000; ++i) seeds += std::to_string(i) + ",";
  const Plan plan =
      plan_of("- {op: gemm, size: 8, precision: [fp32, fp16], seed: [" + seeds + "]}\n");

  const auto all = ids(plan);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 10000U);
}

TEST(Expand, UnknownWordsAreErrorsEvenWhenTheReaderWasNotAsked) {
  Scenario scenario;
  scenario.cases.emplace_back();
  scenario.cases[0].place = {"t.yaml", 3, 5};
  scenario.cases[0].op = "gem";

  const auto plan = expand(scenario);

  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().message, "t.yaml:3:5: op \"gem\" is unknown");
}

class SelectCases : public testing::Test {
 protected:
  Plan plan_ = plan_of(
      "- {op: gemm, size: [8, 64, 64], precision: [fp32, fp16]}\n"
      "- {op: softmax, size: 8}\n");
};

TEST_F(SelectCases, ExactIdPicksOneCase) {
  const auto selected = select_cases(plan_, "gemm/auto/fp16/nn/8x8x8/normal/s42");

  ASSERT_TRUE(selected.ok());
  EXPECT_EQ(ids(*selected), std::vector<std::string>{"gemm/auto/fp16/nn/8x8x8/normal/s42"});
  EXPECT_TRUE(selected->dropped.empty());
}

TEST_F(SelectCases, StarsMatchAnyText) {
  const auto count = [&](std::string_view pattern) {
    const auto selected = select_cases(plan_, pattern);
    return selected.ok() ? selected->cases.size() : 0;
  };

  EXPECT_EQ(count("*"), 5U);
  EXPECT_EQ(count("gemm/*"), 4U);
  EXPECT_EQ(count("*/fp16/*"), 2U);
  EXPECT_EQ(count("*/s42"), 5U);
  EXPECT_EQ(count("gemm*8x8x8*"), 2U);
  EXPECT_EQ(count("**softmax**"), 1U);
  EXPECT_EQ(count("emm/*"), 0U);
  EXPECT_EQ(count("gemm/"), 0U);
}

TEST_F(SelectCases, DroppedCasesAreSelectedToo) {
  const auto selected = select_cases(plan_, "*64x64x64*");

  ASSERT_TRUE(selected.ok());
  EXPECT_EQ(selected->cases.size(), 2U);
  EXPECT_EQ(selected->dropped.size(), 2U);
}

TEST_F(SelectCases, UnknownIdNamesTheNearest) {
  const auto near = select_cases(plan_, "gemm/auto/fp61/nn/8x8x8/normal/s42");
  const auto far = select_cases(plan_, "nothing");

  ASSERT_FALSE(near.ok());
  EXPECT_EQ(near.error().kind, ErrorKind::usage);
  EXPECT_EQ(near.error().message,
            "no case is called \"gemm/auto/fp61/nn/8x8x8/normal/s42\"; did you mean "
            "\"gemm/auto/fp16/nn/8x8x8/normal/s42\"?");
  ASSERT_FALSE(far.ok());
  EXPECT_EQ(
      far.error().message,
      "no case is called \"nothing\"; `list cases` shows them all, and '*' stands for any text");
}

}  // namespace
}  // namespace gpubench
