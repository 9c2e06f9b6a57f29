#include "run/tuning_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

class TuningFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file() const { return (folder_ / "tuned.json").string(); }

  static TuningEntry entry_of(std::uint32_t side) {
    Problem problem;
    problem.shape = {side, 64, 64, 1};
    return {tuned_device(desktop_gpu()), class_of(problem, Precision::fp32), {}};
  }

  // Tests run at once, each in a process of its own.
  std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) /
                                  fmt::format("gpubench_tuning_file_{}", ::getpid());
};

TEST_F(TuningFile, KeepsWhatOthersWroteSince) {
  ASSERT_TRUE(keep_in_tuning_file(file(), entry_of(64)));
  ASSERT_TRUE(keep_in_tuning_file(file(), entry_of(128)));
  const auto table = read_tuning_file(file());
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->entries.size(), 2U);
}

TEST_F(TuningFile, TwoThatWriteAtOnceLoseNothing) {
  constexpr std::uint32_t kEach = 10;
  const auto keep_some = [&](std::uint32_t first) {
    for (std::uint32_t i = first; i < first + kEach; ++i) {
      EXPECT_TRUE(keep_in_tuning_file(file(), entry_of(1U << i)));
    }
  };
  std::thread other(keep_some, kEach);
  keep_some(0);
  other.join();
  const auto table = read_tuning_file(file());
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->entries.size(), 2U * kEach);
}

TEST_F(TuningFile, CheckLeavesNoTableBehind) {
  ASSERT_TRUE(check_tuning_file(file()));
  EXPECT_FALSE(std::filesystem::exists(file()));
  ASSERT_TRUE(keep_in_tuning_file(file(), entry_of(64)));
  ASSERT_TRUE(check_tuning_file(file()));
  EXPECT_EQ(read_tuning_file(file())->entries.size(), 1U);
  for (const auto& left : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(left.path().string().find(".tmp"), std::string::npos) << left.path();
  }
}

TEST_F(TuningFile, DamageThatHappenedSinceIsNotWrittenOver) {
  ASSERT_TRUE(keep_in_tuning_file(file(), entry_of(64)));
  std::filesystem::resize_file(file(), 10);
  const auto kept = keep_in_tuning_file(file(), entry_of(128));
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().message, HasSubstr("damaged"));
  EXPECT_EQ(std::filesystem::file_size(file()), 10U);
}

}  // namespace
}  // namespace gpubench
