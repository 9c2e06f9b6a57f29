#include "tuning/search.h"

#include <gmock/gmock.h>

#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace gpubench {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Candidates that take given times, on a clock of their own.
class FakeArena final : public Arena {
 public:
  explicit FakeArena(std::vector<double> seconds) : seconds_(std::move(seconds)) {}

  std::optional<Refusal> enter(std::size_t candidate) override {
    ++entered[candidate];
    now += enter_s;
    if (entered[candidate] == wrong_at[candidate]) return Refusal{Ending::wrong, "row 3 is off"};
    if (refused.contains(candidate)) return refused[candidate];
    return std::nullopt;
  }
  Result<double> time(std::size_t candidate) override {
    order.push_back(candidate);
    now += seconds_[candidate];
    if (errors.contains(candidate)) return errors.at(candidate);
    return seconds_[candidate] * (1 + noise * (static_cast<double>(order.size() % 3) - 1));
  }
  std::string closed() const override { return order.size() >= closes_after ? "gone" : ""; }

  std::map<std::size_t, int> entered;
  std::map<std::size_t, int> wrong_at;  ///< At so many entries, its output is wrong.
  std::map<std::size_t, Refusal> refused;
  std::map<std::size_t, Error> errors;
  std::vector<std::size_t> order;
  std::size_t closes_after = 1000000;
  double now = 0;
  double enter_s = 0.5;
  double noise = 0;

 private:
  std::vector<double> seconds_;
};

std::vector<Trial> run(
    FakeArena& arena, std::size_t count, SearchOptions options = {},
    const std::function<bool()>& should_stop = [] { return false; }) {
  return search(count, arena, options,
                {[&] { return arena.now; }, should_stop, [](const SearchProgress&) {}});
}

TEST(Search, FastestWins) {
  FakeArena arena({0.010, 0.012, 0.007, 0.009, 0.030});
  const auto trials = run(arena, 5);
  EXPECT_EQ(winner_of(trials), 2U);
  EXPECT_EQ(trials[0].ending, Ending::slower);
}

TEST(Search, NoiseOfAFewPercentDoesNotHideAThird) {
  FakeArena arena({0.010, 0.012, 0.007, 0.009, 0.030});
  arena.noise = 0.05;
  EXPECT_EQ(winner_of(run(arena, 5)), 2U);
}

TEST(Search, OwnChoiceStaysWhereTheGainIsWithinTheNoise) {
  FakeArena arena({0.0100, 0.0099});
  EXPECT_EQ(winner_of(run(arena, 2)), 0U);
}

TEST(Search, MuchSlowerOnesAreTimedOnce) {
  FakeArena arena({0.010, 0.016, 0.009});
  const auto trials = run(arena, 3);
  EXPECT_THAT(trials[1].samples_s, SizeIs(1));
  EXPECT_THAT(trials[2].samples_s, SizeIs(SearchOptions().most_samples));
  EXPECT_EQ(trials[0].samples_s.size(), trials[2].samples_s.size());
}

TEST(Search, TimesTakeTurns) {
  FakeArena arena({0.010, 0.0095});
  run(arena, 2);
  for (std::size_t i = 3; i < arena.order.size(); ++i) {
    EXPECT_NE(arena.order[i], arena.order[i - 1]) << i;
  }
}

TEST(Search, WrongOneNeverWinsAndIsNotTimed) {
  FakeArena arena({0.010, 0.001});
  arena.wrong_at[1] = 1;
  const auto trials = run(arena, 2);
  EXPECT_EQ(winner_of(trials), 0U);
  EXPECT_EQ(trials[1].ending, Ending::wrong);
  EXPECT_EQ(trials[1].why, "row 3 is off");
  EXPECT_THAT(trials[1].samples_s, SizeIs(0));
}

// At its second entry it is about to drop the third, at its third it is about to win.
TEST(Search, OneThatIsWrongNowAndThenDrivesNoHonestOneOut) {
  for (const int entry : {2, 3}) {
    FakeArena arena({0.010, 0.001, 0.005, 0.004});
    arena.wrong_at[1] = entry;
    const auto trials = run(arena, 4);
    EXPECT_EQ(trials[1].ending, Ending::wrong) << entry;
    EXPECT_EQ(trials[1].why, "row 3 is off");
    EXPECT_EQ(winner_of(trials), 3U) << entry;
    EXPECT_GE(trials[2].samples_s.size(), 2U) << "it is back";
    const std::size_t samples = trials[1].samples_s.size();
    EXPECT_EQ(samples == 1, entry == 2) << "found before it drops any";
  }
}

TEST(Search, OwnChoiceThatTurnsWrongIsOut) {
  FakeArena arena({0.001, 0.005, 0.004});
  arena.wrong_at[0] = 3;
  const auto trials = run(arena, 3);
  EXPECT_EQ(trials[0].ending, Ending::wrong);
  EXPECT_EQ(winner_of(trials), 2U);
}

// Entering takes 0.5 s. The third is dropped after one sample, and back too late for two more.
TEST(Search, ThoseThatComeBackTooLateAreUndecided) {
  FakeArena arena({0.2, 0.1, 0.18});
  arena.wrong_at[1] = 3;
  SearchOptions options;
  options.budget_s = 3.2;
  options.most_samples = 3;
  const auto trials = run(arena, 3, options);
  EXPECT_EQ(trials[1].ending, Ending::wrong);
  EXPECT_EQ(winner_of(trials), std::nullopt);
  EXPECT_EQ(trials[2].ending, Ending::undecided);
}

// It is found when it is about to win. Of those that are left, the fastest has all that it takes,
// and there is no time for the other.
TEST(Search, WhatCameBackTooLateIsNoHindrance) {
  FakeArena arena({0.30, 0.10, 0.16, 0.14});
  arena.wrong_at[1] = 3;
  SearchOptions options;
  options.budget_s = 4.7;
  options.most_samples = 3;
  const auto trials = run(arena, 4, options);
  EXPECT_EQ(trials[1].ending, Ending::wrong);
  EXPECT_EQ(trials[2].ending, Ending::slower);
  EXPECT_THAT(trials[2].samples_s, SizeIs(1));
  EXPECT_EQ(winner_of(trials), 3U);
}

// Two of them: what the second would drive out waits until that one was right a second time, too.
TEST(Search, TwoThatAreWrongNowAndThenDriveNoHonestOneOut) {
  FakeArena arena({0.010, 0.001, 0.002, 0.005});
  arena.wrong_at[1] = 3;
  arena.wrong_at[2] = 2;
  const auto trials = run(arena, 4);
  EXPECT_EQ(trials[1].ending, Ending::wrong);
  EXPECT_EQ(trials[2].ending, Ending::wrong);
  EXPECT_THAT(trials[2].samples_s, SizeIs(1)) << "found before it drops any";
  EXPECT_EQ(winner_of(trials), 3U);
}

TEST(Search, NoneIsEnteredOnceTheArenaIsClosed) {
  FakeArena arena({0.010, 0.001, 0.005});
  arena.closes_after = 3;
  const auto trials = run(arena, 3);
  EXPECT_EQ(arena.entered[1], 1) << "not verified again";
  EXPECT_EQ(winner_of(trials), std::nullopt);
}

TEST(Search, LostDeviceCostsOneCandidate) {
  FakeArena arena({0.010, 0.001, 0.008});
  arena.errors[1] = {ErrorKind::device_lost, "the driver gave up"};
  const auto trials = run(arena, 3);
  EXPECT_EQ(trials[1].ending, Ending::lost);
  EXPECT_EQ(trials[1].why, "the driver gave up");
  EXPECT_EQ(winner_of(trials), 2U);
}

TEST(Search, OwnChoiceThatCannotRunLeavesTheOthers) {
  FakeArena arena({0.010, 0.008, 0.009});
  arena.refused[0] = {Ending::refused, "too much memory"};
  const auto trials = run(arena, 3);
  EXPECT_EQ(trials[0].ending, Ending::refused);
  EXPECT_EQ(winner_of(trials), 1U);
}

TEST(Search, NothingWinsWhereNothingRuns) {
  FakeArena arena({0.010, 0.008});
  arena.refused[0] = arena.refused[1] = {Ending::refused, "no"};
  EXPECT_EQ(winner_of(run(arena, 2)), std::nullopt);
}

TEST(Search, BudgetEndsItButTheOwnChoiceIsTimed) {
  FakeArena arena(std::vector<double>(1000, 0.01));
  SearchOptions options;
  options.budget_s = 10;
  const auto trials = run(arena, 1000, options);
  EXPECT_LE(arena.now, 11);
  EXPECT_EQ(winner_of(trials), 0U);
  EXPECT_EQ(trials.back().ending, Ending::not_tried);
}

TEST(Search, OwnChoiceThatMetNobodyHasNotWon) {
  FakeArena arena({0.01, 0.005});
  SearchOptions options;
  options.budget_s = 1e-9;
  const auto trials = run(arena, 2, options);
  EXPECT_EQ(trials[0].ending, Ending::undecided);
  EXPECT_THAT(trials[0].samples_s, SizeIs(1));
  EXPECT_EQ(trials[1].ending, Ending::not_tried);
}

// Entering takes 3 s: the second is in at 6.75 s, with one sample each; a round takes 0.75 s.
TEST(Search, NoneWinsBeforeItHasEnoughSamples) {
  for (const auto& [budget_s, samples] :
       {std::pair(6.5, 1U), std::pair(6.8, 2U), std::pair(7.6, 3U)}) {
    FakeArena arena({0.5, 0.25});
    arena.enter_s = 3;
    SearchOptions options;
    options.budget_s = budget_s;
    const auto trials = run(arena, 2, options);
    EXPECT_THAT(trials[0].samples_s, SizeIs(samples));
    EXPECT_THAT(trials[1].samples_s, SizeIs(samples));
    const bool enough = samples == 3;
    EXPECT_EQ(winner_of(trials), enough ? std::optional<std::size_t>(1) : std::nullopt);
    EXPECT_EQ(trials[0].ending, enough ? Ending::slower : Ending::undecided);
    EXPECT_EQ(trials[1].ending, enough ? Ending::won : Ending::undecided);
  }
}

// The same at a tenth of the times: four samples of 0.15 s in all are missing after 6 s.
TEST(Search, LittleThatIsMissingIsTakenAfterTheEnd) {
  FakeArena arena({0.05, 0.025, 0.001});
  arena.enter_s = 3;
  SearchOptions options;
  options.budget_s = 6;
  const auto trials = run(arena, 3, options);
  EXPECT_EQ(winner_of(trials), 1U);
  EXPECT_THAT(trials[1].samples_s, SizeIs(3));
  EXPECT_EQ(trials[2].ending, Ending::not_tried);
}

TEST(Search, OneAloneIsTimedAsOftenAsItTakesToWin) {
  FakeArena arena({0.01});
  const auto trials = run(arena, 1);
  EXPECT_EQ(winner_of(trials), 0U);
  EXPECT_THAT(trials[0].samples_s, SizeIs(3));
}

SearchOptions all_may_enter(double budget_s) {
  SearchOptions options;
  options.budget_s = budget_s;
  options.entry_share = 1;
  return options;
}

// Each samples for about a second. At 2.9 s two are in; a third would be in at 4.2 s, when the four
// samples that tell two apart no longer fit.
TEST(Search, OneThatLeavesNoTimeToTellDoesNotEnter) {
  FakeArena arena({1.0, 0.9, 0.8, 0.95});
  const auto trials = run(arena, 4, all_may_enter(6.6));
  EXPECT_EQ(trials[2].ending, Ending::not_tried);
  EXPECT_EQ(winner_of(trials), 1U);
  EXPECT_THAT(trials[0].samples_s, SizeIs(3));
}

// At 5.65 s all four are in; a round of all takes 3.65 s, one of the first and the fastest 1.8 s.
TEST(Search, FewAreToldApartWhereThereIsNoTimeForAll) {
  FakeArena arena({1.0, 0.9, 0.8, 0.95});
  const auto trials = run(arena, 4, all_may_enter(9.2));
  EXPECT_EQ(winner_of(trials), 2U);
  EXPECT_THAT(trials[2].samples_s, SizeIs(3));
  EXPECT_THAT(trials[1].samples_s, SizeIs(1));
  EXPECT_EQ(trials[1].ending, Ending::slower);
}

TEST(Search, StoppedOneHasNoWinner) {
  FakeArena arena({0.01, 0.005, 0.006});
  const auto trials = run(arena, 3, {}, [&] { return arena.order.size() >= 4; });
  EXPECT_EQ(winner_of(trials), std::nullopt);
}

TEST(Search, ClosedArenaEndsIt) {
  FakeArena arena({0.01, 0.005, 0.006});
  arena.closes_after = 2;
  const auto trials = run(arena, 3);
  EXPECT_EQ(winner_of(trials), std::nullopt);
  EXPECT_EQ(trials[2].ending, Ending::not_tried);
}

TEST(Search, ProgressCountsUpAndTimeDown) {
  FakeArena arena({0.01, 0.005, 0.006});
  std::vector<SearchProgress> shown;
  search(3, arena, {},
         {[&] { return arena.now; }, [] { return false; },
          [&](const SearchProgress& progress) { shown.push_back(progress); }});
  ASSERT_GE(shown.size(), 4U);
  EXPECT_EQ(shown.front().tried, 1U);
  EXPECT_EQ(shown.back().tried, 3U);
  EXPECT_DOUBLE_EQ(shown.back().best_s, 0.005);
  for (std::size_t i = 1; i < shown.size(); ++i) EXPECT_LE(shown[i].left_s, shown[i - 1].left_s);
}

TEST(Search, EndingsReadBack) {
  for (const Ending ending : {Ending::won, Ending::slower, Ending::undecided, Ending::wrong,
                              Ending::refused, Ending::lost, Ending::not_tried}) {
    EXPECT_EQ(parse_ending(to_string(ending)), ending);
  }
  EXPECT_EQ(parse_ending("fastest"), std::nullopt);
}

}  // namespace
}  // namespace gpubench
