#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

// A part of 64 x 64 is 128 sums to each of 32 lanes, and 512 to each of 8.
TEST(Coop, TileFollowsMatrixSubgroupAndLimits) {
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  const Problem problem = gemm({4096, 4096, 64});
  const auto params = [&](const DeviceTraits& device, Precision precision) {
    return coop.launch(problem, precision, device)->params;
  };
  DeviceTraits device = desktop_gpu();
  EXPECT_EQ(params(device, Precision::fp16_acc32),
            "tile=128x128x32 matrix=16x16x16 subgroups=2x2x32 pad=1 group=8");
  EXPECT_EQ(params(software_device(), Precision::fp16),
            "tile=32x32x32 matrix=8x8x8 subgroups=2x2x8 pad=1 group=8");
  DeviceTraits narrow = software_device();
  narrow.type = DeviceType::integrated;
  EXPECT_EQ(params(narrow, Precision::fp16),
            "tile=64x64x32 matrix=8x8x8 subgroups=2x2x8 pad=1 group=8");
  EXPECT_THAT(coop.launch(gemm({64, 64, 64}), Precision::fp16, device)->params,
              HasSubstr("tile=32x32x32"));

  // 2·128·5 + 2·64·5 vectors and 4 stages of 1 KiB: 128 x 128 needs 24 KiB, 64 x 64 14 KiB.
  device.max_shared_bytes = 20 * 1024;
  EXPECT_THAT(params(device, Precision::fp16_acc32), HasSubstr("tile=64x64x32"));
  device.max_shared_bytes = 1000;
  EXPECT_THAT(refusal("coop", problem, Precision::fp16, device), HasSubstr("shared memory"));
}

TEST(Coop, TileIsMadeOfWholeMatricesWhateverTheirSides) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrices = {
      {48, 24, 40, "float16", "float16", "float32", "float32", "subgroup"}};
  const auto launch =
      find_kernel(Op::gemm, "coop")->launch(gemm({999, 999, 99}), Precision::fp16_acc32, device);
  EXPECT_EQ(launch->params, "tile=96x96x40 matrix=48x24x40 subgroups=2x2x32 pad=1 group=8");
}

TEST(Coop, AsksForTheSubgroupThatItCountsOn) {
  const auto launch =
      find_kernel(Op::linear, "coop")
          ->launch(problem_of(Op::linear, {64, 64, 64}), Precision::fp16, software_device());
  const PipelineSpec pipeline = launch->steps({0, 64}).front().pipeline;
  EXPECT_EQ(pipeline.required_subgroup_size, 8U);
  EXPECT_TRUE(pipeline.full_subgroups);
}

// As many bytes of a row as on the paths that store FP16; matrices of another side than those of
// FP16.
TEST(Coop, Bf16IsReadHalfAsDeepAndTakesItsOwnMatrices) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrices.pop_back();
  set_bfloat16(device, 8);
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  const Problem problem = gemm({4096, 4096, 64});

  EXPECT_EQ(coop.launch(problem, Precision::bf16, device)->params,
            "tile=128x128x16 matrix=8x8x8 subgroups=2x2x32 pad=1 group=8");
  EXPECT_EQ(coop.launch(problem, Precision::fp16_acc32, device)->params,
            "tile=128x128x32 matrix=16x16x16 subgroups=2x2x32 pad=1 group=8");
  device.cooperative_matrices.back().k = 32;
  EXPECT_THAT(coop.launch(problem, Precision::bf16, device)->params,
              HasSubstr("tile=128x128x32 matrix=8x8x32"));
}

TEST(Coop, Bf16HasModulesOfItsOwn) {
  for (const Op op : {Op::gemm, Op::linear}) {
    const auto launch = find_kernel(op, "coop")
                            ->launch(problem_of(op, {64, 64, 64}), Precision::bf16, desktop_gpu());
    const PipelineSpec pipeline = launch->steps({0, 64}).front().pipeline;
    EXPECT_EQ(pipeline.shader, std::string(to_string(op)) + "_coop_bf16");
    EXPECT_FALSE(shader_code(pipeline.shader).empty());
  }
}

TEST(Coop, SaysWhatBf16LacksAndAsksForNoFp16) {
  const Problem problem = gemm({64, 64, 64});
  DeviceTraits old_driver = desktop_gpu(), older_driver = desktop_gpu(),
               no_features = desktop_gpu(), no_matrices = desktop_gpu(), no_shape = desktop_gpu(),
               no_half = desktop_gpu();
  old_driver.bfloat16 = {};
  old_driver.driver_id = "MESA_LLVMPIPE";
  old_driver.driver_info = "Mesa 26.1.6";
  older_driver.bfloat16 = {};
  older_driver.cooperative_matrix = CooperativeMatrixSupport::not_listed;
  no_features.bfloat16.type = no_features.bfloat16.cooperative_matrix = false;
  no_matrices.bfloat16.cooperative_matrix = false;
  no_shape.cooperative_matrices.pop_back();
  no_half.shader_float16 = no_half.storage_16bit = false;

  EXPECT_EQ(refusal("coop", problem, Precision::bf16, old_driver),
            "driver: MESA_LLVMPIPE Mesa 26.1.6 does not list VK_KHR_shader_bfloat16");
  EXPECT_THAT(refusal("coop", problem, Precision::bf16, older_driver),
              HasSubstr("does not list VK_KHR_cooperative_matrix"));
  EXPECT_EQ(refusal("coop", problem, Precision::bf16, no_features),
            "device: desktop has not shaderBFloat16Type, nor shaderBFloat16CooperativeMatrix");
  EXPECT_EQ(refusal("coop", problem, Precision::bf16, no_matrices),
            "device: desktop has not shaderBFloat16CooperativeMatrix");
  EXPECT_EQ(refusal("coop", problem, Precision::bf16, no_shape),
            "device: desktop has not a cooperative matrix of bfloat16 with sums in float32 for a "
            "subgroup, its sides multiples of 8");
  EXPECT_TRUE(find_kernel(Op::gemm, "coop")->launch(problem, Precision::bf16, no_half));
  EXPECT_TRUE(find_kernel(Op::gemm, "coop")->launch(problem, Precision::fp16, old_driver));
}

TEST(Coop, WideVectorsNeedRowsOfEights) {
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  constexpr std::uint32_t kRows8 = 20;
  for (const auto& [shape, expected] :
       {std::pair{Shape{9, 64, 64}, 1U}, {Shape{9, 68, 64}, 0U}, {Shape{9, 64, 68}, 0U}}) {
    const auto launch = coop.launch(gemm(shape), Precision::fp16, desktop_gpu());
    EXPECT_EQ(constant(launch->steps({0, 9}).front(), kRows8), expected);
  }
}

TEST(Coop, SaysWhetherDriverOrDeviceLeavesItWithout) {
  const Problem problem = gemm({64, 64, 64});
  DeviceTraits old_driver = desktop_gpu(), no_feature = desktop_gpu(), no_shape = desktop_gpu(),
               no_half = desktop_gpu();
  old_driver.cooperative_matrix = CooperativeMatrixSupport::not_listed;
  old_driver.driver_id = "MESA_LLVMPIPE";
  old_driver.driver_info = "Mesa 22.3.6";
  no_feature.cooperative_matrix = CooperativeMatrixSupport::no_feature;
  no_shape.cooperative_matrices.resize(1);
  no_half.shader_float16 = no_half.full_subgroups = false;

  EXPECT_EQ(refusal("coop", problem, Precision::fp16, old_driver),
            "driver: MESA_LLVMPIPE Mesa 22.3.6 does not list VK_KHR_cooperative_matrix");
  EXPECT_EQ(refusal("coop", problem, Precision::fp16, no_feature),
            "device: desktop has not the feature cooperativeMatrix");
  EXPECT_THAT(refusal("coop", problem, Precision::fp16_acc32, no_shape),
              HasSubstr("float16 with sums in float32"));
  EXPECT_EQ(refusal("coop", problem, Precision::fp16, no_half),
            "device: desktop has not shaderFloat16, nor computeFullSubgroups");
  EXPECT_THAT(refusal("coop", problem, Precision::fp32, desktop_gpu()),
              HasSubstr("coop has no fp32, only fp16, fp16_acc32, bf16"));
}

TEST(Coop, HasNoStrictBuild) {
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  EXPECT_EQ(without(coop, Precision::fp16, Build::as_is), "");
  EXPECT_THAT(without(coop, Precision::fp16, Build::strict), HasSubstr("no strict build"));
  EXPECT_EQ(without(*find_kernel(Op::gemm, "tiled"), Precision::fp16, Build::strict), "");
}

}  // namespace
}  // namespace gpubench
