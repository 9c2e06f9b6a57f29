#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/kernel.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

Problem product(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
  return {.op = Op::gemm, .shape = {.m = m, .n = n, .k = k}};
}

DeviceTraits vendor(std::uint32_t id) {
  DeviceTraits traits = desktop_gpu();
  traits.vendor_id = id;
  return traits;
}

TEST(Choose, ProductsByDeviceAndShape) {
  struct Row {
    DeviceTraits device;
    Problem problem;
    const char* kernel;
    const char* why;
  };
  const Row rows[] = {
      {desktop_gpu(), product(512, 512, 512), "tiled", "GPU with shared memory"},
      {software_device(), product(512, 512, 512), "direct", "software device"},
      {vendor(0x13B5), product(512, 512, 512), "direct", "ARM Mali"},
      {vendor(0x5143), product(512, 512, 512), "direct", "Qualcomm Adreno"},
      {desktop_gpu(), product(32, 32, 4096), "naive", "tiny"},
      {desktop_gpu(), product(33, 32, 2047), "tiled", "GPU"},
      {desktop_gpu(), product(33, 32, 4096), "split", "few outputs"},
      {desktop_gpu(), product(512, 512, 4096), "split", "few outputs"},
      {desktop_gpu(), product(512, 513, 4096), "tiled", "GPU"},
      {software_device(), product(4, 4096, 4096), "naive", "few rows"},
      {software_device(), product(5, 4096, 4096), "direct", "software device"},
      {desktop_gpu(), product(4, 4096, 4096), "split", "few outputs"},
      {software_device(), product(64, 64, 1 << 16), "direct", "software device"},
  };
  for (const Row& row : rows) {
    const KernelChoice choice =
        choose_kernel(row.problem, Precision::fp32, Build::as_is, row.device);
    EXPECT_EQ(choice.kernel->name, row.kernel) << row.why;
    EXPECT_THAT(choice.why, HasSubstr(row.why));
  }
}

TEST(Choose, SoftmaxByDevice) {
  const Problem rows{.op = Op::softmax, .shape = {.m = 100, .n = 1000, .k = 0}};

  EXPECT_EQ(choose_kernel(rows, Precision::fp32, Build::as_is, desktop_gpu()).kernel->name,
            "tiled");
  EXPECT_EQ(choose_kernel(rows, Precision::fp32, Build::as_is, software_device()).kernel->name,
            "direct");
}

TEST(Choose, AnEndlessSumIsSplitHoweverFewItsOutputsAre) {
  const auto chosen = [](std::uint32_t k, const DeviceTraits& device) {
    return choose_kernel(product(32, 32, k), Precision::fp32, Build::as_is, device).kernel->name;
  };
  EXPECT_EQ(chosen(65536, desktop_gpu()), "split");
  EXPECT_EQ(chosen(65535, desktop_gpu()), "naive");
  EXPECT_EQ(chosen(65536, software_device()), "naive");
}

TEST(Choose, FewLongRowsAreSplitOnAGpu) {
  const auto chosen = [](Shape shape, const DeviceTraits& device) {
    const Problem rows{.op = Op::softmax, .shape = shape};
    return choose_kernel(rows, Precision::fp32, Build::as_is, device).kernel->name;
  };
  EXPECT_EQ(chosen({64, 65536, 0, 1}, desktop_gpu()), "split");
  EXPECT_EQ(chosen({64, 65536, 0, 2}, desktop_gpu()), "tiled");
  EXPECT_EQ(chosen({64, 65535, 0, 1}, desktop_gpu()), "tiled");
  EXPECT_EQ(chosen({1, 65536, 0, 1}, software_device()), "direct");
}

TEST(Choose, FallsBackToNaiveAndSaysWhatWasInTheWay) {
  DeviceTraits device = desktop_gpu();
  device.max_shared_bytes = 1000;

  const KernelChoice choice =
      choose_kernel(product(512, 512, 512), Precision::fp32, Build::as_is, device);

  EXPECT_EQ(choice.kernel->name, "naive");
  EXPECT_THAT(choice.why, HasSubstr("tiled cannot run"));
  EXPECT_THAT(choice.why, HasSubstr("shared memory"));
}

TEST(Choose, MatrixUnitsOnlyWhereTheyAreThereAndAllowed) {
  const Problem large = product(512, 512, 512);
  const auto chosen = [](const Problem& problem, Precision precision, Build build,
                         const DeviceTraits& device) {
    return choose_kernel(problem, precision, build, device).kernel->name;
  };
  DeviceTraits without_matrices = desktop_gpu(), without_bf16 = desktop_gpu();
  without_matrices.cooperative_matrix = CooperativeMatrixSupport::not_listed;
  without_bf16.bfloat16 = {};

  EXPECT_EQ(chosen(large, Precision::fp16_acc32, Build::as_is, desktop_gpu()), "coop");
  DeviceTraits amd = vendor(0x1002);
  amd.driver_id = "MESA_RADV";
  EXPECT_EQ(chosen(large, Precision::fp16, Build::as_is, amd), "coop");
  for (const char* driver : {"AMD_PROPRIETARY", "AMD_OPEN_SOURCE"}) {
    amd.driver_id = driver;
    EXPECT_EQ(chosen(large, Precision::fp16, Build::as_is, amd), "tiled") << driver;
  }
  EXPECT_EQ(chosen(large, Precision::bf16, Build::as_is, desktop_gpu()), "coop");
  EXPECT_EQ(chosen(large, Precision::bf16, Build::as_is, without_bf16), "tiled");
  EXPECT_THAT(choose_kernel(large, Precision::fp16, Build::as_is, desktop_gpu()).why,
              HasSubstr("NVIDIA with matrix units"));

  EXPECT_EQ(chosen(large, Precision::fp32, Build::as_is, desktop_gpu()), "tiled");
  EXPECT_EQ(chosen(large, Precision::fp16, Build::strict, desktop_gpu()), "tiled");
  EXPECT_EQ(chosen(large, Precision::fp16, Build::as_is, without_matrices), "tiled");
  EXPECT_EQ(chosen(large, Precision::fp16, Build::as_is, vendor(0x8086)), "tiled");
  EXPECT_EQ(chosen(large, Precision::fp16, Build::as_is, software_device()), "direct");
  EXPECT_EQ(chosen(product(32, 32, 4096), Precision::fp16, Build::as_is, desktop_gpu()), "naive");
}

TEST(Choose, LongSumsOfFewOutputsAreSplitOnMatrixUnitsToo) {
  const auto choice = [](const Problem& problem, Precision precision = Precision::fp16,
                         Build build = Build::as_is, const DeviceTraits& device = desktop_gpu()) {
    return choose_kernel(problem, precision, build, device);
  };
  const Problem skinny = product(33, 512, 4096);
  Problem layer = skinny;
  layer.op = Op::linear;
  DeviceTraits without_bf16 = desktop_gpu();
  without_bf16.bfloat16 = {};

  for (const Precision precision : {Precision::fp16, Precision::fp16_acc32, Precision::bf16}) {
    EXPECT_EQ(choice(skinny, precision).kernel->name, "coop_split") << to_string(precision);
  }
  EXPECT_EQ(choice(layer).kernel, find_kernel(Op::linear, "coop_split"));
  EXPECT_EQ(choice(skinny).why, "NVIDIA with matrix units: few outputs for sums this long");

  EXPECT_EQ(choice(product(33, 512, 2047)).kernel->name, "coop");
  EXPECT_EQ(choice(product(512, 513, 4096)).kernel->name, "coop");
  EXPECT_EQ(choice(skinny, Precision::fp32).kernel->name, "split");
  EXPECT_EQ(choice(skinny, Precision::fp16, Build::strict).kernel->name, "split");
  EXPECT_EQ(choice(skinny, Precision::bf16, Build::as_is, without_bf16).kernel->name, "split");
  EXPECT_EQ(choice(skinny, Precision::fp16, Build::as_is, vendor(0x8086)).kernel->name, "split");
  EXPECT_EQ(choice(skinny, Precision::fp16, Build::as_is, software_device()).kernel->name,
            "direct");
}

TEST(Catalogue, EveryOpHasItsRungsInOrder) {
  for (const Op op : {Op::gemm, Op::linear}) {
    EXPECT_THAT(kernel_names(op), ::testing::ElementsAre("naive", "tiled", "split", "direct",
                                                         "coop", "coop_split", "coop2"));
  }
  EXPECT_THAT(kernel_names(Op::softmax),
              ::testing::ElementsAre("naive", "tiled", "split", "direct"));
  EXPECT_EQ(find_kernel(Op::gemm, "fast"), nullptr);
  EXPECT_TRUE(shader_code("no_such_module").empty());
}

}  // namespace
}  // namespace gpubench
