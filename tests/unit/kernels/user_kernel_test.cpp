#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

TEST(UserKernel, GetsTheContractAndItsOwnConstants) {
  const auto launch =
      launch_user_kernel({64, 32, {{8, 5}}}, gemm({100, 70, 9}), Precision::fp32, desktop_gpu());

  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->scratch0_bytes, 4096U);
  EXPECT_EQ(launch->row_granule, 64U);
  const auto steps = launch->steps({0, 100});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].pipeline.shader, "user");
  EXPECT_EQ(steps[0].pipeline.push_bytes, 72U);
  EXPECT_EQ(steps[0].groups, (std::array<std::uint32_t, 3>{3, 2, 1}));  // 70/32 and 100/64
  EXPECT_EQ(constant(steps[0], 3), 64U);
  EXPECT_EQ(constant(steps[0], 4), 32U);
  EXPECT_EQ(constant(steps[0], 8), 5U);
}

TEST(UserKernel, ReservedConstantsAndEmptyTilesAreInputErrors) {
  const auto reserved =
      launch_user_kernel({1, 1, {{7, 5}}}, gemm({4, 4, 4}), Precision::fp32, desktop_gpu());
  ASSERT_FALSE(reserved);
  EXPECT_EQ(reserved.error().kind, ErrorKind::input);
  EXPECT_THAT(reserved.error().message, HasSubstr("id 7"));
  const auto empty =
      launch_user_kernel({0, 1, {}}, gemm({4, 4, 4}), Precision::fp32, desktop_gpu());
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::input);
}

}  // namespace
}  // namespace gpubench
