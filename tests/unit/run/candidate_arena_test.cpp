#include "run/candidate_arena.h"

#include <gmock/gmock.h>

#include "fake_device.h"
#include "reference/reference.h"

namespace gpubench::run_tests {
namespace {

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

}  // namespace
}  // namespace gpubench::run_tests
