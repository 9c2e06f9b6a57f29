#include "audit/rounding_window.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "audit/lattice.h"
#include "base/half.h"

namespace gpubench {
namespace {

std::string window_text(const FormatFacts& format, double threshold, DecisionRule rule) {
  const auto window = rounding_window(format, threshold, rule);
  if (!window) return "none";
  return to_string(*window) + (window->direction == FlipDirection::up ? " up" : " down");
}

TEST(RoundingWindow, PublishedCaseIsReproduced) {
  EXPECT_EQ(window_text(kF16, 0.5, DecisionRule::at_least), "[0.4998779296875, 0.5) up");
}

TEST(RoundingWindow, StrictRuleFlipsDownInstead) {
  // Above 0.5 the next fp16 number is 0.5 + 2^-11. Halfway is 0.5 + 2^-12, and the tie goes to 0.5,
  // whose significand is even.
  EXPECT_EQ(window_text(kF16, 0.5, DecisionRule::above), "(0.5, 0.500244140625] down");
}

TEST(RoundingWindow, CoarserFormatsHaveWiderWindows) {
  // bf16 has 8 bits: below 0.5 the gap is 2^-9, half of it 2^-10.
  EXPECT_EQ(window_text(kBf16, 0.5, DecisionRule::at_least), "[0.4990234375, 0.5) up");
}

TEST(RoundingWindow, ThresholdsOffTheGridHaveWindowsToo) {
  // Around 0.3 fp16 has 1228/4096 and 1229/4096. Halfway, 1228.5/4096 = 0.2999267578125, goes to
  // the even 1228, which is below 0.3.
  EXPECT_EQ(window_text(kF16, 0.3, DecisionRule::at_least), "(0.2999267578125, 0.3) up");
  // Around 0.7 it has 1433/2048 and 1434/2048; halfway, 0.699951171875, goes to the even 1434.
  EXPECT_EQ(window_text(kF16, 0.7, DecisionRule::at_least), "[0.699951171875, 0.7) up");
  // 1228.2/4096 is nearer to 1228: what lies up to halfway is rounded down.
  EXPECT_EQ(window_text(kF16, 1228.25 / 4096, DecisionRule::at_least),
            "[0.29986572265625, 0.2999267578125] down");
}

TEST(RoundingWindow, ThresholdHalfwayBetweenNumbersFlipsNothingOrItself) {
  // 1228.5/4096 itself goes down to 1228, where it was at least the threshold.
  EXPECT_EQ(window_text(kF16, 1228.5 / 4096, DecisionRule::at_least),
            "[0.2999267578125, 0.2999267578125] down");
  EXPECT_EQ(window_text(kF16, 1228.5 / 4096, DecisionRule::above), "none");
}

TEST(RoundingWindow, ZeroAndNegativeThresholds) {
  // The largest fp16 number below 0 is -2^-24; its half rounds to 0.
  EXPECT_EQ(window_text(kF16, 0, DecisionRule::at_least), "[-2.9802322387695312e-08, 0) up");
  EXPECT_EQ(window_text(kF16, -0.5, DecisionRule::above), "(-0.5, -0.4998779296875] down");
}

double rounded_to(Lattice lattice, float value) {
  if (lattice == Lattice::fp16) return static_cast<double>(round_to_half(value));
  return static_cast<double>(lattice == Lattice::bf16 ? round_to_bf16(value)
                                                      : round_to_tf32(value));
}

TEST(RoundingWindow, HoldsExactlyWhatRoundingFlips) {
  std::mt19937_64 bits(7);
  std::uniform_real_distribution<float> thresholds(-2, 2);
  for (int i = 0; i < 300; ++i) {
    const float drawn = thresholds(bits);
    for (const Lattice lattice : kAllLattices) {
      for (const float threshold : {drawn, static_cast<float>(rounded_to(lattice, drawn))}) {
        for (const DecisionRule rule : {DecisionRule::at_least, DecisionRule::above}) {
          const auto window =
              rounding_window(facts_of(lattice), static_cast<double>(threshold), rule);
          // Every border is a float: one bit more than the format has.
          const float reach = std::ldexp(std::abs(threshold), 2 - facts_of(lattice).bits);
          for (int step = -64; step <= 64; ++step) {
            const float value = threshold + reach * static_cast<float>(step) / 64;
            for (const float near : {value, std::nextafter(value, 9.0F)}) {
              const auto exact = static_cast<double>(near);
              const auto limit = static_cast<double>(threshold);
              const bool flips =
                  decides(exact, limit, rule) != decides(rounded_to(lattice, near), limit, rule);
              ASSERT_EQ(window && window->holds(exact), flips)
                  << name_of(lattice) << ' ' << to_string(rule) << ' ' << exact << " at " << limit;
            }
          }
          if (!window) continue;
          for (const double border : {window->low, window->high}) {
            const bool flips = decides(border, static_cast<double>(threshold), rule) !=
                               decides(rounded_to(lattice, static_cast<float>(border)),
                                       static_cast<double>(threshold), rule);
            ASSERT_EQ(window->holds(border), flips) << border << " at " << threshold;
          }
        }
      }
    }
  }
}

TEST(RoundingWindow, RulesAreParsed) {
  EXPECT_EQ(parse_decision_rule(">="), DecisionRule::at_least);
  EXPECT_EQ(parse_decision_rule(">"), DecisionRule::above);
  EXPECT_FALSE(parse_decision_rule("=="));
}

}  // namespace
}  // namespace gpubench
