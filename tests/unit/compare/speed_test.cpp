#include "compare/speed.h"

#include <gtest/gtest.h>

#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

// Ten runs whose times differ by at most 0.9 %.
const std::vector<double> kTen = {1.000, 1.001, 1.002, 1.003, 1.004,
                                  1.005, 1.006, 1.007, 1.008, 1.009};

std::vector<double> scaled(const std::vector<double>& times, double factor) {
  std::vector<double> all = times;
  for (double& time : all) time *= factor;
  return all;
}

/// Both sides of one session unless said otherwise.
constexpr SessionFacts kOneSession = {1, 1, true};

SpeedComparison compare_one(const SeriesSide& base, const SeriesSide& fresh,
                            SessionFacts sessions = kOneSession,
                            std::optional<SeriesFloor> floor = std::nullopt) {
  const SpeedInput input{&base, &fresh, sessions, floor};
  return compare_speed({&input, 1}).front();
}

SpeedComparison compare_times(const std::vector<double>& base, const std::vector<double>& fresh,
                              SessionFacts sessions = kOneSession,
                              std::optional<SeriesFloor> floor = std::nullopt) {
  return compare_one(side_of(base), side_of(fresh), sessions, floor);
}

void expect(const SpeedComparison& speed, SpeedVerdict verdict, SpeedReason reason) {
  EXPECT_EQ(speed.verdict, verdict);
  EXPECT_EQ(speed.reason, reason);
}

TEST(CompareSpeed, FivePercentSlowerIsRegressedAndFasterImproved) {
  const SpeedComparison slower = compare_times(kTen, scaled(kTen, 1.05));
  const SpeedComparison faster = compare_times(scaled(kTen, 1.05), kTen);

  expect(slower, SpeedVerdict::regressed, SpeedReason::none);
  EXPECT_NEAR(change_of(slower.shift->estimate), 0.05, 1e-9);
  EXPECT_GT(slower.shift->low, 0);
  EXPECT_DOUBLE_EQ(*slower.p_value, smallest_p(10, 10));
  expect(faster, SpeedVerdict::improved, SpeedReason::none);
  EXPECT_NEAR(change_of(faster.shift->estimate), 1 / 1.05 - 1, 1e-9);
}

TEST(CompareSpeed, AnIntervalInsideTheMinimumEffectIsSame) {
  const SpeedComparison speed = compare_times(kTen, scaled(kTen, 1.002));

  expect(speed, SpeedVerdict::same, SpeedReason::none);
  EXPECT_LT(change_of(speed.shift->high), 0.02);
}

TEST(CompareSpeed, SignificantButSmallIsAmbiguous) {
  // 1.9 % slower with an interval from about 1.5 % to 2.3 %.
  expect(compare_times(kTen, scaled(kTen, 1.019)), SpeedVerdict::ambiguous, SpeedReason::small);
}

TEST(CompareSpeed, AWideIntervalIsAmbiguousAsNoisy) {
  const std::vector<double> wild = {1.0, 1.3, 0.8, 1.1, 0.9, 1.25, 0.95, 1.05, 0.85, 1.2};

  expect(compare_times(wild, scaled(wild, 1.05)), SpeedVerdict::ambiguous, SpeedReason::noisy);
}

TEST(CompareSpeed, ThreeRunsASideAreUnderpoweredWhateverTheTimes) {
  const SpeedComparison speed = compare_times({1.00, 1.01, 1.02}, {2.00, 2.01, 2.02});

  expect(speed, SpeedVerdict::ambiguous, SpeedReason::underpowered);
  EXPECT_DOUBLE_EQ(*speed.smallest_p, 0.1);
  EXPECT_EQ(speed.runs_needed, 4U);
}

TEST(CompareSpeed, OneRunAgainstTenIsUnderpowered) {
  expect(compare_times({1.0}, kTen), SpeedVerdict::ambiguous, SpeedReason::underpowered);
}

TEST(CompareSpeed, EveryFurtherSeriesAsksForMore) {
  // Five a side reach 2/252 = 0.008. Of one series that is enough; of a hundred, of which one
  // changed, 0.05/100 would be.
  const std::vector<double> five = {1.000, 1.001, 1.002, 1.003, 1.004};
  // The unchanged ones interleave: p near 1.
  const std::vector<double> between = {1.0005, 1.0015, 1.0025, 1.0035, 0.9995};
  const SeriesSide base = side_of(five), same = side_of(between),
                   slower = side_of(scaled(five, 1.1));
  std::vector<SpeedInput> inputs(100, SpeedInput{&base, &same, kOneSession, {}});
  inputs.front().fresh = &slower;

  const std::vector<SpeedComparison> speeds = compare_speed(inputs);

  expect(compare_one(base, slower), SpeedVerdict::regressed, SpeedReason::none);
  expect(speeds.front(), SpeedVerdict::ambiguous, SpeedReason::underpowered);
  EXPECT_EQ(speeds.front().runs_needed, 8U);
  expect(speeds.back(), SpeedVerdict::same, SpeedReason::none);
}

TEST(CompareSpeed, TheFloorOfTheSeriesRaisesTheMinimumEffect) {
  const SeriesFloor floor{0.08, 20, 4};

  const SpeedComparison speed = compare_times(kTen, scaled(kTen, 1.05), kOneSession, floor);

  expect(speed, SpeedVerdict::same, SpeedReason::none);
  EXPECT_DOUBLE_EQ(speed.minimum_effect, 0.08);
  expect(compare_times(kTen, scaled(kTen, 1.12), kOneSession, floor), SpeedVerdict::regressed,
         SpeedReason::none);
  EXPECT_DOUBLE_EQ(compare_times(kTen, kTen, kOneSession, SeriesFloor{0.001, 9, 2}).minimum_effect,
                   0.02);
}

TEST(CompareSpeed, TwoSingleSessionsProveNothingBelowASessionsOwnEffect) {
  constexpr SessionFacts apart = {1, 1, false};

  expect(compare_times(kTen, scaled(kTen, 1.05), apart), SpeedVerdict::ambiguous,
         SpeedReason::single_session);
  expect(compare_times(kTen, scaled(kTen, 1.09), apart), SpeedVerdict::regressed,
         SpeedReason::none);
  expect(compare_times(kTen, scaled(kTen, 1.05), {2, 2, false}), SpeedVerdict::regressed,
         SpeedReason::none);
  // A floor that was measured over sessions has their effect in it; one of a single session not.
  expect(compare_times(kTen, scaled(kTen, 1.05), apart, SeriesFloor{0.03, 12, 3}),
         SpeedVerdict::regressed, SpeedReason::none);
  expect(compare_times(kTen, scaled(kTen, 1.05), apart, SeriesFloor{0.03, 12, 1}),
         SpeedVerdict::ambiguous, SpeedReason::single_session);
}

SeriesSide with_clock(const std::vector<double>& times, double mhz) {
  SeriesSide side = side_of(times);
  for (RunTime& time : side.times) time.clock_mhz = mhz;
  return side;
}

TEST(CompareSpeed, AClockThatExplainsTheShiftMakesItAmbiguous) {
  const SeriesSide base = with_clock(kTen, 1900);

  expect(compare_one(base, with_clock(scaled(kTen, 1.05), 1810)), SpeedVerdict::ambiguous,
         SpeedReason::clock);
  // It fell by 1 % where times grew by 5 %; it rose where times grew.
  expect(compare_one(base, with_clock(scaled(kTen, 1.05), 1880)), SpeedVerdict::regressed,
         SpeedReason::none);
  expect(compare_one(base, with_clock(scaled(kTen, 1.05), 2000)), SpeedVerdict::regressed,
         SpeedReason::none);
}

TEST(CompareSpeed, ThrottlingMakesASlowDownAmbiguous) {
  SeriesSide base = side_of(kTen), fresh = side_of(scaled(kTen, 1.05));
  for (RunTime& time : base.times) time.throttle_ratio = 0;
  for (RunTime& time : fresh.times) time.throttle_ratio = 0.4;

  expect(compare_one(base, fresh), SpeedVerdict::ambiguous, SpeedReason::clock);
  expect(compare_one(fresh, base), SpeedVerdict::ambiguous, SpeedReason::clock);
}

TEST(CompareSpeed, OneRunASideIsNeverSame) {
  expect(compare_times({1.0}, {1.0}), SpeedVerdict::ambiguous, SpeedReason::single_run);
  // Apart, but no more than sessions are.
  expect(compare_times({1.0}, {1.05}), SpeedVerdict::ambiguous, SpeedReason::single_run);
}

TEST(CompareSpeed, OneRunASideRegressesOnlyWhereTheSamplesLieApart) {
  const SpeedComparison apart = compare_times({1.0}, {1.2});
  SeriesSide wide = side_of(std::vector<double>{1.2});
  wide.times.front().log_p05 = std::log(1.0);

  expect(apart, SpeedVerdict::regressed, SpeedReason::single_run);
  EXPECT_NEAR(apart.shift->low, std::log(1.2) - 0.02, 1e-12);
  EXPECT_FALSE(apart.p_value.has_value());
  expect(compare_one(side_of(std::vector<double>{1.0}), wide), SpeedVerdict::ambiguous,
         SpeedReason::single_run);
}

TEST(CompareSpeed, AnotherKernelFillOrTimerIsIncomparable) {
  const SeriesSide base = side_of(kTen);
  SeriesSide kernel = base, mixed = base, fill = base, timer = base;
  kernel.kernel_hash.text = "other";
  mixed.kernel_hash.mixed = true;
  fill.fill.text = "zeros";
  timer.timer.text = "host";

  expect(compare_one(base, kernel), SpeedVerdict::incomparable, SpeedReason::kernel_hash);
  expect(compare_one(base, mixed), SpeedVerdict::incomparable, SpeedReason::kernel_hash);
  expect(compare_one(base, fill), SpeedVerdict::incomparable, SpeedReason::fill);
  expect(compare_one(base, timer), SpeedVerdict::incomparable, SpeedReason::timer);
  const SpeedInput across{&base, &kernel, kOneSession, {}, Across::kernels};
  expect(compare_speed({&across, 1}).front(), SpeedVerdict::same, SpeedReason::none);
}

TEST(CompareSpeed, AVanishedSeriesIsMissingWithItsReason) {
  const SeriesSide base = side_of(kTen);
  SeriesSide skipped = side_of({}), failed = side_of({});
  skipped.not_run_rows = failed.bad_rows = 10;
  const SpeedInput absent{&base, nullptr}, added{nullptr, &base}, neither{&skipped, &failed};

  expect(compare_speed({&absent, 1}).front(), SpeedVerdict::missing, SpeedReason::absent);
  expect(compare_one(base, skipped), SpeedVerdict::missing, SpeedReason::not_run);
  expect(compare_one(base, failed), SpeedVerdict::missing, SpeedReason::failed);
  expect(compare_speed({&added, 1}).front(), SpeedVerdict::added, SpeedReason::absent);
  EXPECT_EQ(compare_speed({&neither, 1}).front().verdict, SpeedVerdict::not_timed);
}

}  // namespace
}  // namespace gpubench
