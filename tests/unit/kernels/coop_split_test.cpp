#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

std::string params_of_coop_split(Shape shape, const DeviceTraits& device,
                                 Precision precision = Precision::fp16_acc32) {
  const auto launch = find_kernel(Op::gemm, "coop_split")->launch(gemm(shape), precision, device);
  return launch ? launch->params : launch.error().message;
}

// 512 x 512 outputs are 16 tiles of 128 x 128: 128 workgroups with eight parts, 32 with two. Where
// parts do not make 64 workgroups of it, the tile is a smaller one.
TEST(CoopSplit, TileIsTheLargestWhosePartsFillAGpu) {
  EXPECT_EQ(params_of_coop_split({512, 512, 4096}, desktop_gpu()),
            "tile=128x128x32 matrix=16x16x16 subgroups=2x2x32 pad=1 group=8 splits=8x512");
  EXPECT_THAT(params_of_coop_split({512, 512, 512}, desktop_gpu()),
              ::testing::AllOf(HasSubstr("tile=64x64x32"), HasSubstr("splits=2x256")));
  EXPECT_THAT(params_of_coop_split({64, 64, 65536}, desktop_gpu()),
              ::testing::AllOf(HasSubstr("tile=32x32x32"), HasSubstr("splits=8x8192")));
  EXPECT_THAT(params_of_coop_split({4096, 4096, 4096}, desktop_gpu()), HasSubstr("splits=2x2048"));
  EXPECT_THAT(params_of_coop_split({512, 512, 4096}, software_device()),
              HasSubstr("tile=32x32x32 matrix=8x8x8"));
}

// Rows of FP32 are read half as deep; matrices of 40 terms make parts of as many.
TEST(CoopSplit, PartsAreWholeTilesAlongK) {
  EXPECT_THAT(params_of_coop_split({64, 64, 17}, desktop_gpu()), HasSubstr("splits=2x32"));
  EXPECT_THAT(params_of_coop_split({64, 64, 17}, desktop_gpu(), Precision::bf16),
              HasSubstr("splits=2x16"));
  EXPECT_THAT(params_of_coop_split({64, 64, 1025}, desktop_gpu()), HasSubstr("splits=4x288"));
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrices = {
      {48, 24, 40, "float16", "float16", "float32", "float32", "subgroup"}};
  EXPECT_THAT(params_of_coop_split({64, 64, 1025}, device), HasSubstr("splits=4x280"));
}

TEST(CoopSplit, PartsGoSideBySideAndAreAddedAfterwards) {
  for (const Op op : {Op::gemm, Op::linear}) {
    const Launch launch =
        *find_kernel(op, "coop_split")
             ->launch(problem_of(op, {100, 200, 1025, 3}), Precision::fp16, software_device());
    EXPECT_EQ(launch.row_granule, 32U);
    const auto steps = launch.steps({64, 100});
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].pipeline.shader, "coop_parts_fp16");
    EXPECT_EQ(steps[0].pipeline.required_subgroup_size, 8U);
    EXPECT_EQ(constant(steps[0], 15), 2U);
    EXPECT_EQ(constant(steps[0], 16), 544U);
    EXPECT_EQ(steps[0].groups, (std::array<std::uint32_t, 3>{7, 2, 3 * 2}));
    EXPECT_EQ(steps[1].pipeline.shader, std::string(to_string(op)) + "_add_parts_fp16");
    EXPECT_EQ(constant(steps[1], 15), 2U);
    EXPECT_EQ(steps[1].groups, (std::array<std::uint32_t, 3>{2, 36, 3}));
    EXPECT_EQ(launch.scratch0_bytes, 2ULL * 3 * 100 * 200 * sizeof(float));
  }
}

TEST(CoopSplit, TakesTheTilingAndThePartsThatItIsGiven) {
  const auto tuning = *parse_tuning(
      "subgroups_m=1 subgroups_n=2 part_m=32 part_n=16 tile_k=64 pad=0 group_rows=4 splits=16");
  const Launch launch = *find_kernel(Op::gemm, "coop_split")
                             ->launch(gemm({64, 64, 4096}), Precision::fp16, desktop_gpu(), tuning);
  EXPECT_EQ(launch.params,
            "tile=32x32x64 matrix=16x16x16 subgroups=1x2x32 pad=0 group=4 splits=16x256");
  EXPECT_EQ(launch.tuning, tuning);
}

// The loop over a part is counted, and not that over k.
TEST(CoopSplit, RoundsAreThoseOfAPart) {
  DeviceTraits device = software_device();
  device.max_loop_rounds = 3000;
  const Problem problem = gemm({64, 64, 1U << 17});
  EXPECT_THAT(refusal("coop", problem, Precision::fp16, device), HasSubstr("rounds"));
  EXPECT_EQ(refusal("coop_split", problem, Precision::fp16, device), "");
}

TEST(CoopSplit, SaysWhatIsMissingAsCoopDoes) {
  DeviceTraits no_feature = desktop_gpu();
  no_feature.cooperative_matrix = CooperativeMatrixSupport::no_feature;
  const Problem problem = gemm({64, 64, 4096});
  EXPECT_EQ(refusal("coop_split", problem, Precision::fp16, no_feature),
            "device: desktop has not the feature cooperativeMatrix");
  EXPECT_THAT(refusal("coop_split", problem, Precision::fp32, desktop_gpu()),
              HasSubstr("coop_split has no fp32, only fp16, fp16_acc32, bf16"));
  EXPECT_THAT(refusal("coop_split", gemm({32768, 32768, 512, 2}), Precision::fp16, desktop_gpu()),
              HasSubstr("2^31"));
  EXPECT_THAT(without(*find_kernel(Op::gemm, "coop_split"), Precision::fp16, Build::strict),
              HasSubstr("no strict build"));
}

}  // namespace
}  // namespace gpubench
