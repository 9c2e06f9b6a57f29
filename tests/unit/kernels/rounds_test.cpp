#include "kernels/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/kernel.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

Problem product(std::uint32_t k) {
  return {.op = Op::gemm, .shape = {.m = 100, .n = 100, .k = k}};
}

Problem rows_of(std::uint32_t n) {
  return {.op = Op::softmax, .shape = {.m = 4, .n = n, .k = 0}};
}

/// Column kernel_params, or why the kernel cannot run.
std::string params(std::string_view kernel, const Problem& problem, const DeviceTraits& device,
                   Precision precision = Precision::fp32) {
  const auto launch = find_kernel(problem.op, kernel)->launch(problem, precision, device);
  if (launch) return launch->params;
  EXPECT_EQ(launch.error().kind, ErrorKind::unsupported);
  return launch.error().message;
}

TEST(Rounds, LeavingALoopIsARoundOfItsOwn) {
  EXPECT_EQ(rounds_of_loop(0, 1), 1U);
  EXPECT_EQ(rounds_of_loop(65534, 1), 65535U);
  EXPECT_EQ(rounds_of_loop(65, 64), 3U);
  EXPECT_EQ(rounds_of_loop(1ULL << 33, 1), (1ULL << 33) + 1);
}

TEST(Rounds, OnlyADeviceWithALimitRefuses) {
  EXPECT_TRUE(check_rounds(1ULL << 40, desktop_gpu()));
  EXPECT_TRUE(check_rounds(65535, software_device()));
  const Outcome refused = check_rounds(65536, software_device());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "needs 65536 rounds of its loops, and MESA_LLVMPIPE leaves them after 65535");
}

TEST(Rounds, LongSumsTakeMoreTermsInARound) {
  const DeviceTraits device = software_device();

  EXPECT_EQ(params("naive", product(65534), device), "tile=8x16");
  EXPECT_EQ(params("naive", product(65535), device), "tile=8x16 terms=2");
  EXPECT_EQ(params("naive", product(1U << 20), device), "tile=8x16 terms=32");
  EXPECT_EQ(params("direct", product(131034), device), "tile=16x128 lanes=8 unroll=2 feed=words");
  EXPECT_EQ(params("direct", product(131035), device), "tile=16x64 lanes=8 unroll=4 feed=words");
  EXPECT_EQ(params("direct", product(1U << 20), device), "tile=16x8 lanes=8 unroll=32 feed=words");
  // Of 16 terms: a tile, and 16 rounds and the end of the loop over it.
  EXPECT_EQ(params("tiled", product(58224), device), "tile=32x32x16 thread=4x4 pad=1 group=8");
  EXPECT_EQ(params("tiled", product(58225), device),
            "tile=32x32x16 thread=4x4 pad=1 group=8 unroll=16");
  EXPECT_EQ(params("tiled", product(1048544), device),
            "tile=32x32x16 thread=4x4 pad=1 group=8 unroll=16");
  EXPECT_EQ(params("tiled", product(1U << 20), device),
            "tile=32x32x32 thread=4x4 pad=1 group=8 unroll=32");
}

// In FP32 the deeper tile does not fit into shared memory either; in FP16 it does.
TEST(Rounds, ATileTooLargeToBeUnrolledFurtherMakesRoomForASmaller) {
  const auto tiled = [](std::uint32_t k) {
    Problem problem = product(k);
    problem.shape.m = problem.shape.n = 1024;
    return params("tiled", problem, software_device(), Precision::fp16);
  };

  EXPECT_EQ(tiled(1048544), "tile=128x128x16 thread=8x8 pad=1 group=8 unroll=16");
  EXPECT_EQ(tiled(1U << 20), "tile=64x64x32 thread=8x4 pad=1 group=8 unroll=32");
  EXPECT_EQ(tiled(1U << 21), "tile=32x32x64 thread=4x4 pad=1 group=8 unroll=64");
}

TEST(Rounds, LongRowsTakeMoreElementsInARound) {
  const DeviceTraits device = software_device();

  EXPECT_EQ(params("naive", rows_of(21844), device), "rows=64");
  EXPECT_EQ(params("naive", rows_of(21845), device), "rows=64 terms=2");
  EXPECT_EQ(params("direct", rows_of(1048512), device), "lanes=8");
  EXPECT_EQ(params("direct", rows_of(1U << 20), device), "lanes=8 runs=2");
}

TEST(Rounds, ALongSumOnADeviceWithoutALimitIsTakenAsUsual) {
  const DeviceTraits device = desktop_gpu();

  for (const char* kernel : {"naive", "tiled", "direct"}) {
    EXPECT_EQ(params(kernel, product(1U << 22), device), params(kernel, product(512), device));
  }
}

TEST(Rounds, WhatNoKernelCanSumIsUnsupported) {
  const Problem beyond = product(64 * 65534 + 1);

  for (const char* kernel : {"naive", "tiled", "direct"}) {
    // direct stores 16 rows in a loop of its own.
    const std::uint32_t most = kernel == std::string_view("direct") ? 65534 - 17 : 65534;
    EXPECT_THAT(params(kernel, product(64 * most), software_device()), HasSubstr("tile="));
    EXPECT_THAT(params(kernel, beyond, software_device()), HasSubstr("rounds of its loops"));
  }
}

TEST(Rounds, AutoTakesAKernelThatCanAndSaysWhatWasInTheWay) {
  const KernelChoice choice =
      choose_kernel(rows_of(20'000'000), Precision::fp32, Build::as_is, software_device());

  EXPECT_EQ(choice.kernel->name, "tiled");  // naive cannot either
  EXPECT_THAT(choice.why, HasSubstr("direct cannot run: needs"));
  EXPECT_THAT(choice.why, HasSubstr("rounds"));
}

}  // namespace
}  // namespace gpubench
