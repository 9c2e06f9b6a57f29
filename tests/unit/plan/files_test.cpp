// Scenario files with the real words: the shipped ones, tests/cases, and every example of
// docs/scenario-format.md.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "plan/expand.h"
#include "plan/vocabulary.h"
#include "scenario/limits.h"
#include "scenario/reader.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = GPUBENCH_SOURCE_DIR;
constexpr std::string_view kFailing = ".expect_fail.yaml";

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> yaml_files(const fs::path& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> case_files(bool failing) {
  auto paths = yaml_files(kSource / "tests" / "cases");
  std::erase_if(paths,
                [&](const std::string& path) { return path.ends_with(kFailing) != failing; });
  return paths;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = fs::path(info.param).filename().string();
  name.resize(name.find('.'));
  return name;
}

class GoodFiles : public testing::TestWithParam<std::string> {};

TEST_P(GoodFiles, AreReadPlannedAndReadAgain) {
  const Vocabulary words = catalogue_vocabulary();

  const auto scenario = read_scenario(GetParam(), {}, words);

  ASSERT_TRUE(scenario.ok()) << scenario.error().message;
  const auto plan = expand(*scenario);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_FALSE(plan->cases.empty());
  EXPECT_TRUE(plan->dropped.empty()) << plan->dropped[0].reason.text;
  const auto again = read_scenario_text(scenario->resolved, GetParam(), {}, words);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->hash, scenario->hash);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoodFiles, testing::ValuesIn(case_files(false)), test_name);
INSTANTIATE_TEST_SUITE_P(Shipped, GoodFiles, testing::ValuesIn(yaml_files(kSource / "scenarios")),
                         test_name);

class ShippedFiles : public testing::TestWithParam<std::string> {};

TEST_P(ShippedFiles, OpenWithTheQuestionThatTheyAnswer) {
  const std::string text = content(GetParam());

  EXPECT_EQ(text.substr(0, 2), "# ");
  const std::string head = text.substr(0, text.find("\n#\n"));
  EXPECT_EQ(head.back(), '?') << head;
  EXPECT_NE(text.find("# How to read it: "), std::string::npos);
}

TEST_P(ShippedFiles, AreNamedAfterTheirFile) {
  const auto scenario = read_scenario(GetParam(), {}, catalogue_vocabulary());

  ASSERT_TRUE(scenario.ok());
  EXPECT_EQ(scenario->name, fs::path(GetParam()).stem().string());
  EXPECT_FALSE(scenario->description.empty());
}

INSTANTIATE_TEST_SUITE_P(Shipped, ShippedFiles,
                         testing::ValuesIn(yaml_files(kSource / "scenarios")), test_name);

class BadFiles : public testing::TestWithParam<std::string> {};

TEST_P(BadFiles, FailWithTheMessageOfTheirFirstLine) {
  const std::string text = content(GetParam());
  constexpr std::string_view kMark = "# expect: ";
  ASSERT_TRUE(text.starts_with(kMark));
  const std::string expected =
      GetParam() + ":" + text.substr(kMark.size(), text.find('\n') - kMark.size());

  const auto scenario = read_scenario(GetParam(), {}, catalogue_vocabulary());

  ASSERT_FALSE(scenario.ok());
  EXPECT_EQ(scenario.error().message.substr(0, expected.size()), expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, BadFiles, testing::ValuesIn(case_files(true)), test_name);

/// What stands between "```yaml" and "```".
std::vector<std::string> yaml_examples(const std::string& page) {
  constexpr std::string_view kOpen = "\n```yaml\n";
  std::vector<std::string> examples;
  for (auto at = page.find(kOpen); at != std::string::npos; at = page.find(kOpen, at)) {
    at += kOpen.size();
    const auto end = page.find("\n```", at);
    examples.push_back(page.substr(at, end - at) + "\n");
    at = end;
  }
  return examples;
}

/// An example is a whole scenario, or blocks of cases, or other keys of a scenario.
std::string as_scenario(const std::string& example) {
  if (example.starts_with("- op:")) return "name: example\ncases:\n" + example;
  if (example.find("\ncases:") != std::string::npos) return example;
  return "name: example\ncases: {op: gemm, size: 8}\n" + example;
}

class FormatPage : public testing::Test {
 protected:
  void SetUp() override {
    // Tests run side by side, each in a process of its own.
    folder_ = fs::path(testing::TempDir()) / ("gpubench-format-page-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    for (const char* name : {"my_gemm.comp", "my_gemm.spv", "x.npy", "w.npy"}) {
      std::ofstream(folder_ / name) << "x";
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  const std::string page_ = content(kSource / "docs" / "scenario-format.md");
  fs::path folder_;
};

TEST_F(FormatPage, EveryExampleIsRead) {
  const auto examples = yaml_examples(page_);
  EXPECT_GE(examples.size(), 7U);
  for (const std::string& example : examples) {
    const auto scenario = read_scenario_text(as_scenario(example), (folder_ / "s.yaml").string(),
                                             {}, catalogue_vocabulary());

    ASSERT_TRUE(scenario.ok()) << scenario.error().message << "\n" << example;
    EXPECT_TRUE(expand(*scenario).ok()) << example;
  }
}

TEST_F(FormatPage, EveryWordIsThere) {
  const Vocabulary words = catalogue_vocabulary();
  const auto expect_words = [&](std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
      EXPECT_NE(page_.find("`" + std::string(name) + "`"), std::string::npos) << name;
    }
  };

  expect_words(words.precisions);
  expect_words(words.activations);
  expect_words(words.fills);
  for (const OpWords& op : words.ops) {
    expect_words({&op.name, 1});
    expect_words(op.dimensions);
    expect_words(op.keys);
    expect_words(op.kernels);
  }
}

TEST_F(FormatPage, LimitsAreThoseOfTheReader) {
  for (const std::uint64_t limit :
       {std::uint64_t{kMaxCases}, std::uint64_t{kMaxElements}, std::uint64_t{kMaxDepth},
        std::uint64_t{kMaxFileBytes >> 20}, std::uint64_t{kMaxTextBytes},
        std::uint64_t{kMaxConstants}, std::uint64_t{kMaxDescriptionBytes},
        std::uint64_t{kMaxNameBytes}, std::uint64_t{kMaxLabelBytes}}) {
    EXPECT_NE(page_.find("| " + std::to_string(limit)), std::string::npos) << limit;
  }
}

}  // namespace
}  // namespace gpubench
