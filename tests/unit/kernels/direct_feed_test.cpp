#include "kernels/direct_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/kernel.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

DeviceTraits mesa(const char* driver_info) {
  DeviceTraits traits = software_device();
  traits.driver_info = driver_info;
  return traits;
}

Result<Launch> launch_on(const DeviceTraits& device, Precision precision = Precision::fp32) {
  const Problem problem{.op = Op::gemm, .shape = {.m = 512, .n = 512, .k = 512}};
  return find_kernel(Op::gemm, "direct")->launch(problem, precision, device);
}

std::string params_on(const DeviceTraits& device, Precision precision = Precision::fp32) {
  return launch_on(device, precision)->params;
}

TEST(DirectFeed, FollowsTheVersionOfMesa) {
  EXPECT_EQ(params_on(mesa("Mesa 22.3.6 (LLVM 15.0.6)")),
            "tile=16x128 lanes=8 unroll=4 feed=texels");
  EXPECT_EQ(params_on(mesa("Mesa 25.0.7-2+deb13u1 (LLVM 19.1.7)")),
            "tile=16x32 lanes=8 unroll=4 feed=broadcast");
  EXPECT_EQ(params_on(mesa("Mesa 26.1.6-1 (LLVM 21.1.8)")),
            "tile=16x8 lanes=8 unroll=64 feed=uniform");
  EXPECT_EQ(params_on(mesa("of some other make")), "tile=16x128 lanes=8 unroll=2 feed=words");
  EXPECT_EQ(params_on(desktop_gpu()), "tile=8x256 lanes=64 unroll=4 feed=words");
}

TEST(DirectFeed, SaysThatTheDriverDecidedIt) {
  const Problem problem{.op = Op::gemm, .shape = {.m = 512, .n = 512, .k = 512}};
  const auto why = [&](const DeviceTraits& device) {
    return choose_kernel(problem, Precision::fp32, Build::as_is, device).why;
  };
  EXPECT_THAT(why(mesa("Mesa 22.3.6")), HasSubstr("; on Mesa 22 texels"));
  EXPECT_EQ(launch_on(desktop_gpu())->why, "");
}

TEST(DirectFeed, HalfProductsComeInPairs) {
  EXPECT_THAT(params_on(mesa("Mesa 22.3.6"), Precision::fp16), HasSubstr("feed=pairs"));
  EXPECT_THAT(params_on(mesa("Mesa 22.3.6"), Precision::fp16_acc32), HasSubstr("feed=texels"));
}

TEST(DirectFeed, AFeedThatDoesNotFitMakesRoomForWordsAndSaysWhy) {
  DeviceTraits device = mesa("Mesa 22.3.6");
  device.max_texels = 65535;  // one below what B takes

  const auto launch = launch_on(device);

  EXPECT_THAT(launch->params, HasSubstr("feed=words"));
  EXPECT_EQ(launch->why, "feed texels needs 65536 texels in a buffer, the limit is 65535");
}

TEST(DirectFeed, TexelsAreHandedRoundByEightLanesOnly) {
  DeviceTraits device = mesa("Mesa 25.0.7");
  device.subgroup_size = device.min_subgroup_size = device.max_subgroup_size = 16;

  EXPECT_THAT(params_on(device), HasSubstr("feed=words"));
  EXPECT_THAT(launch_on(device)->why, HasSubstr("8 lanes only"));
}

TEST(DirectFeed, AskedForByNameIsRefusedWhereItCannotBe) {
  const auto refusal = [](const DeviceTraits& device, std::uint32_t feed, Precision precision) {
    const Problem problem{.op = Op::gemm, .shape = {.m = 512, .n = 512, .k = 512}};
    const Tuning tuning{{"tile_m", 8}, {"lane_columns", 4}, {"unroll", 4}, {"feed", feed}};
    const auto launch = find_kernel(Op::gemm, "direct")->launch(problem, precision, device, tuning);
    return launch ? std::string() : launch.error().message;
  };
  DeviceTraits plain = software_device();
  plain.shader_int64 = plain.subgroup_ballot = false;
  plain.max_texels = 100;
  DeviceTraits varying = software_device();
  varying.min_subgroup_size = 4;
  varying.subgroup_size_control = false;

  EXPECT_EQ(refusal(plain, 0, Precision::fp32), "");
  EXPECT_EQ(refusal(plain, 1, Precision::fp32), "feed words needs shaderInt64");
  EXPECT_THAT(refusal(plain, 2, Precision::fp32), HasSubstr("the limit is 100"));
  EXPECT_EQ(refusal(plain, 3, Precision::fp32), "feed broadcast needs ballots in subgroups");
  EXPECT_EQ(refusal(plain, 4, Precision::fp32), "feed uniform needs shaderInt64");
  EXPECT_THAT(refusal(varying, 3, Precision::fp32), HasSubstr("fixed subgroup size"));
  EXPECT_THAT(refusal(software_device(), 2, Precision::fp16), HasSubstr("multiplies in FP32"));
}

TEST(DirectFeed, ATuningMustBeCompilable) {
  const Problem problem{.op = Op::gemm, .shape = {.m = 512, .n = 512, .k = 512}};
  const auto refusal = [&](std::string_view text, const DeviceTraits& device) {
    return find_kernel(Op::gemm, "direct")
        ->launch(problem, Precision::fp32, device, parse_tuning(text).value())
        .error()
        .message;
  };
  EXPECT_EQ(refusal("tile_m=32 lane_columns=16 unroll=2 feed=1", software_device()),
            "512 sums an invocation, more than 256");
  EXPECT_EQ(refusal("tile_m=16 lane_columns=16 unroll=2 feed=1", desktop_gpu()),
            "256 sums an invocation, more than 128");
  EXPECT_EQ(refusal("tile_m=16 lane_columns=16 unroll=16 feed=1", software_device()),
            "4096 products a round, more than 1024");
  EXPECT_EQ(refusal("tile_m=16 lane_columns=4 unroll=2 feed=2", software_device()),
            "feed texels takes 4 steps of k at a time, unroll is 2");
}

}  // namespace
}  // namespace gpubench
