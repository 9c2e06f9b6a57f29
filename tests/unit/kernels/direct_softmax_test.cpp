#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/contract.h"
#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

Launch direct_softmax(std::uint32_t n, Precision precision, const DeviceTraits& device) {
  return *find_kernel(Op::softmax, "direct")
              ->launch(problem_of(Op::softmax, {.m = 4, .n = n}), precision, device);
}

DeviceTraits mesa_22() {
  DeviceTraits device = software_device();
  device.driver_info = "Mesa 22.3.6 (LLVM 15.0.6)";
  return device;
}

TEST(DirectSoftmax, FetchesTexelsOfTheStoredFormatOnLlvmpipe) {
  for (const Precision precision : find_kernel(Op::softmax, "direct")->paths) {
    const TexelFormat stored =
        storage(precision) == Format::f16 ? TexelFormat::f16 : TexelFormat::f32;
    const Launch launch = direct_softmax(100, precision, mesa_22());
    EXPECT_EQ(launch.params, "lanes=8 runs=4 feed=texels") << to_string(precision);
    const PipelineSpec pipeline = launch.steps({0, 4}).front().pipeline;
    EXPECT_EQ(pipeline.shader, module_name("softmax", "direct_texels", precision));
    EXPECT_EQ(pipeline.texels, (std::vector<TexelBuffer>{{BufferRole::a, stored}}));
    EXPECT_EQ(direct_softmax(100, precision, desktop_gpu()).params, "lanes=32");
  }
}

TEST(DirectSoftmax, LoadsPlainlyWhatTexelsDoNotFit) {
  DeviceTraits few = mesa_22(), no_words = mesa_22(), no_halves = mesa_22();
  few.max_texels = 99;  // 4 rows of 100 are 100
  no_words.shader_int64 = false;
  no_halves.shader_float16 = false;
  for (const Precision precision : {Precision::fp32, Precision::fp16_acc32}) {
    EXPECT_EQ(direct_softmax(101, precision, mesa_22()).params, "lanes=8") << "unaligned";
    EXPECT_EQ(direct_softmax(100, precision, few).params, "lanes=8");
    EXPECT_EQ(direct_softmax(100, precision, no_words).params, "lanes=8");
  }
  EXPECT_EQ(direct_softmax(100, Precision::fp16_acc32, no_halves).params, "lanes=8");
  EXPECT_THAT(direct_softmax(100, Precision::fp32, no_halves).params, HasSubstr("texels"));
}

}  // namespace
}  // namespace gpubench
