#include "run/candidate_arena.h"

#include <gmock/gmock.h>

#include <tuple>

#include "fake_device.h"
#include "reference/reference.h"

namespace gpubench::run_tests {
namespace {

constexpr const char* kOtherTiles =
    "tile_m=64 tile_n=64 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8";

/// The tunings of `tiled` on a small product that the device computes rightly.
class Candidates : public ::testing::Test {
 protected:
  Candidates() {
    tuned_.planned.problem.shape = {300, 40, 17, 1};
    tuned_.planned.kernel.name = "tiled";
    tuned_.kernel = find_kernel(Op::gemm, "tiled");
    const auto reference = compute_reference(tuned_.planned.problem, Format::f32);
    EXPECT_TRUE(reference);
    const auto values = reference->values.span();
    answer_.assign(values.begin(), values.end());
    EXPECT_TRUE(checker_.prepare(tuned_.planned, Coverage::whole));
  }

  ReopenedDevice open() {
    auto device = ReopenedDevice::open([this]() -> Result<std::unique_ptr<Device>> {
      auto fake = std::make_unique<FakeDevice>();
      fake->answer = answer_;
      fake->time = time_;
      fake->facts.type = type_;
      set_up_(*fake);
      fake_ = fake.get();
      return std::unique_ptr<Device>(std::move(fake));
    });
    EXPECT_TRUE(device);
    return std::move(device).value();
  }

  Checker checker_;
  TunedCase tuned_;
  std::vector<float> answer_;
  std::vector<Tuning> candidates_{{}};
  SubmitTime time_{0.01, 0.01};
  DeviceType type_ = DeviceType::discrete;
  std::function<void(FakeDevice&)> set_up_ = [](FakeDevice&) {};
  FakeDevice* fake_ = nullptr;  ///< The device that is open.
};

TEST_F(Candidates, FirstSampleIsInBandsOfItsOwnTime) {
  // At this rate the product takes a second: bands of a quarter each, as far as granules allow.
  tuned_.rate = {flop(tuned_.planned.problem), RateEvidence::probe};
  ReopenedDevice device = open();
  CandidateArena arena(device, checker_, tuned_, candidates_);
  ASSERT_FALSE(arena.enter(0));
  ASSERT_GT(fake_->submissions, 1) << "verified in the bands of the probe's rate";

  fake_->submissions = 0;
  ASSERT_TRUE(arena.time(0));
  EXPECT_EQ(fake_->submissions, 1);
}

TEST_F(Candidates, WhatIsWaitedForHangsOnTheFastestSoFar) {
  candidates_.push_back(parse_tuning(kOtherTiles).value());
  for (const auto& [type, launch_s, patience_s] :
       {std::tuple(DeviceType::discrete, 0.01, 10.0), std::tuple(DeviceType::discrete, 1.0, 20.0),
        std::tuple(DeviceType::discrete, 50.0, 60.0), std::tuple(DeviceType::cpu, 0.01, 60.0)}) {
    type_ = type;
    time_ = {launch_s, launch_s};
    ReopenedDevice device = open();
    CandidateArena arena(device, checker_, tuned_, candidates_);
    ASSERT_FALSE(arena.enter(0));
    EXPECT_DOUBLE_EQ(fake_->timeouts_s.back(), kHungSeconds) << "nothing is known yet";
    ASSERT_FALSE(arena.enter(1));
    EXPECT_DOUBLE_EQ(fake_->timeouts_s.back(), patience_s) << launch_s;
    ASSERT_TRUE(arena.time(1));
    EXPECT_DOUBLE_EQ(fake_->timeouts_s.back(), patience_s) << launch_s;
    EXPECT_DOUBLE_EQ(fake_->submit_timeout_s, kHungSeconds) << "whoever comes next";
  }
}

TEST_F(Candidates, AfterTwoLossesNoOtherIsTried) {
  for (const char* tiles : {kOtherTiles, "tile_m=64", "tile_m=128"}) {
    candidates_.push_back(parse_tuning(tiles).value());
  }
  tuned_.rate = {1e12, RateEvidence::probe};
  ReopenedDevice device = open();
  CandidateArena arena(device, checker_, tuned_, candidates_);
  ASSERT_FALSE(arena.enter(0));
  set_up_ = [](FakeDevice& fake) { fake.submit_fails = {1, {ErrorKind::device_lost, "reset"}}; };
  fake_->submit_fails = {1, {ErrorKind::timeout, "hung"}};
  const auto first = arena.enter(1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->ending, Ending::lost);
  const auto own = arena.time(0);
  ASSERT_FALSE(own) << "lost the device that was opened again";
  EXPECT_EQ(own.error().kind, ErrorKind::device_lost);

  set_up_ = [](FakeDevice&) {};
  EXPECT_EQ(device.reopen().ok(), true);
  const auto second = arena.enter(2);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->ending, Ending::not_tried);
  EXPECT_EQ(fake_->submissions, 0);
  EXPECT_EQ(arena.closed(), "");
}

}  // namespace
}  // namespace gpubench::run_tests
