#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

TEST(Limits, MissingHalfFeaturesAreNamed) {
  DeviceTraits no_arithmetic = desktop_gpu(), no_storage = desktop_gpu();
  no_arithmetic.shader_float16 = false;
  no_storage.storage_16bit = false;
  const Problem problem = gemm({64, 64, 64});

  EXPECT_THAT(refusal("tiled", problem, Precision::fp16, no_arithmetic),
              HasSubstr("shaderFloat16"));
  EXPECT_EQ(refusal("tiled", problem, Precision::fp16_acc32, no_arithmetic), "");
  EXPECT_THAT(refusal("tiled", problem, Precision::fp32_via_fp16, no_arithmetic),
              HasSubstr("shaderFloat16"));
  EXPECT_THAT(refusal("tiled", problem, Precision::fp16_acc32, no_storage),
              HasSubstr("storageBuffer16BitAccess"));
  EXPECT_EQ(refusal("tiled", problem, Precision::fp32_via_fp16, no_storage), "");
  // The packed copies of direct are FP16.
  EXPECT_THAT(refusal("direct", problem, Precision::fp32_via_fp16, no_storage),
              HasSubstr("storageBuffer16BitAccess"));
}

TEST(Limits, TooManyGroupsAreRefusedWithTheLimit) {
  EXPECT_THAT(refusal("naive", gemm({.m = 1, .n = 1, .k = 1, .batch = 70000}), Precision::fp32,
                      desktop_gpu()),
              HasSubstr("70000 workgroups along z, the limit is 65535"));
  // 2^21 columns are 131072 tiles of 16.
  EXPECT_THAT(refusal("naive", gemm({1, 1U << 21, 1}), Precision::fp32, desktop_gpu()),
              HasSubstr("131072 workgroups along x"));
}

TEST(Limits, TiledTakes128SumsWhereRegistersHoldThem) {
  DeviceTraits device = desktop_gpu();
  const auto params = [&](std::uint32_t side) {
    return find_kernel(Op::gemm, "tiled")
        ->launch(gemm({side, side, 64}), Precision::fp32, device)
        ->params;
  };
  EXPECT_THAT(params(4096), HasSubstr("tile=128x128x16 thread=8x16"));
  EXPECT_THAT(params(1024), HasSubstr("tile=128x128x16 thread=8x8")) << "64 small workgroups";
  device.vendor_id = 0x8086;
  EXPECT_THAT(params(4096), HasSubstr("tile=128x128x16 thread=8x8"));
}

TEST(Limits, TiledShrinksUntilItFits) {
  DeviceTraits device = desktop_gpu();
  const Kernel& tiled = *find_kernel(Op::gemm, "tiled");
  const Problem problem = gemm({4096, 4096, 64});
  EXPECT_THAT(tiled.launch(problem, Precision::fp32, device)->params, HasSubstr("tile=128x128x16"));

  device.vendor_id = 0x8086;
  device.max_workgroup_invocations = 128;
  EXPECT_THAT(tiled.launch(problem, Precision::fp32, device)->params, HasSubstr("tile=64x64x16"));
  // 16·(16 + 16 + 2) vectors of 16 bytes are 8704: 64 x 64 does not fit in 8000.
  device.max_shared_bytes = 8000;
  EXPECT_THAT(tiled.launch(problem, Precision::fp32, device)->params, HasSubstr("tile=32x32x16"));
  device.max_shared_bytes = 1000;
  EXPECT_THAT(refusal("tiled", problem, Precision::fp32, device), HasSubstr("shared memory"));
}

TEST(Limits, SoftmaxDirectNeedsAKnownSubgroup) {
  DeviceTraits device = desktop_gpu();
  device.min_subgroup_size = 8;
  const Problem problem = problem_of(Op::softmax, {.m = 4, .n = 100});
  EXPECT_EQ(refusal("direct", problem, Precision::fp32, device), "");

  device.subgroup_size_control = false;
  EXPECT_THAT(refusal("direct", problem, Precision::fp32, device), HasSubstr("subgroup"));
}

TEST(Limits, SoftmaxThatReducesInSubgroupsNeedsTheirArithmetic) {
  DeviceTraits device = desktop_gpu();
  device.subgroup_arithmetic = false;
  const Problem problem = problem_of(Op::softmax, {.m = 4, .n = 100});
  for (const char* kernel : {"tiled", "split", "direct"}) {
    EXPECT_THAT(refusal(kernel, problem, Precision::fp32, device), HasSubstr("SUBGROUP_FEATURE"))
        << kernel;
  }
  EXPECT_EQ(refusal("naive", problem, Precision::fp32, device), "");
  EXPECT_EQ(choose_kernel(problem, Precision::fp32, Build::as_is, device).kernel->name, "naive");
}

}  // namespace
}  // namespace gpubench
