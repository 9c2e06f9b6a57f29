// Every kernel of the catalogue on the test device, against plain FP64 loops; the others of this
// program are about kernels of one kind.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "gpu/expected_output.h"
#include "gpu/kernel_case.h"
#include "gpu/kernel_rig.h"
#include "gpu/open_test_device.h"
#include "gpu/problems.h"

namespace gpubench {
namespace {

using testing::awkward;
using testing::expect_right;
using testing::gemm;
using testing::Inputs;
using testing::kernel_cases;
using testing::KernelCase;
using testing::linear;
using testing::make_inputs;
using testing::name_of;
using testing::run_with;
using testing::softmax;
using testing::test_device;

/// What this device can run of an operation on a path.
std::vector<const Kernel*> kernels_here(Op op, Precision precision) {
  std::vector<const Kernel*> kernels;
  for (const Kernel& kernel : catalogue()) {
    if (kernel.op != op || !without(kernel, precision, Build::as_is).empty()) continue;
    const auto launch = kernel.launch(sample_problem(kernel), precision, test_device().traits());
    if (launch) kernels.push_back(&kernel);
  }
  return kernels;
}

class EveryKernel : public ::testing::TestWithParam<KernelCase> {};

TEST_P(EveryKernel, IsRightOnAwkwardShapes) {
  const auto [kernel, precision] = GetParam();
  const auto launch = kernel->launch(sample_problem(*kernel), precision, test_device().traits());
  if (!launch && launch.error().kind == ErrorKind::unsupported) {
    GTEST_SKIP() << launch.error().message;
  }
  for (const Problem& problem : awkward(kernel->op)) {
    SCOPED_TRACE(fmt::format("{}x{}x{} batch {} {}", problem.shape.m, problem.shape.n,
                             problem.shape.k, problem.shape.batch, to_string(problem.layout)));
    expect_right(problem, precision, *kernel, test_device().traits());
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryKernel, ::testing::ValuesIn(kernel_cases()), name_of);

// Sums of k ones: FP16 cannot count past 2048, where its spacing becomes 2 and ties go to even.
// Whoever accumulates in FP32 reaches k, and so does whoever adds eight sums of 512.
TEST(Precisions, HalfSumsStopAt2048) {
  const Problem problem = gemm({2, 3, 4096});
  const Inputs ones{
      std::vector<float>(problem.a_elements(), 1), std::vector<float>(problem.b_elements(), 1), {}};
  const std::pair<Precision, float> counts[] = {{Precision::fp16, 2048.0F},
                                                {Precision::fp32_via_fp16, 2048.0F},
                                                {Precision::fp16_acc32, 4096.0F},
                                                {Precision::fp32, 4096.0F}};
  for (const auto& [precision, reached] : counts) {
    for (const Kernel* kernel : kernels_here(Op::gemm, precision)) {
      // In which order a matrix unit adds is the driver's; Coop.AddsUpAllOfALongSum is about those.
      if (kernel->name.starts_with("coop")) continue;
      const float wanted = kernel->name == "split" ? 4096.0F : reached;
      EXPECT_EQ(run_with(problem, precision, *kernel, ones, 2)[0], wanted)
          << kernel->name << ' ' << to_string(precision);
    }
  }
}

// 1 + 2^-p survives exactly when p fraction bits are kept: 10 for tf32 and fp16, 7 for bf16; one
// bit further is a tie, which goes to the even 1.
TEST(Precisions, InputsKeepTheBitsOfTheirFormat) {
  const Problem problem = gemm({23, 1, 1});
  Inputs inputs{std::vector<float>(23), {1.0F}, {}};
  for (int p = 1; p <= 23; ++p) inputs.a[p - 1] = 1 + std::ldexp(1.0F, -p);
  const std::pair<Precision, int> kept_bits[] = {{Precision::fp32, 23},
                                                 {Precision::tf32, 10},
                                                 {Precision::bf16, 7},
                                                 {Precision::fp32_via_fp16, 10}};
  for (const auto& [precision, kept] : kept_bits) {
    for (const Kernel* kernel : kernels_here(Op::gemm, precision)) {
      const auto output = run_with(problem, precision, *kernel, inputs, 23);
      for (int p = 1; p <= 23; ++p) {
        EXPECT_EQ(output[p - 1], p <= kept ? inputs.a[p - 1] : 1.0F)
            << kernel->name << " " << to_string(precision) << " p = " << p;
      }
    }
  }
}

TEST(Bands, DoNotChangeABit) {
  const Problem problems[] = {gemm({67, 41, 37, 2}), linear({67, 41, 37}), softmax(131, 41, 2)};
  for (const Problem& problem : problems) {
    for (const Precision precision : {Precision::fp32, Precision::fp16_acc32}) {
      for (const Kernel* kernel : kernels_here(problem.op, precision)) {
        SCOPED_TRACE(fmt::format("{} {}", to_string(problem.op), kernel->name));
        const auto granule =
            kernel->launch(problem, precision, test_device().traits())->row_granule;
        const Inputs inputs = make_inputs(problem, precision);

        const auto whole = run_with(problem, precision, *kernel, inputs, problem.shape.m);
        const auto banded = run_with(problem, precision, *kernel, inputs, granule);

        EXPECT_EQ(whole, banded);
      }
    }
  }
}

}  // namespace
}  // namespace gpubench
