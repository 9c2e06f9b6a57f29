#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

std::string params_of_coop2(const Problem& problem, const DeviceTraits& device,
                            Precision precision = Precision::fp16_acc32) {
  const auto launch = find_kernel(problem.op, "coop2")->launch(problem, precision, device);
  return launch ? launch->params : launch.error().message;
}

// 2048² are 64 tiles of 256 x 256 but 128 of 128 x 256; 1024² are 64 of 128 x 128.
TEST(Coop2, TileFollowsWhatTheDeviceLists) {
  DeviceTraits device = desktop_gpu();
  EXPECT_EQ(params_of_coop2(gemm({2048, 2048, 64}), device),
            "tile=128x256x64 workgroup=256 by tensors unroll=8 group=8");
  EXPECT_THAT(params_of_coop2(gemm({1024, 1024, 64}), device), HasSubstr("tile=128x128x64"));
  EXPECT_EQ(params_of_coop2(gemm({64, 64, 64}), device),
            "tile=64x64x64 workgroup=128 by tensors unroll=8 group=8");

  device.cooperative_matrix_2.max_workgroup_invocations = 128;
  EXPECT_THAT(params_of_coop2(gemm({4096, 4096, 64}), device), HasSubstr("tile=64x64x64"));
  for (FlexibleMatrixShape& shape : device.cooperative_matrix_2.flexible_shapes) {
    shape.granule.m = 48;
  }
  EXPECT_THAT(params_of_coop2(gemm({4096, 4096, 64}), device), HasSubstr("tile=96x64x64"));
}

TEST(Coop2, UnrollsNothingElementByElement) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrix_2.tensor_addressing = false;
  EXPECT_EQ(params_of_coop2(gemm({2048, 2048, 64}), device),
            "tile=128x256x64 workgroup=256 by elements unroll=1 group=8");
}

TEST(Coop2, TakesASubgroupsMatricesWhereAWorkgroupHasNone) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrix_2.workgroup_scope = false;
  EXPECT_EQ(params_of_coop2(gemm({999, 999, 99}), device),
            "tile=64x64x32 subgroup=32 by tensors unroll=1 group=8");
  device.cooperative_matrix_2.tensor_addressing = false;
  EXPECT_THAT(params_of_coop2(gemm({999, 999, 99}), device), HasSubstr("by elements"));
}

TEST(Coop2, ModuleAndScopeAreThoseThatWereChosen) {
  constexpr std::uint32_t kScope = 10;
  DeviceTraits device = desktop_gpu();
  const Kernel& coop2 = *find_kernel(Op::linear, "coop2");
  const Problem problem = problem_of(Op::linear, {64, 64, 64});
  const Step of_workgroup = coop2.launch(problem, Precision::fp16, device)->steps({0, 64}).front();
  EXPECT_EQ(of_workgroup.pipeline.shader, "linear_coop2_tensors_fp16");
  EXPECT_EQ(constant(of_workgroup, kScope), 2U);
  EXPECT_TRUE(of_workgroup.pipeline.full_subgroups);

  device.cooperative_matrix_2.workgroup_scope = false;
  device.cooperative_matrix_2.tensor_addressing = false;
  const Step of_subgroup = coop2.launch(problem, Precision::fp16, device)->steps({0, 64}).front();
  EXPECT_EQ(of_subgroup.pipeline.shader, "linear_coop2_elements_fp16");
  EXPECT_EQ(constant(of_subgroup, kScope), 3U);
}

// A driver may be faster, or right, with one of them alone.
TEST(Coop2, TunerMayChooseWhoMovesMatrices) {
  DeviceTraits device = desktop_gpu();
  const auto tuned = [&](std::string_view unroll, std::string_view tensors) {
    const auto tuning = parse_tuning(
        fmt::format("threads=256 tile_m=128 tile_n=256 tile_k=64 unroll={} group_rows=4 tensors={}",
                    unroll, tensors));
    const auto launch = find_kernel(Op::gemm, "coop2")
                            ->launch(gemm({64, 64, 64}), Precision::fp16, device, *tuning);
    return launch ? launch->params + " " + launch->steps({0, 64}).front().pipeline.shader
                  : launch.error().message;
  };
  EXPECT_EQ(tuned("4", "1"),
            "tile=128x256x64 workgroup=256 by tensors unroll=4 group=4 gemm_coop2_tensors_fp16");
  EXPECT_EQ(tuned("1", "0"),
            "tile=128x256x64 workgroup=256 by elements unroll=1 group=4 gemm_coop2_elements_fp16");
  EXPECT_EQ(tuned("4", "0"), "the loop over elements has no unrolled steps");

  device.cooperative_matrix_2.tensor_addressing = false;
  EXPECT_THAT(tuned("1", "1"), HasSubstr("has not the feature cooperativeMatrixTensorAddressing"));
  device = desktop_gpu();
  device.cooperative_matrix_2.per_element_operations = false;
  EXPECT_THAT(tuned("1", "0"),
              HasSubstr("has not the feature cooperativeMatrixPerElementOperations"));
}

TEST(Coop2, SaysWhichBitIsMissing) {
  const Problem product = gemm({64, 64, 64}), layer = problem_of(Op::linear, {64, 64, 64});
  const auto why = [](const Problem& problem, auto&& change) {
    DeviceTraits device = desktop_gpu();
    change(device, device.cooperative_matrix_2);
    return params_of_coop2(problem, device);
  };
  EXPECT_THAT(why(product, [](auto&, auto& matrices) { matrices.is_listed = false; }),
              HasSubstr("does not list VK_NV_cooperative_matrix2"));
  EXPECT_THAT(why(product, [](auto& device, auto&) { device.api_version = "1.2.131"; }),
              HasSubstr("has not Vulkan 1.3"));
  EXPECT_THAT(why(product, [](auto&, auto& matrices) { matrices.flexible_dimensions = false; }),
              HasSubstr("device: desktop has not the feature cooperativeMatrixFlexibleDimensions"));
  EXPECT_THAT(why(product, [](auto&, auto& matrices) { matrices.flexible_shapes.clear(); }),
              HasSubstr("a flexible matrix of float16 with sums in float32"));
  EXPECT_THAT(why(product,
                  [](auto&, auto& matrices) {
                    matrices.tensor_addressing = matrices.per_element_operations = false;
                  }),
              HasSubstr("cooperativeMatrixTensorAddressing, nor"));
  const auto no_functions = [](auto&, auto& matrices) { matrices.per_element_operations = false; };
  EXPECT_THAT(why(layer, no_functions), HasSubstr("cooperativeMatrixPerElementOperations"));
  EXPECT_THAT(why(product, no_functions), HasSubstr("by tensors"));
}

TEST(Coop2, SharedMemoryOfTheDriverCounts) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrix_2.reserved_shared_bytes = device.max_shared_bytes + 1;
  EXPECT_THAT(params_of_coop2(gemm({4096, 4096, 64}), device), HasSubstr("subgroup=32"));
}

}  // namespace
}  // namespace gpubench
