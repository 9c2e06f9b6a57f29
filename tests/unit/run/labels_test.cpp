#include "run/labels.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>

namespace gpubench {
namespace {

const DecideSpec kDrawn{.labels = "drawn"};

Problem problem_of(std::uint32_t outputs, std::uint64_t seed = 42) {
  Problem problem;
  problem.shape = {.m = outputs, .n = 1, .k = 4, .batch = 1};
  problem.seed = seed;
  return problem;
}

class LabelFile : public testing::Test {
 protected:
  LabelFile() : path_(testing::TempDir() + "labels-" + std::to_string(getpid()) + ".csv") {}
  ~LabelFile() override { std::filesystem::remove(path_); }

  Case decided_by(const std::string& text, std::uint32_t outputs) {
    std::ofstream(path_) << text;
    Case planned;
    planned.problem = problem_of(outputs);
    planned.decide = DecideSpec{.labels = "file", .labels_file = path_};
    return planned;
  }

  std::string path_;
};

TEST(Labels, AreDrawnWithTheChanceThatTheScoreNames) {
  const std::vector<float> scores(20000, 0.7F);

  const auto labels = make_labels(kDrawn, problem_of(20000), scores);

  ASSERT_TRUE(labels.ok());
  const int yes = std::accumulate(labels->begin(), labels->end(), 0);
  EXPECT_NEAR(yes, 14000, 5 * 65);  // √(20000·0.7·0.3) = 65
}

TEST(Labels, FollowTheSeedAndNothingElse) {
  const std::vector<float> scores(100, 0.5F);

  const auto once = make_labels(kDrawn, problem_of(100), scores);
  const auto again = make_labels(kDrawn, problem_of(100), scores);
  const auto other = make_labels(kDrawn, problem_of(100, 43), scores);

  EXPECT_EQ(*once, *again);
  EXPECT_NE(*once, *other);
}

TEST(Labels, CertainScoresHaveCertainLabels) {
  const std::vector<float> scores = {0, 1, -3, 7};

  EXPECT_EQ(*make_labels(kDrawn, problem_of(4), scores), (std::vector<std::uint8_t>{0, 1, 0, 1}));
}

TEST(Labels, NoneAreMadeUnlessAskedFor) {
  EXPECT_TRUE(make_labels(DecideSpec{}, problem_of(4), {})->empty());
}

TEST_F(LabelFile, IsReadAsItStands) {
  const Case planned = decided_by("0\n1\n1\n", 3);

  EXPECT_TRUE(check_labels(planned).ok());
  EXPECT_EQ(*make_labels(*planned.decide, planned.problem, {}),
            (std::vector<std::uint8_t>{0, 1, 1}));
}

TEST_F(LabelFile, OfAnotherLengthIsRefused) {
  const auto checked = check_labels(decided_by("0\n1\n", 3));

  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().kind, ErrorKind::input);
  EXPECT_EQ(checked.error().message, path_ + ": expected 3 labels, one for each output, found 2");
}

TEST_F(LabelFile, WithAnythingButZeroAndOneIsRefused) {
  const auto checked = check_labels(decided_by("0\n1\n0.5\n", 3));

  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().message, path_ + ": expected labels 0 and 1, found 0.5 at element 2");
}

}  // namespace
}  // namespace gpubench
