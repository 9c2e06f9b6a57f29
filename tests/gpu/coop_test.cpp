// Products on matrix units, where the test device has some.

#include <gmock/gmock.h>

#include "gpu/expected_output.h"
#include "gpu/kernel_case.h"
#include "gpu/kernel_rig.h"
#include "gpu/open_test_device.h"
#include "gpu/problems.h"

namespace gpubench {
namespace {

using testing::expect_right;
using testing::gemm;
using testing::Inputs;
using testing::KernelCase;
using testing::linear;
using testing::name_of;
using testing::run_with;
using testing::test_device;

class Coop : public ::testing::TestWithParam<KernelCase> {
 protected:
  void SetUp() override {
    const auto& [coop, precision] = GetParam();
    const auto launch = coop->launch(sample_problem(*coop), precision, test_device().traits());
    if (!launch) GTEST_SKIP() << launch.error().message;
  }
};

class CoopOfAGpu : public Coop {};

// 72 or more tiles of 64 x 64, as a real GPU would have them; stored whole and through the stage.
TEST_P(CoopOfAGpu, IsRightWithItsTile) {
  DeviceTraits traits = test_device().traits();
  traits.type = DeviceType::integrated;
  const auto& [coop, precision] = GetParam();
  const Problem problem =
      precision == Precision::fp16 ? gemm({513, 511, 33}) : gemm({520, 520, 40}, Layout::nt);
  ASSERT_THAT(coop->launch(problem, precision, traits)->params,
              ::testing::Not(::testing::HasSubstr("tile=32x32")));
  expect_right(problem, precision, *coop, traits);
}

// 2048 ones among 2^20 terms: exact in FP16, in whatever order.
TEST_P(Coop, AddsUpAllOfALongSum) {
  const Problem problem = gemm({1, 1, 1U << 20});
  Inputs inputs{std::vector<float>(problem.shape.k, 1), std::vector<float>(problem.shape.k), {}};
  for (std::size_t i = 511; i < inputs.b.size(); i += 512) inputs.b[i] = 1;

  const auto output = run_with(problem, GetParam().precision, *GetParam().kernel, inputs, 1);

  EXPECT_EQ(output[0], 2048);
}

TEST_P(Coop, EveryActivationIsRight) {
  for (const std::string_view word : activation_names()) {
    SCOPED_TRACE(word);
    // Tiles at the edge of C, and some that are stored straight from the matrices.
    for (const Shape& shape : {Shape{19, 24, 72}, Shape{65, 104, 40, 2}}) {
      const Problem problem = linear(shape, parse_activation(word).value());
      expect_right(problem, GetParam().precision, *find_kernel(Op::linear, GetParam().kernel->name),
                   test_device().traits());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Products, CoopOfAGpu,
    ::testing::Values(KernelCase{find_kernel(Op::gemm, "coop"), Precision::fp16},
                      KernelCase{find_kernel(Op::gemm, "coop"), Precision::fp16_acc32},
                      KernelCase{find_kernel(Op::gemm, "coop"), Precision::bf16},
                      KernelCase{find_kernel(Op::gemm, "coop_split"), Precision::fp16},
                      KernelCase{find_kernel(Op::gemm, "coop_split"), Precision::fp16_acc32},
                      KernelCase{find_kernel(Op::gemm, "coop_split"), Precision::bf16}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Products, Coop,
    ::testing::Values(KernelCase{find_kernel(Op::gemm, "coop"), Precision::fp16},
                      KernelCase{find_kernel(Op::gemm, "coop"), Precision::fp16_acc32},
                      KernelCase{find_kernel(Op::gemm, "coop"), Precision::bf16},
                      KernelCase{find_kernel(Op::gemm, "coop_split"), Precision::fp16},
                      KernelCase{find_kernel(Op::gemm, "coop_split"), Precision::fp16_acc32},
                      KernelCase{find_kernel(Op::gemm, "coop_split"), Precision::bf16},
                      KernelCase{find_kernel(Op::gemm, "coop2"), Precision::fp16_acc32}),
    name_of);

}  // namespace
}  // namespace gpubench
