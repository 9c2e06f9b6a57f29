// What the reader takes, and that the resolved text means the same.
#include "scenario/reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "test_words.h"

namespace gpubench {
namespace {

TEST(ScenarioReader, OneCaseGetsTheDefaults) {
  const auto scenario = read(kOneCase);

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->file, "t.yaml");
  EXPECT_EQ(scenario->name, "one");
  EXPECT_EQ(scenario->seed, 42U);
  EXPECT_EQ(scenario->budget_s, 30);
  EXPECT_FALSE(scenario->cache_rotate);
  ASSERT_EQ(scenario->cases.size(), 1U);
  const CaseBlock& block = scenario->cases[0];
  EXPECT_EQ(block.place.line, 3);
  EXPECT_EQ(block.place.column, 5);
  EXPECT_EQ(block.op, "gemm");
  ASSERT_EQ(block.shapes.size(), 1U);
  EXPECT_EQ(block.shapes[0].m, 8U);
  EXPECT_EQ(block.shapes[0].n, 8U);
  EXPECT_EQ(block.shapes[0].k, 8U);
  EXPECT_EQ(block.shapes[0].batch, 1U);
  EXPECT_EQ(block.precisions, std::vector<std::string>{"fp32"});
  EXPECT_EQ(block.fills[0].name, "normal");
  EXPECT_EQ(block.kernels[0].name, "auto");
  EXPECT_EQ(block.seeds, std::vector<std::uint64_t>{42});
  EXPECT_EQ(block.budget_s, 30);
}

TEST(ScenarioReader, EveryKnobIsRead) {
  const auto scenario = read(R"(
name: all
description: "two\nlines"
seed: 18446744073709551615
budget: 250ms
cache: rotate
labels: {rack: r7, note: spare node}
cases:
  - op: linear
    shape: {m: [1, 2], n: 3, k: 4}
    precision: [fp16, fp32]
    activation: [relu, gelu]
    bias: [true, false]
    fill: uniform
    kernel: [auto, naive]
    seed: [1, 2, 3]
    budget: unlimited
  - op: gemm
    size: 5
    probe: true
    transpose_b: true
    decide: {threshold: 0.25, rule: ">", labels: drawn}
compare:
  - speedup: {of: fp16, over: fp32}
  - outputs: {first: 2}
  - growth: {over: m}
expect:
  - {where: {op: gemm}, check_status: failed}
  - {where: {precision: fp32}, metric: rel_fro_err, at_most: 2e-6, at_least: 0}
)");

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->description, "two\nlines");
  EXPECT_EQ(scenario->seed, 18446744073709551615U);
  EXPECT_DOUBLE_EQ(scenario->budget_s, 0.25);
  EXPECT_TRUE(scenario->cache_rotate);
  ASSERT_EQ(scenario->labels.size(), 2U);
  EXPECT_EQ(scenario->labels[1].second, "spare node");
  const CaseBlock& linear = scenario->cases[0];
  EXPECT_EQ(linear.shapes.size(), 2U);
  EXPECT_EQ(linear.shapes[1].m, 2U);
  EXPECT_EQ(linear.activations, (std::vector<std::string>{"relu", "gelu"}));
  EXPECT_EQ(linear.biases, (std::vector<bool>{true, false}));
  EXPECT_EQ(linear.seeds, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_TRUE(std::isinf(*linear.budget_s));
  EXPECT_EQ(scenario->cases[1].transpose_bs, std::vector<bool>{true});
  EXPECT_FALSE(linear.probe);
  EXPECT_TRUE(scenario->cases[1].probe);
  EXPECT_DOUBLE_EQ(*scenario->cases[1].budget_s, 0.25);
  ASSERT_EQ(scenario->comparisons.size(), 3U);
  EXPECT_EQ(std::get<SpeedupTable>(scenario->comparisons[0]).over, "fp32");
  EXPECT_EQ(std::get<OutputsTable>(scenario->comparisons[1]).first, 2U);
  EXPECT_EQ(std::get<GrowthTable>(scenario->comparisons[2]).over, "m");
  EXPECT_FALSE(linear.decide.has_value());
  EXPECT_EQ(scenario->cases[1].decide, (DecideSpec{0.25, ">", "drawn", ""}));
  ASSERT_EQ(scenario->expects.size(), 2U);
  EXPECT_EQ(scenario->expects[0].check_status, "failed");
  EXPECT_EQ(scenario->expects[1].metric, "rel_fro_err");
  EXPECT_EQ(scenario->expects[1].at_most, 2e-6);
  EXPECT_EQ(scenario->expects[1].at_least, 0);
}

TEST(ScenarioReader, ListsInsideAShapeMakeTheirProductWithTheLastDimensionFastest) {
  const auto scenario = read(
      "name: s\ncases:\n  - op: gemm\n    shape:\n      - {m: [1, 2], n: 3, k: [4, 5], batch: 6}\n"
      "      - {m: 7, n: 8, k: 9}\n");

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  std::string seen;
  for (const ShapeSpec& s : scenario->cases[0].shapes) {
    seen += std::to_string(s.m) + std::to_string(s.n) + std::to_string(s.k) +
            std::to_string(s.batch) + " ";
  }
  EXPECT_EQ(seen, "1346 1356 2346 2356 7891 ");
}

TEST(ScenarioReader, SoftmaxHasNoDepth) {
  const auto scenario = read("name: s\ncases: {op: softmax, size: [4, 5]}\n");

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->cases[0].shapes[1].m, 5U);
  EXPECT_EQ(scenario->cases[0].shapes[1].k, 0U);
}

TEST(ScenarioReader, ByteOrderMarkAndWindowsLineEndsAreTaken) {
  EXPECT_TRUE(read("\xEF\xBB\xBFname: one\r\ncases:\r\n  - op: gemm\r\n    size: 8\r\n").ok());
}

TEST(ScenarioReader, ResolvedTextReadsBackAsTheSameScenario) {
  const auto first = read(R"(
name: all
description: "quotes \" and \\ and\ttabs: {x}"
budget: 1.5min
labels: {"null": "~", b: "1"}
cases:
  - {op: gemm, shape: {m: [1, 2], n: 3, k: 4, batch: 2}, transpose_b: [true, false], precision: fp16}
  - {op: linear, size: 3, bias: true, activation: gelu, budget: unlimited, hold: 2min, seed: [7, 8]}
  - {op: softmax, size: 9, probe: true, decide: {rule: ">"}}
compare: [{speedup: {of: fp16, over: fp32}}, {outputs: {first: 4}}, {growth: {over: k}}]
expect:
  - {where: {op: gemm}, check_status: passed}
  - {where: {op: gemm}, metric: time_median_s, at_most: 1e-300}
  - {metric: rel_fro_err, at_least: -0.1}
)");
  ASSERT_TRUE(first.ok()) << first.error().message;

  const auto second = read(first->resolved);

  ASSERT_TRUE(second.ok()) << second.error().message << "\n" << first->resolved;
  EXPECT_EQ(second->resolved, first->resolved);
  EXPECT_EQ(second->hash, first->hash);
  EXPECT_EQ(second->description, "quotes \" and \\ and\ttabs: {x}");
  EXPECT_EQ(second->labels, first->labels);
  EXPECT_EQ(second->cases[0].shapes.size(), 2U);
  EXPECT_EQ(second->cases[0].shapes[1].m, 2U);
  EXPECT_EQ(second->cases[0].shapes[1].batch, 2U);
  EXPECT_EQ(second->cases[0].transpose_bs, first->cases[0].transpose_bs);
  EXPECT_EQ(second->cases[1].activations, first->cases[1].activations);
  EXPECT_EQ(second->cases[1].biases, first->cases[1].biases);
  EXPECT_EQ(second->cases[1].seeds, first->cases[1].seeds);
  EXPECT_TRUE(std::isinf(*second->cases[1].budget_s));
  EXPECT_EQ(second->cases[1].hold_s, 120);
  EXPECT_EQ(second->cases[2].decide, first->cases[2].decide);
  EXPECT_EQ(second->comparisons.size(), 3U);
  EXPECT_EQ(second->expects[0].check_status, "passed");
  EXPECT_EQ(second->expects[1].at_most, 1e-300);
  EXPECT_TRUE(second->cases[2].probe);
}

TEST(ScenarioReader, HashFollowsTheMeaningAndNotTheSpelling) {
  const auto plain = read(kOneCase);
  const auto spelt =
      read("# same\ncases: [{size: [8], fill: normal, op: gemm, seed: 42}]\nname: one\n");
  const auto other = read(kOneCase, {"seed=43"});

  ASSERT_TRUE(plain.ok() && spelt.ok() && other.ok());
  EXPECT_EQ(spelt->hash, plain->hash);
  EXPECT_NE(other->hash, plain->hash);
  EXPECT_EQ(plain->hash.size(), 32U);
}

class ScenarioFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "sub");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  static Result<Scenario> read_file(const std::string& path) {
    return read_scenario(path, {}, test_words());
  }

  std::filesystem::path folder_;
};

TEST_F(ScenarioFiles, RelativeFilesStartAtTheFolderOfTheScenario) {
  const std::string array = write("sub/w.npy", "x");
  const std::string shader = write("my.comp", "x");
  const std::string path = write("s.yaml", R"(
name: files
cases:
  - op: gemm
    size: 8
    fill: [{file: sub/w.npy}, {file_b: ./sub/../sub/w.npy}]
    kernel: [{glsl: my.comp, tile_m: 16, constants: {9: 4, 8: 1}}, {spirv: my.comp}]
)");

  const auto scenario = read_file(path);

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  const CaseBlock& block = scenario->cases[0];
  EXPECT_EQ(block.fills[0].name, "file");
  EXPECT_EQ(block.fills[0].file, array);
  EXPECT_EQ(block.fills[1].name, "file");
  EXPECT_EQ(block.fills[1].file, "");
  EXPECT_EQ(block.fills[1].file_b, array);
  EXPECT_EQ(block.kernels[0].name, "user");
  EXPECT_EQ(block.kernels[0].glsl_file, shader);
  EXPECT_EQ(block.kernels[0].tile_m, 16U);
  EXPECT_EQ(block.kernels[0].tile_n, 1U);
  ASSERT_EQ(block.kernels[0].constants.size(), 2U);
  EXPECT_EQ(block.kernels[0].constants[0], (std::pair{8U, 1U}));
  EXPECT_EQ(block.kernels[1].spirv_file, shader);
  EXPECT_EQ(scenario->resolved.find(folder_.string()), std::string::npos)
      << "the hash must not depend on where the scenario lies\n"
      << scenario->resolved;
  const auto again = read_scenario_text(scenario->resolved, path, {}, test_words());
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->hash, scenario->hash);
  EXPECT_EQ(again->cases[0].kernels[0].glsl_file, shader);
}

TEST_F(ScenarioFiles, MissingFileOfACaseIsNamedAtItsPlace) {
  const std::string path =
      write("s.yaml", "name: x\ncases:\n  - op: gemm\n    size: 8\n    fill: {file: gone.npy}\n");

  EXPECT_EQ(message_of(read_file(path)), path + ":5:18: file \"gone.npy\" is not a file (looked " +
                                             "for \"" + (folder_ / "gone.npy").string() + "\")");
}

TEST_F(ScenarioFiles, ConstantsNeedWholeNumbers) {
  write("my.comp", "x");
  const auto message = [&](const std::string& constants) {
    return message_of(read_file(write("s.yaml",
                                      "name: x\ncases:\n  - op: gemm\n    size: 8\n    kernel:\n"
                                      "      glsl: my.comp\n      constants: " +
                                          constants + "\n")));
  };
  const std::string at = (folder_ / "s.yaml").string() + ":7:";

  EXPECT_EQ(message("{x: 1}"), at + "19: \"x\" is no id of a specialization constant: a whole "
                                    "number is expected");
  EXPECT_EQ(message("{8: 4294967296}"),
            at + "22: a constant must be a whole number from 0 to 4294967295, not \"4294967296\"");
  EXPECT_EQ(message("[1]"), at + "18: constants must be a map of at most 64 ids to values");
}

TEST_F(ScenarioFiles, ConstantsOfGpubenchAreNotForTheUser) {
  write("my.comp", "x");
  const auto read = [&](const std::string& constants) {
    return read_file(write("s.yaml",
                           "name: x\ncases:\n  - op: gemm\n    size: 8\n    kernel:\n"
                           "      glsl: my.comp\n      constants: " +
                               constants + "\n"));
  };
  const std::string at = (folder_ / "s.yaml").string() + ":7:";

  EXPECT_EQ(message_of(read("{8: 1, 3: 4}")),
            at + "25: constant 3 belongs to gpubench: ids of your own begin at 8");
  EXPECT_EQ(message_of(read("{7: 1}")),
            at + "19: constant 7 belongs to gpubench: ids of your own begin at 8");
  EXPECT_TRUE(read("{8: 1}").ok());
}

TEST_F(ScenarioFiles, WhatIsNoScenarioFileIsNamed) {
  const std::string gone = (folder_ / "gone.yaml").string();
  const std::string folder = (folder_ / "sub").string();
  const std::string large = write("large.yaml", std::string((1 << 20) + 1, '#'));
  const std::string empty = write("empty.yaml", "");
  const std::string blank = write("blank.yaml", "# nothing\n");

  EXPECT_EQ(message_of(read_file(gone)), gone + ": no such file");
  EXPECT_EQ(message_of(read_file(folder)), folder + ": is a directory, not a scenario file");
  EXPECT_EQ(message_of(read_file("/dev/zero")), "/dev/zero: is not a regular file");
  EXPECT_EQ(message_of(read_file(large)),
            large + ": is larger than 1.0 MiB, too large for a scenario");
  EXPECT_EQ(message_of(read_file(empty)), empty + ": is empty");
  EXPECT_EQ(message_of(read_file(blank)), blank + ": is empty");
}

constexpr std::string_view kLevels =
    "name: q\nlevels: {quick: 25s, medium: 2min, soak: 4h}\ncases:\n"
    "  - {op: gemm, size: 8}\n"
    "  - {op: gemm, size: 16, level: medium}\n"
    "  - {op: gemm, size: 32, level: soak}\n";

std::vector<std::uint64_t> sizes_of(const Scenario& scenario) {
  std::vector<std::uint64_t> sizes;
  for (const CaseBlock& block : scenario.cases) sizes.push_back(block.shapes[0].m);
  return sizes;
}

TEST(ScenarioReader, TheFirstLevelIsTheDefault) {
  const auto scenario = read(kLevels);

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->level, "quick");
  EXPECT_EQ(scenario->levels.size(), 3U);
  EXPECT_EQ(scenario->levels[0].within_s, 25);
  EXPECT_EQ(sizes_of(*scenario), std::vector<std::uint64_t>{8});
  EXPECT_EQ(scenario->labels.back(), std::pair(std::string("level"), std::string("quick")));
}

TEST(ScenarioReader, ALevelRunsWhatShorterOnesRunToo) {
  const auto medium = read(kLevels, {"level=medium"});
  const auto soak = read(kLevels, {"level=soak"});

  ASSERT_TRUE(medium.ok() && soak.ok());
  EXPECT_EQ(sizes_of(*medium), (std::vector<std::uint64_t>{8, 16}));
  EXPECT_EQ(sizes_of(*soak), (std::vector<std::uint64_t>{8, 16, 32}));
  EXPECT_NE(medium->hash, soak->hash);
}

TEST(ScenarioReader, TheResolvedTextOfALevelIsThatLevel) {
  const auto medium = read(kLevels, {"level=medium"});
  ASSERT_TRUE(medium.ok());

  const auto again = read(medium->resolved);

  ASSERT_TRUE(again.ok()) << again.error().message << medium->resolved;
  EXPECT_EQ(again->level, "medium");
  EXPECT_EQ(again->levels[0].within_s, 120);
  EXPECT_EQ(again->hash, medium->hash);
  EXPECT_EQ(again->labels, medium->labels);
}

TEST(ScenarioReader, ALevelWithoutCasesIsAnError) {
  const auto scenario = read(
      "name: q\nlevels: {quick: 1s, long: 2s}\ncases:\n  - {op: gemm, size: 8, level: long}\n");

  EXPECT_EQ(message_of(scenario), "t.yaml: level \"quick\" has no cases");
}

TEST(ScenarioReader, RepeatsAreKeptInTheResolvedText) {
  const auto scenario = read(std::string(kOneCase) + "    repeats: 12\n");

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  EXPECT_EQ(scenario->cases[0].repeats, 12U);
  EXPECT_NE(scenario->resolved.find("    repeats: 12\n"), std::string::npos);
}

}  // namespace
}  // namespace gpubench
