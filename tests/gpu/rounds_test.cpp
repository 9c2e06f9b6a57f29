// Sums and rows of up to 2^20 terms, which a driver that leaves long loops (max_loop_rounds) would
// cut short. The terms are small whole numbers: any lost one changes the exact sum.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gpu/kernel_rig.h"

namespace gpubench {
namespace {

using ::testing::AnyOf;
using testing::Inputs;
using testing::KernelRig;

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

std::vector<float> computed(const Kernel& kernel, const Problem& problem, const Inputs& inputs,
                            const DeviceTraits& traits) {
  const auto launch = kernel.launch(problem, Precision::fp32, traits);
  EXPECT_TRUE(launch) << launch.error().message;
  if (!launch) return {};
  KernelRig rig(device(), problem, Precision::fp32, *launch, inputs);
  rig.run(problem.shape.m);
  EXPECT_EQ(rig.damaged_guard(), "");
  return rig.output();
}

// From -1 to 3: sums of 2^20 of them, and every partial sum, are exact in FP32.
float term(std::uint64_t i) {
  return float(i * 7 % 5) - 1;
}

Problem product_of(std::uint32_t k) {
  return {.op = Op::gemm, .shape = {.m = 1, .n = 1, .k = k}};
}

Inputs terms_of(std::uint32_t k) {
  Inputs inputs{std::vector<float>(k, 1), std::vector<float>(k), {}};
  for (std::uint64_t i = 0; i < k; ++i) inputs.b[i] = term(i);
  return inputs;
}

double sum_of(const std::vector<float>& terms) {
  double sum = 0;
  for (const float x : terms) sum += double{x};
  return sum;
}

TEST(Rounds, EveryProductAddsUpAllOfALongSum) {
  for (const std::uint32_t k : {65535U, 65536U, 131071U, 262144U, 1048575U, 1048576U}) {
    const Inputs inputs = terms_of(k);
    for (const char* kernel : {"naive", "tiled", "direct"}) {
      const auto output =
          computed(*find_kernel(Op::gemm, kernel), product_of(k), inputs, device().traits());
      ASSERT_EQ(output.size(), 1U);
      EXPECT_EQ(double{output[0]}, sum_of(inputs.b)) << kernel << " k = " << k;
    }
  }
}

TEST(Rounds, EverySoftmaxTakesAllOfALongRow) {
  for (const std::uint32_t n : {21845U, 65536U, 1048576U}) {
    const Problem problem{.op = Op::softmax, .shape = {.m = 1, .n = n}};
    const Inputs inputs{std::vector<float>(n, 0), {}, {}};
    for (const char* kernel : {"naive", "tiled", "direct"}) {
      const auto output =
          computed(*find_kernel(Op::softmax, kernel), problem, inputs, device().traits());
      ASSERT_EQ(output.size(), n);
      for (const float share : output)
        ASSERT_NEAR(double{share} * n, 1, 1e-5) << kernel << " n = " << n;
    }
  }
}

// What the limit is for: without it, Mesa 22.3 leaves the loop there. Where no limit is known,
// nothing may be missing.
TEST(Rounds, TheDriverLeavesNoLoopBeforeItsLimit) {
  const std::uint32_t limit = device().traits().max_loop_rounds;
  DeviceTraits unlimited = device().traits();
  unlimited.max_loop_rounds = 0;
  const Kernel& naive = *find_kernel(Op::gemm, "naive");  // takes one term in a round

  for (const std::uint32_t k : {65535U, 65536U, 131070U}) {
    const Inputs ones{std::vector<float>(k, 1), std::vector<float>(k, 1), {}};
    const auto output = computed(naive, product_of(k), ones, unlimited);
    ASSERT_EQ(output.size(), 1U);
    const std::uint32_t least = limit == 0 ? k : std::min(k, limit);
    EXPECT_THAT(output[0], AnyOf(float(least), float(k))) << "k = " << k;
  }
}

}  // namespace
}  // namespace gpubench
