#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

Launch split_launch(Shape shape) {
  return *find_kernel(Op::gemm, "split")->launch(gemm(shape), Precision::fp32, desktop_gpu());
}

// 64 x 64 outputs are a tile: 8 parts are the most. 1024 x 512 are 128 tiles, which are enough.
TEST(Split, TakesAsManyPartsAsFillAGpuAndNoneThatIsShort) {
  EXPECT_EQ(split_launch({64, 64, 65536}).params, "tile=64x64x16 splits=8x8192");
  EXPECT_EQ(split_launch({64, 64, 1024}).params, "tile=64x64x16 splits=4x256");
  EXPECT_EQ(split_launch({1024, 512, 65536}).params, "tile=64x64x16 splits=2x32768");
  EXPECT_EQ(split_launch({64, 64, 17}).params, "tile=64x64x16 splits=2x16");
}

// 1025 terms in four parts of whole tiles; the last part ends where k does.
TEST(Split, PartsAreWholeTilesSideBySideAndAddedAfterwards) {
  const Launch launch = split_launch({100, 200, 1024 + 1, 3});
  const auto steps = launch.steps({64, 100});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(constant(steps[0], 15), 4U);
  EXPECT_EQ(constant(steps[0], 16), 272U);
  EXPECT_EQ(steps[0].groups, (std::array<std::uint32_t, 3>{4, 1, 3 * 4}));
  EXPECT_EQ(steps[1].pipeline.shader, "gemm_add_parts_fp32");
  EXPECT_EQ(steps[1].groups, (std::array<std::uint32_t, 3>{2, 36, 3}));
  EXPECT_EQ(launch.scratch0_bytes, 4ULL * 3 * 100 * 200 * sizeof(float));
}

// 100,000 columns are 25,000 runs of four: 16 parts of 1563, the next more would be too short.
TEST(Split, LongRowsAreCutIntoPartsThatFillAGpu) {
  const auto params = [](std::uint32_t m, std::uint32_t n) {
    return find_kernel(Op::softmax, "split")
        ->launch(problem_of(Op::softmax, {.m = m, .n = n}), Precision::fp32, desktop_gpu())
        ->params;
  };
  EXPECT_EQ(params(1, 100000), "threads=256 parts=16x6252");
  EXPECT_EQ(params(64, 100000), "threads=256 parts=2x50000");
  EXPECT_EQ(params(8, 1 << 20), "threads=256 parts=16x65536");
  EXPECT_EQ(params(1, 3), "threads=256 parts=2x4");
}

TEST(Split, EveryPartOfARowIsAWorkgroupTwice) {
  const auto launch = *find_kernel(Op::softmax, "split")
                           ->launch(problem_of(Op::softmax, {.m = 5, .n = 100000, .batch = 3}),
                                    Precision::fp16, desktop_gpu());
  const auto steps = launch.steps({0, 5});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].pipeline.shader, "softmax_split_parts_fp16");
  EXPECT_EQ(steps[1].pipeline.shader, "softmax_split_shares_fp16");
  for (const Step& step : steps) {
    EXPECT_EQ(step.groups, (std::array<std::uint32_t, 3>{16, 5, 3}));
  }
  EXPECT_EQ(launch.scratch0_bytes, 3ULL * 5 * 16 * 8);
}

TEST(Split, SumsBeyondTheirIndicesAreRefused) {
  EXPECT_THAT(refusal("split", gemm({32768, 32768, 512, 2}), Precision::fp32, desktop_gpu()),
              HasSubstr("2^31"));
}

}  // namespace
}  // namespace gpubench
