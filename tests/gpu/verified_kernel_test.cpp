// What gpubench_microbench times has been verified: kernels with planted faults must be refused.

#include "bench/verified_kernel.h"

#include <gmock/gmock.h>

#include "gpu/open_test_device.h"
#include "plan/reasons.h"

namespace gpubench::bench {
namespace {

Device& device() {
  static const std::unique_ptr<Device> opened = gpubench::testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

Case catalogue_case(const char* kernel) {
  Case planned;
  planned.problem.shape = {.m = 65, .n = 67, .k = 33};
  planned.kernel.name = kernel;
  return planned;
}

Case with_fault(const std::string& name) {
  Case planned = catalogue_case("user");
  planned.kernel.glsl_file = std::string(GPUBENCH_FAULTS_DIR) + "/" + name + ".comp";
  planned.kernel.tile_m = 8;
  planned.kernel.tile_n = 16;
  return planned;
}

std::unique_ptr<VerifiedKernel> made(const Case& planned) {
  const auto code = load_user_code({planned});
  EXPECT_TRUE(code) << code.error().message;
  auto kernel = VerifiedKernel::make(device(), planned, {*code, {}});
  EXPECT_TRUE(kernel) << kernel.error().message;
  return kernel ? std::move(kernel).value() : nullptr;
}

TEST(VerifiedKernel, RightKernelIsReadyToBeTimed) {
  const auto kernel = made(catalogue_case("tiled"));

  EXPECT_FALSE(kernel->fault());
  EXPECT_GE(kernel->launches_per_sample(), 1);
  const auto sample = kernel->launch(2);
  ASSERT_TRUE(sample);
  EXPECT_GT(seconds_of(*sample), 0);
  ASSERT_TRUE(kernel->verify());
  EXPECT_FALSE(kernel->fault());
}

TEST(VerifiedKernel, WrongOutputIsAFault) {
  for (const char* fault : {"k_tail", "off_by_one_tile", "fp16_accumulate", "swapped_stride"}) {
    SCOPED_TRACE(fault);
    const auto kernel = made(with_fault(fault));

    ASSERT_TRUE(kernel->fault());
    EXPECT_EQ(kernel->fault()->code, reason::kWrongResult);
  }
}

TEST(VerifiedKernel, UnwrittenElementsAreAFault) {
  const auto kernel = made(with_fault("poison"));

  ASSERT_TRUE(kernel->fault());
  EXPECT_EQ(kernel->fault()->code, reason::kPoisonLeft);
}

TEST(VerifiedKernel, WritingOutOfBoundsIsAFault) {
  const auto kernel = made(with_fault("overrun"));

  ASSERT_TRUE(kernel->fault());
  EXPECT_EQ(kernel->fault()->code, reason::kGuardOverwritten);
}

TEST(VerifiedKernel, RightOnceAndThenUnwrittenIsAFault) {
  const auto kernel = made(with_fault("stale"));

  ASSERT_FALSE(kernel->fault());
  ASSERT_TRUE(kernel->verify());
  EXPECT_TRUE(kernel->fault());
}

TEST(VerifiedKernel, UnknownKernelIsAnError) {
  const Case planned = catalogue_case("none");

  const auto kernel = VerifiedKernel::make(device(), planned, {});

  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().kind, ErrorKind::input);
}

}  // namespace
}  // namespace gpubench::bench
