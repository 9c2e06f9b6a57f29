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

/// `base` and `fresh` times of so many sessions each, as evenly as it goes.
enum class Sharing { none, all };
TimeSessions sessions_of(std::size_t times, std::size_t base, std::size_t fresh, Sharing sharing) {
  TimeSessions sessions;
  for (std::size_t i = 0; i < times; ++i) {
    sessions.base.push_back(i * base / times);
    sessions.fresh.push_back(i * fresh / times + (sharing == Sharing::none ? base : 0));
  }
  return sessions;
}

/// Both sides of one session unless said otherwise.
const TimeSessions kOneSession = sessions_of(100, 1, 1, Sharing::all);

SpeedComparison compare_one(const SeriesSide& base, const SeriesSide& fresh,
                            const TimeSessions& sessions = kOneSession,
                            std::optional<SeriesFloor> floor = std::nullopt) {
  const SpeedInput input{&base, &fresh, sessions, floor};
  return compare_speed({&input, 1}).front();
}

SpeedComparison compare_times(const std::vector<double>& base, const std::vector<double>& fresh,
                              const TimeSessions& sessions = kOneSession,
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
  const TimeSessions apart = sessions_of(10, 1, 1, Sharing::none);

  expect(compare_times(kTen, scaled(kTen, 1.05), apart), SpeedVerdict::ambiguous,
         SpeedReason::single_session);
  expect(compare_times(kTen, scaled(kTen, 1.09), apart), SpeedVerdict::regressed,
         SpeedReason::none);
}

TEST(CompareSpeed, SessionsCountOnceEach) {
  // Three sessions against three cannot be told apart by their medians; four against four can.
  expect(compare_times(kTen, scaled(kTen, 1.05), sessions_of(10, 3, 3, Sharing::none)),
         SpeedVerdict::ambiguous, SpeedReason::single_session);
  expect(compare_times(kTen, scaled(kTen, 1.05), sessions_of(10, 4, 4, Sharing::none)),
         SpeedVerdict::regressed, SpeedReason::none);
}

TEST(CompareSpeed, RunsInTurnsShareWhatTheirSessionsDo) {
  TimeSessions half = sessions_of(10, 2, 2, Sharing::all), few = half;
  for (std::size_t i = 5; i < 10; ++i) half.fresh[i] = 7;
  for (std::size_t i = 4; i < 10; ++i) few.fresh[i] = 7;

  expect(compare_times(kTen, scaled(kTen, 1.05), half), SpeedVerdict::regressed, SpeedReason::none);
  expect(compare_times(kTen, scaled(kTen, 1.05), few), SpeedVerdict::ambiguous,
         SpeedReason::single_session);
}

TEST(CompareSpeed, AFloorOfThreeSessionsSaysHowFarTwoMayLieApart) {
  // log(1.05) = 0.04879, and sessions deviate by 0.01: between one and one, 3.450 errors of
  // 0.01·√2; between two and two 4.879 errors of 0.01.
  const auto p_of = [](std::size_t sessions, std::size_t floor_sessions) {
    return *compare_times(kTen, scaled(kTen, 1.05),
                          sessions_of(10, sessions, sessions, Sharing::none),
                          SeriesFloor{0.02, 12, floor_sessions, 0.01})
                .p_value;
  };
  EXPECT_NEAR(p_of(1, 6), 0.018238, 1e-6);  // t(5), by integrating its density
  EXPECT_NEAR(p_of(1, 3), 0.074722, 1e-6);  // t(2)
  EXPECT_NEAR(p_of(2, 6), 0.004557, 1e-6);  // t(5)

  const TimeSessions apart = sessions_of(10, 1, 1, Sharing::none);
  const auto with_floor = [&](double deviation, std::size_t sessions) {
    return compare_times(kTen, scaled(kTen, 1.05), apart,
                         SeriesFloor{0.02, 12, sessions, deviation});
  };
  expect(with_floor(0.01, 6), SpeedVerdict::regressed, SpeedReason::none);
  expect(with_floor(0.01, 3), SpeedVerdict::ambiguous, SpeedReason::single_session);
  expect(with_floor(0.001, 2), SpeedVerdict::ambiguous, SpeedReason::single_session);
  // What is known of the sessions counts beyond 7 %, too.
  expect(compare_times(kTen, scaled(kTen, 1.09), apart, SeriesFloor{0.05, 12, 3, 0.03}),
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
