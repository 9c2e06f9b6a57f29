#include "run/tune.h"

#include <gmock/gmock.h>

#include <map>
#include <utility>

#include "fake_device.h"
#include "reference/reference.h"

namespace gpubench::run_tests {
namespace {

using ::testing::Contains;
using ::testing::DoubleEq;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Keeper final : TuneObserver {
  void on_stage(const TuneStage& stage) override {
    stages.emplace_back(stage.kernel);
    shapes.push_back(stage.shape);
    left_s.push_back(stage.left_s);
    looks_at_clock = 0;
  }
  void on_progress(const TuneStage&, const SearchProgress& progress) override {
    left_s.push_back(progress.left_s);
  }
  void on_absent(const TuneTarget&, std::string_view kernel, const std::string& why) override {
    absent[std::string(kernel)] = why;
  }
  Outcome on_entry(const TuneTarget&, const TuningEntry& entry) override {
    entries.push_back(entry);
    return keeps ? Outcome(Done{}) : Error{ErrorKind::io, "disk full"};
  }

  std::vector<std::string> stages;
  std::map<std::string, std::string> absent;
  std::vector<TuningEntry> entries;
  std::vector<Shape> shapes;
  std::vector<double> left_s;  ///< At each stage and step.
  int looks_at_clock = 2;      ///< Since the last stage began.
  bool keeps = true;
};

/// Tunes a small product on devices that compute it rightly, until one of them is told otherwise.
class Tune : public ::testing::Test {
 protected:
  Tune() { tune_shape({33, 40, 17, 1}); }

  void tune_shape(const Shape& shape) {
    target_.problem.shape = shape;
    const auto reference = compute_reference(target_.problem, Format::f32);
    EXPECT_TRUE(reference);
    const auto values = reference->values.span();
    answer_.assign(values.begin(), values.end());
  }

  Outcome run(const std::vector<std::string>& kernels = {"tiled"}) {
    auto device = ReopenedDevice::open([this]() -> Result<std::unique_ptr<Device>> {
      if (++opened_ > openings_) return Error{ErrorKind::no_device, "it does not come back"};
      auto fake = std::make_unique<FakeDevice>();
      fake->answer = answer_;
      set_up_(*fake);
      set_up_ = [](FakeDevice&) {};  // the next one is in order
      return std::unique_ptr<Device>(std::move(fake));
    });
    EXPECT_TRUE(device);
    TuneOptions options;
    options.targets.assign(targets_, target_);
    options.kernels = kernels;
    options.budget_s = budget_s_;
    options.now = [this] { return now(); };
    options.should_stop = [this] {
      return keeper_.stages.size() >= stop_at_stage_ || polls_left_ == 0 || polls_left_-- == 0;
    };
    return tune(*device, options, keeper_);
  }

  /// A stage looks at the clock before its reference is made, and after.
  double now() {
    if (++keeper_.looks_at_clock == 2) now_ += std::exchange(first_reference_s_, 0);
    return now_ += 1e-3;
  }

  [[nodiscard]] std::vector<Ending> endings() const {
    std::vector<Ending> endings;
    if (keeper_.entries.empty()) return endings;
    for (const TriedTuning& tried : keeper_.entries[0].kernels.at(0).tried) {
      endings.push_back(tried.trial.ending);
    }
    return endings;
  }

  TuneTarget target_;
  std::size_t targets_ = 1;  ///< So many like that one.
  std::vector<float> answer_;
  std::function<void(FakeDevice&)> set_up_ = [](FakeDevice&) {};
  Keeper keeper_;
  double now_ = 0;
  double budget_s_ = 1;
  double first_reference_s_ = 0;
  int opened_ = 0;
  int openings_ = 1000;
  int polls_left_ = -1;               ///< Until it is stopped; below 0: never.
  std::size_t stop_at_stage_ = 1000;  ///< Counted from 1.
};

TEST_F(Tune, OwnChoiceWinsWhereNothingIsFaster) {
  ASSERT_TRUE(run());
  ASSERT_THAT(keeper_.entries, SizeIs(1));
  const TuningEntry& entry = keeper_.entries[0];
  EXPECT_EQ(entry.device.name, "fake");
  ASSERT_THAT(entry.kernels, SizeIs(1));
  EXPECT_EQ(entry.kernels[0].kernel, "tiled");
  EXPECT_TRUE(entry.kernels[0].best()->tuning.empty());
  EXPECT_GT(entry.kernels[0].tried.size(), 10U);
  EXPECT_EQ(opened_, 1);
}

TEST_F(Tune, EveryKernelOfTheOperationTakesPart) {
  ASSERT_TRUE(run({}));
  std::vector<std::string> kernels;
  for (const TunedKernel& tuned : keeper_.entries.at(0).kernels) kernels.push_back(tuned.kernel);
  EXPECT_THAT(kernels, ElementsAre("naive", "tiled", "split", "direct"));
  EXPECT_THAT(keeper_.stages, Contains("direct"));
}

double slow_naive(std::string_view shader) {
  if (shader.find("naive") != shader.npos) return 8.0;
  return shader.find("direct") != shader.npos ? 0.5 : 1.0;
}

// Looked at in the order of the catalogue, then searched, the fastest first.
TEST_F(Tune, AKernelFarBehindIsNotSearched) {
  set_up_ = [](FakeDevice& device) {
    device.time = {0.01, 0.01};
    device.slowness_of = slow_naive;
  };
  ASSERT_TRUE(run({}));
  EXPECT_THAT(keeper_.stages,
              ElementsAre("naive", "tiled", "split", "direct", "direct", "tiled", "split"));
  const TunedKernel& naive = keeper_.entries.at(0).kernels.at(0);
  ASSERT_THAT(naive.tried, SizeIs(1));
  EXPECT_EQ(naive.tried[0].trial.ending, Ending::not_tried);
  EXPECT_EQ(naive.tried[0].trial.why, "its own tiles reach 0.062 of the rate of those of direct");
  ASSERT_THAT(naive.probed, SizeIs(1));
  EXPECT_THAT(naive.probed[0].trial.samples_s, Each(DoubleEq(0.08)));
  EXPECT_EQ(naive.probe_shape, target_.problem.shape);
  const auto read = parse_table(table_json({keeper_.entries}), "t.json");
  EXPECT_TRUE(read) << read.error().message;
}

TEST_F(Tune, KernelsThatAreNamedAreSearchedHoweverSlow) {
  set_up_ = [](FakeDevice& device) {
    device.time = {0.01, 0.01};
    device.slowness_of = slow_naive;
  };
  ASSERT_TRUE(run({"naive", "direct"}));
  EXPECT_THAT(keeper_.stages, ElementsAre("naive", "direct"));
  EXPECT_NE(keeper_.entries.at(0).kernels.at(0).best(), nullptr);
}

// The fastest is right when it is looked at, and wrong from then on.
TEST_F(Tune, AKernelThatProvesWrongDrivesNoOtherOut) {
  set_up_ = [this](FakeDevice& device) {
    device.time = {0.01, 0.01};
    device.slowness_of = slow_naive;
    device.spoiled_answer = std::vector<float>(answer_.size(), 0.5F);
    device.is_spoiled = [this](int, std::string_view shader) {
      return keeper_.stages.size() > 4 && shader.find("direct") != shader.npos;
    };
  };
  budget_s_ = 10;
  ASSERT_TRUE(run({}));
  const std::vector<TunedKernel>& kernels = keeper_.entries.at(0).kernels;
  EXPECT_EQ(kernels.at(3).best(), nullptr);
  EXPECT_EQ(keeper_.stages.back(), "naive");
  EXPECT_NE(kernels.at(0).tried.at(0).trial.ending, Ending::not_tried);
}

TEST_F(Tune, AKernelWhoseOwnChoiceWasWrongOnceIsSearchedWithoutIt) {
  set_up_ = [this](FakeDevice& device) {
    device.spoiled_answer = answer_;
    device.spoiled_answer[100] += 1;
    // Four kernels are probed, with two submissions each; then the first is looked at.
    device.is_spoiled = [](int submission, auto) { return submission == 9; };
  };
  ASSERT_TRUE(run({}));
  EXPECT_EQ(keeper_.stages.front(), "naive");
  EXPECT_EQ(keeper_.stages.back(), "naive") << "nothing is known of its speed: the last";
  const TriedTuning& own = keeper_.entries.at(0).kernels.at(0).tried.at(0);
  EXPECT_EQ(own.trial.ending, Ending::wrong);
  EXPECT_THAT(own.trial.why, HasSubstr("beyond tolerance"));
}

TEST_F(Tune, ADeviceLostByAnOwnChoiceLeavesTheOthersOfItsKernel) {
  set_up_ = [](FakeDevice& device) {
    device.submit_fails = {10 + 1, {ErrorKind::device_lost, "the driver gave up"}};
  };
  ASSERT_TRUE(run({}));
  EXPECT_EQ(opened_, 2);
  const auto& kernels = keeper_.entries.at(0).kernels;
  const auto is_lost = [](const TunedKernel& tuned) {
    return tuned.tried.at(0).trial.ending == Ending::lost;
  };
  ASSERT_EQ(std::ranges::count_if(kernels, is_lost), 1);
  EXPECT_EQ(keeper_.stages.back(), std::ranges::find_if(kernels, is_lost)->kernel);
}

TEST_F(Tune, KernelsThatWereAskedForTakePartAlone) {
  ASSERT_TRUE(run({"direct", "naive"}));
  ASSERT_THAT(keeper_.entries.at(0).kernels, SizeIs(2));
  EXPECT_EQ(keeper_.entries[0].kernels[0].kernel, "naive");
  EXPECT_EQ(keeper_.entries[0].kernels[1].kernel, "direct");
}

TEST_F(Tune, WrongOutputIsOutAndTheRestGoesOn) {
  set_up_ = [this](FakeDevice& device) {
    device.spoiled_answer = answer_;
    device.spoiled_answer[100] += 1;
    // The rate's probe takes two submissions, the own choice two; then the next one is verified.
    device.is_spoiled = [](int submission, auto) { return submission == 5; };
  };
  ASSERT_TRUE(run());
  const TunedKernel& tuned = keeper_.entries.at(0).kernels.at(0);
  EXPECT_EQ(tuned.tried.at(1).trial.ending, Ending::wrong);
  EXPECT_THAT(tuned.tried.at(1).trial.why, HasSubstr("beyond tolerance"));
  EXPECT_THAT(tuned.tried.at(1).trial.samples_s, IsEmpty());
  ASSERT_NE(tuned.best(), nullptr);
}

TEST_F(Tune, NothingIsKeptOfAKernelThatIsAlwaysWrong) {
  set_up_ = [this](FakeDevice& device) {
    device.spoiled_answer = std::vector<float>(answer_.size(), 0.5F);
    device.is_spoiled = [](int, auto) { return true; };
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(keeper_.entries.at(0).kernels.at(0).best(), nullptr);
  EXPECT_THAT(endings(), Each(Ending::wrong));
}

TEST_F(Tune, LostDeviceIsOpenedAgainAndCostsOneCandidate) {
  set_up_ = [](FakeDevice& device) {
    device.submit_fails = {5, {ErrorKind::device_lost, "the driver gave up"}};
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(opened_, 2);
  const TunedKernel& tuned = keeper_.entries.at(0).kernels.at(0);
  EXPECT_EQ(tuned.tried.at(1).trial.ending, Ending::lost);
  EXPECT_EQ(tuned.tried.at(1).trial.why, "the driver gave up");
  EXPECT_EQ(std::ranges::count(endings(), Ending::lost), 1);
  EXPECT_NE(tuned.best(), nullptr);
}

TEST_F(Tune, DeviceThatIsGoneForGoodEndsItWithNothingKept) {
  openings_ = 1;
  set_up_ = [](FakeDevice& device) {
    device.submit_fails = {5, {ErrorKind::device_lost, "the driver gave up"}};
  };
  const Outcome tuned = run();
  ASSERT_FALSE(tuned);
  EXPECT_THAT(tuned.error().message, HasSubstr("it does not come back"));
  EXPECT_THAT(keeper_.entries, IsEmpty());
}

TEST_F(Tune, DeviceLostWhileTheRateIsProbedLeavesTheKernelOut) {
  set_up_ = [](FakeDevice& device) {
    device.submit_fails = {1, {ErrorKind::device_lost, "the driver gave up"}};
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(keeper_.entries.at(0).kernels.at(0).best(), nullptr);
  EXPECT_EQ(keeper_.entries[0].kernels[0].tried.at(0).trial.why, "the driver gave up");
}

TEST_F(Tune, KernelTooSlowForTheBudgetIsLeftOutWithItsTime) {
  set_up_ = [](FakeDevice& device) { device.time = {30, 30}; };
  ASSERT_TRUE(run());
  const Trial& own = keeper_.entries.at(0).kernels.at(0).tried.at(0).trial;
  EXPECT_EQ(own.ending, Ending::refused);
  EXPECT_THAT(own.why, HasSubstr("one launch takes about 30.0 s"));
}

TEST_F(Tune, BudgetTooShortToTellLeavesTheKernelUndecided) {
  budget_s_ = 0.01;
  ASSERT_TRUE(run());
  const TunedKernel& tuned = keeper_.entries.at(0).kernels.at(0);
  EXPECT_TRUE(tuned.is_undecided());
  EXPECT_LT(tuned.tried.at(0).trial.samples_s.size(), kLeastSamples);
}

// The device is right at the whole shape only, so all that have a turn before are wrong.
TEST_F(Tune, CandidatesThatHadNoTurnToQualifyGoStraightToTheWholeShape) {
  tune_shape({300, 40, 17, 1});
  // That shape takes 0.12 s at the rate of its first 128 rows: too long to try all of them on it.
  set_up_ = [](FakeDevice& device) { device.time = {0.05, 0.05}; };
  budget_s_ = 1.2;
  ASSERT_TRUE(run());
  const TunedKernel& tuned = keeper_.entries.at(0).kernels.at(0);
  ASSERT_GT(tuned.probed.size(), 1U);
  EXPECT_EQ(tuned.probed.at(1).trial.ending, Ending::wrong);
  EXPECT_THAT(tuned.tried, SizeIs(4));
  EXPECT_THAT(endings(), ::testing::UnorderedElementsAre(Ending::won, Ending::slower,
                                                         Ending::slower, Ending::slower));
}

TEST_F(Tune, ReferencesOfOneTargetAreNotBudgetOfTheNext) {
  targets_ = 2;
  first_reference_s_ = 10;
  budget_s_ = 0.1;
  ASSERT_TRUE(run());
  ASSERT_THAT(keeper_.entries, SizeIs(2));
  const auto tried = [&](std::size_t i) { return keeper_.entries[i].kernels.at(0).tried.size(); };
  EXPECT_LE(tried(1), 2 * tried(0)) << "each has half of the budget";
  EXPECT_LT(now_, 10 + 1.5 * budget_s_);
}

TEST_F(Tune, TimeLeftIsOfAllTargetsAndKnowsThatReferencesTakeNone) {
  targets_ = 2;
  first_reference_s_ = 10;
  budget_s_ = 0.4;
  ASSERT_TRUE(run());
  EXPECT_GT(keeper_.left_s.front(), 0.39);
  EXPECT_GT(keeper_.left_s.at(1), 0.38) << "after a reference of 10 s";
  EXPECT_LT(keeper_.left_s.back(), 0.1);
  EXPECT_THAT(keeper_.left_s, ::testing::WhenSortedBy(std::greater<>(), keeper_.left_s));
}

// Launches are short here, 1 ms each; what takes long on a fast device is to check the outputs.
TEST_F(Tune, CandidatesForALargeOutputQualifyAtASmallerOne) {
  target_.problem.shape = {8192, 4096, 8, 1};
  stop_at_stage_ = 1;
  ASSERT_TRUE(run());
  EXPECT_EQ(keeper_.shapes.at(0), (Shape{4096, 2048, 8, 1}));
}

TEST_F(Tune, TooLittleMemoryLeavesTheKernelOut) {
  set_up_ = [](FakeDevice& device) { device.free_bytes = 1000; };
  ASSERT_TRUE(run());
  EXPECT_THAT(keeper_.entries.at(0).kernels.at(0).tried.at(0).trial.why, HasSubstr("free"));
}

TEST_F(Tune, StoppedInItsOnlyKernelItKeepsNothing) {
  polls_left_ = 10;
  ASSERT_TRUE(run());
  EXPECT_THAT(keeper_.entries, IsEmpty());
}

TEST_F(Tune, StoppedOneKeepsTheKernelsThatWereDone) {
  stop_at_stage_ = 3;
  ASSERT_TRUE(run({"naive", "tiled", "split"}));
  ASSERT_THAT(keeper_.entries, SizeIs(1));
  std::vector<std::string> kernels;
  for (const TunedKernel& tuned : keeper_.entries[0].kernels) kernels.push_back(tuned.kernel);
  EXPECT_THAT(kernels, ElementsAre("naive", "tiled"));
  EXPECT_NE(keeper_.entries[0].kernels[1].best(), nullptr);
}

TEST_F(Tune, AKernelThatCannotTakePartIsNamedWithItsReason) {
  ASSERT_TRUE(run({"coop"}));
  EXPECT_THAT(keeper_.entries.at(0).kernels, IsEmpty());
  EXPECT_THAT(keeper_.absent["coop"], HasSubstr("fp32"));
}

TEST_F(Tune, KeeperThatFailsEndsIt) {
  keeper_.keeps = false;
  const Outcome tuned = run();
  ASSERT_FALSE(tuned);
  EXPECT_EQ(tuned.error().message, "disk full");
}

}  // namespace
}  // namespace gpubench::run_tests
