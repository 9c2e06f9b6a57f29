#include "compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/words.h"
#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<double> ten(double seconds = 1) {
  std::vector<double> times;
  for (int i = 0; i < 10; ++i) times.push_back(seconds * (1 + 0.001 * i));
  return times;
}

SeriesSide on_device(SeriesSide side, std::string name, std::string uuid) {
  side.device_name = std::move(name);
  side.device_uuid = std::move(uuid);
  return side;
}

SetComparison compared(const RunSet& base, const RunSet& fresh,
                       const CompareOptions& options = {}) {
  auto comparison = compare_sets(base, fresh, options);
  EXPECT_TRUE(comparison.ok()) << comparison.error().message;
  return comparison.ok() ? *std::move(comparison) : SetComparison{};
}

std::string refusal(const RunSet& base, const RunSet& fresh, const CompareOptions& options = {}) {
  const auto comparison = compare_sets(base, fresh, options);
  return comparison.ok() ? "accepted" : comparison.error().message;
}

TEST(CompareSets, ASetAgainstItselfIsSilent) {
  // One run, which two different runs could never be SAME with.
  const RunSet set = set_of("a", {side_of(std::vector<double>{1.0})});

  const SetComparison comparison = compared(set, set);

  EXPECT_TRUE(comparison.same_runs);
  EXPECT_EQ(count_of(comparison, SpeedVerdict::same), 1U);
  EXPECT_THAT(comparison.series.front().outputs, IsEmpty());
  EXPECT_EQ(comparison.outcome, ComparisonOutcome::nothing_worse);
}

TEST(CompareSets, ARunInBothSetsIsRefused) {
  RunSet base = set_of("a", {side_of(ten())}), fresh = set_of("b", {side_of(ten())});
  fresh.runs[4] = base.runs[7];

  EXPECT_THAT(refusal(base, fresh), HasSubstr("run a007 (a007/results.csv) is in both sets"));
}

TEST(CompareSets, TheWorstComesFirstAndDecides) {
  const RunSet base =
      set_of("a", {side_of(ten(), "faster"), side_of(ten(), "gone"), side_of(ten(), "same"),
                   side_of(ten(), "slower"), side_of(ten(), "worse")});
  SeriesSide worse = side_of(ten(), "worse");
  worse.rel_fro_err = 1;
  const RunSet fresh = set_of("b", {side_of(ten(0.9), "faster"), side_of(ten(), "fresh"),
                                    side_of(ten(), "same"), side_of(ten(1.1), "slower"), worse});

  const SetComparison comparison = compared(base, fresh);

  std::vector<std::string> order;
  for (const SeriesComparison& series : comparison.series) {
    order.push_back(series.case_id + " " + std::string(to_string(series.speed.verdict)));
  }
  EXPECT_THAT(order, testing::ElementsAre("worse SAME", "slower REGRESSED", "gone MISSING",
                                          "faster IMPROVED", "fresh NEW", "same SAME"));
  EXPECT_EQ(comparison.outcome, ComparisonOutcome::worse);
}

TEST(CompareSets, WorseOutputsAloneAreWorse) {
  SeriesSide worse = side_of(ten());
  worse.precision = PrecisionRank::downgraded;

  const SetComparison comparison = compared(set_of("a", {side_of(ten())}), set_of("b", {worse}));

  EXPECT_EQ(comparison.series.front().speed.verdict, SpeedVerdict::same);
  EXPECT_EQ(comparison.outcome, ComparisonOutcome::worse);
}

TEST(CompareSets, AWrongResultOfANewCaseIsWorse) {
  SeriesSide wrong = side_of(ten(), "wrong");
  wrong.times.clear();
  wrong.bad_rows = wrong.rows;
  const RunSet base = set_of("a", {side_of(ten())});

  EXPECT_EQ(compared(base, set_of("b", {side_of(ten()), side_of(ten(), "fine")})).outcome,
            ComparisonOutcome::nothing_worse);
  const SetComparison comparison = compared(base, set_of("b", {side_of(ten()), wrong}));
  EXPECT_EQ(comparison.outcome, ComparisonOutcome::worse);
  EXPECT_EQ(comparison.series.front().case_id, "wrong");
}

TEST(CompareSets, WhatIsIncomparableKeepsTheRestFromBeingGood) {
  SeriesSide other = side_of(ten(), "other");
  other.kernel_hash.text = "another";
  const RunSet base = set_of("a", {side_of(ten()), side_of(ten(), "other")});

  const SetComparison comparison = compared(base, set_of("b", {side_of(ten()), other}));

  EXPECT_EQ(comparison.outcome, ComparisonOutcome::inconclusive);
  EXPECT_EQ(count_of(comparison, SpeedVerdict::same), 1U);
}

TEST(CompareSets, WhatVanishedKeepsTheRestFromBeingGood) {
  const RunSet both = set_of("a", {side_of(ten(), "one"), side_of(ten(), "two")});
  const RunSet one = set_of("b", {side_of(ten(), "one")});

  EXPECT_EQ(compared(both, one).outcome, ComparisonOutcome::inconclusive);
  RunSet again = one;
  again.runs = runs_named("c", 10, 0);
  EXPECT_EQ(compared(again, one).outcome, ComparisonOutcome::nothing_worse);
}

TEST(CompareSets, NothingDecidedIsInconclusive) {
  const RunSet base = set_of("a", {side_of(std::vector<double>{1, 1})});
  const RunSet fresh = set_of("b", {side_of(std::vector<double>{1, 1})});

  const SetComparison comparison = compared(base, fresh);

  EXPECT_EQ(comparison.outcome, ComparisonOutcome::inconclusive);
  EXPECT_EQ(comparison.series.front().speed.reason, SpeedReason::underpowered);
}

TEST(CompareSets, OtherDevicesAreRefusedUnlessSaid) {
  const RunSet a100 = set_of("a", {on_device(side_of(ten()), "A100", "u1")});
  const RunSet h100 = set_of("b", {on_device(side_of(ten(0.5)), "H100", "u2")});

  EXPECT_EQ(refusal(a100, h100),
            "compare: the sets are of different devices: the base has \"A100\", the new set "
            "\"H100\"; choose one with --device, or say --across devices to compare them all the "
            "same");
  CompareOptions across;
  across.devices = DeviceMatch::any;
  const SetComparison comparison = compared(a100, h100, across);
  EXPECT_EQ(comparison.series.front().device, "A100 → H100");
  EXPECT_EQ(comparison.series.front().speed.verdict, SpeedVerdict::improved);
}

TEST(CompareSets, MixedDevicesInOneSetAreNamed) {
  const RunSet mixed = set_of(
      "a", {on_device(side_of(ten()), "A100", "u1"), on_device(side_of(ten()), "H100", "u2")});
  const RunSet h100 = set_of("b", {on_device(side_of(ten()), "H100", "u2")});
  CompareOptions across;
  across.devices = DeviceMatch::any;

  EXPECT_THAT(refusal(mixed, h100), HasSubstr("the base has \"A100\", \"H100\""));
  EXPECT_THAT(refusal(mixed, h100, across), HasSubstr("choose with --device"));
}

TEST(CompareSets, TheSameDevicesOfOneNameAreKeptApart) {
  // Two devices of one name, one of which got slower; together they could not show it.
  const auto set = [](const std::string& prefix, double second) {
    return set_of(prefix, {on_device(side_of(ten()), "H100", "u1"),
                           on_device(side_of(ten(second)), "H100", "u2")});
  };

  const SetComparison comparison = compared(set("a", 1), set("b", 1.1));

  ASSERT_EQ(comparison.series.size(), 2U);
  EXPECT_EQ(comparison.series[0].device_uuid, "u2");
  EXPECT_EQ(comparison.series[0].speed.verdict, SpeedVerdict::regressed);
  EXPECT_EQ(comparison.series[1].speed.verdict, SpeedVerdict::same);
}

TEST(CompareSets, AnIdentityThatChangesWithTheDriverIsStillTheDevice) {
  const RunSet before = set_of("a", {on_device(side_of(ten()), "llvmpipe", "mesa-22")});
  const RunSet after = set_of("b", {on_device(side_of(ten(1.1)), "llvmpipe", "mesa-25")});

  const SetComparison comparison = compared(before, after);

  ASSERT_EQ(comparison.series.size(), 1U);
  EXPECT_EQ(comparison.series.front().speed.verdict, SpeedVerdict::regressed);
}

TEST(CompareSets, SessionsAreThoseOfTheRunsThatHaveTheCase) {
  // Five per cent between two days of one session each.
  const RunSet base = set_of("a", {side_of(ten())}, 0);
  const RunSet fresh = set_of("b", {side_of(ten(1.05))}, kDay_s);

  EXPECT_EQ(compared(base, fresh).series.front().speed.reason, SpeedReason::single_session);
  EXPECT_EQ(compared(base, fresh).base.sessions, 1U);
}

TEST(CompareSets, AnEmptySetIsRefused) {
  EXPECT_THAT(refusal(RunSet{}, set_of("b", {side_of(ten())})), HasSubstr("the base has no row"));
  EXPECT_THAT(refusal(set_of("a", {side_of(ten())}), RunSet{}),
              HasSubstr("the new set has no row"));
}

TEST(Words, EveryAmbiguityHasANextStep) {
  SeriesComparison series;
  for (const SpeedReason reason :
       {SpeedReason::single_run, SpeedReason::underpowered, SpeedReason::clock,
        SpeedReason::single_session, SpeedReason::small, SpeedReason::noisy}) {
    series.speed.verdict = SpeedVerdict::ambiguous;
    series.speed.reason = reason;
    EXPECT_NE(reason_text(series), "") << to_string(reason);
    EXPECT_NE(next_step(series.speed), "") << to_string(reason);
  }
}

}  // namespace
}  // namespace gpubench
