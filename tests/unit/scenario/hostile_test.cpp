// Seeded mutations of valid scenarios: whatever the bytes, the reader answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "test_words.h"

namespace gpubench {
namespace {

constexpr std::string_view kRich = R"(name: rich
description: >
  folded text
labels: {a: "b", c: 'd'}
cases:
  - op: gemm
    shape: [{m: [1, 2], n: 3, k: 4}, {m: 7, n: 8, k: 9, batch: 2}]
    precision: [fp32, fp16]
  - {op: linear, size: 5, bias: [true, false], activation: gelu, budget: 2min}
compare:
  - speedup: {of: fp16, over: fp32}
expect:
  - {where: {precision: fp32}, metric: rel_fro_err, at_most: 2e-6}
)";

/// Pieces that YAML gives a meaning to.
constexpr std::array<std::string_view, 20> kPieces = {
    "[", "]",  "{",  "}",    ": ", "- ", "? ",          "&a ",   "*a",    "!t ",
    "|", ">-", "\n", "\n  ", "\"", "'",  "%YAML 1.2\n", "---\n", "...\n", "#"};

void mutate(std::string& text, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % std::max<std::size_t>(n, 1); };
  const std::size_t at = below(text.size());
  switch (below(5)) {
    case 0:
      if (!text.empty()) text[at] = static_cast<char>(below(256));
      break;
    case 1:
      text.insert(at, kPieces[below(kPieces.size())]);
      break;
    case 2:
      text.erase(at, below(12));
      break;
    case 3:
      text.insert(at, text.substr(below(text.size()), below(40)));
      break;
    default:
      text.insert(at, std::to_string(random()));
      break;
  }
}

TEST(HostileScenarios, MutatedFilesAreReadOrRefusedButNeverCrash) {
  constexpr int kRounds = 10000;  // Under a second.
  std::mt19937 random(20240607);
  int taken = 0;
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string text(kRich);
    const auto mutations = 1 + random() % 3;
    for (unsigned i = 0; i < mutations; ++i) mutate(text, random);

    const auto scenario = read(text);

    (scenario.ok() ? taken : refused) += 1;
    if (!scenario.ok()) {
      ASSERT_EQ(scenario.error().kind, ErrorKind::input);
      ASSERT_EQ(scenario.error().message.find('\n'), std::string::npos) << text;
      continue;
    }
    const auto again = read(scenario->resolved);
    ASSERT_TRUE(again.ok()) << again.error().message << "\n" << scenario->resolved;
    ASSERT_EQ(again->hash, scenario->hash);
  }
  EXPECT_GT(taken, kRounds / 50) << "the mutations are too wild to reach the deeper code";
  EXPECT_GT(refused, kRounds / 2);
}

TEST(HostileScenarios, MutatedOverridesAreReadOrRefused) {
  std::mt19937 random(7);
  for (int round = 0; round < 1000; ++round) {
    std::string set = "cases.0.shape={m: [1, 2], n: 3, k: 4}";
    for (unsigned i = 0; i < 1 + random() % 4; ++i) mutate(set, random);

    const auto scenario = read(kRich, {set});

    if (!scenario.ok()) {
      ASSERT_EQ(scenario.error().kind, ErrorKind::input);
    }
  }
}

TEST(HostileScenarios, LargeRepetitiveFilesEndSoon) {
  // Each is just under the size limit; a quadratic reader would need minutes.
  const std::size_t size = (1 << 20) - 64;
  for (const std::string piece : {"[", "{", "? ", "- ", "a: ", "a\n", "#\n", "\"", "\n", ", ", "!",
                                  "%", "&", "*", "|\n", "[a,", "{a: [", "a: b\n"}) {
    std::string text = "name: x\ncases: [";
    while (text.size() < size) text += piece;

    EXPECT_FALSE(read(text).ok()) << piece;
  }
}

}  // namespace
}  // namespace gpubench
