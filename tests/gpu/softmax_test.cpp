// Softmax on the test device: long rows, and where in a row its maximum is.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <limits>

#include "gpu/expected_output.h"
#include "gpu/kernel_rig.h"
#include "gpu/open_test_device.h"
#include "gpu/problems.h"

namespace gpubench {
namespace {

using testing::expect_right;
using testing::Inputs;
using testing::KernelRig;
using testing::run_with;
using testing::softmax;
using testing::test_device;

/// Sixteen equal maxima far above the rest, the first and the last column among them: each has a
/// sixteenth of its row, and one that is forgotten, or seen twice, moves them all.
Inputs sixteen_peaks(const Problem& problem) {
  constexpr std::uint64_t kPeaks = 16;
  const std::uint64_t n = problem.shape.n;
  Inputs inputs{std::vector<float>(problem.a_elements(), -60.0F), {}, {}};
  for (std::uint64_t first = 0; first < inputs.a.size(); first += n) {
    for (std::uint64_t i = 0; i < kPeaks; ++i) inputs.a[first + i * (n - 1) / (kPeaks - 1)] = 40;
  }
  return inputs;
}

class SplitSoftmax : public ::testing::TestWithParam<Precision> {};

// A part more than the row fills, parts that end within a vector, 2^16 + 1 columns, bands, a batch.
TEST_P(SplitSoftmax, SeesEveryPartOfALongRowOnce) {
  const Kernel& split = *find_kernel(Op::softmax, "split");
  for (const Problem& problem :
       {softmax(1, 33), softmax(2, 16387, 2), softmax(3, 65537), softmax(1, 131072)}) {
    SCOPED_TRACE(fmt::format("{}x{}x{}", problem.shape.batch, problem.shape.m, problem.shape.n));
    const Inputs inputs = sixteen_peaks(problem);
    const auto output = run_with(problem, GetParam(), split, inputs, 1);
    for (std::size_t i = 0; i < output.size(); ++i) {
      ASSERT_NEAR(output[i], inputs.a[i] > 0 ? 0.0625 : 0, 1e-3 * 0.0625) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, SplitSoftmax,
                         ::testing::ValuesIn(find_kernel(Op::softmax, "split")->paths),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

class DirectSoftmax : public ::testing::TestWithParam<Precision> {
 protected:
  const Kernel& direct_ = *find_kernel(Op::softmax, "direct");
};

// A round of its loops takes 8 lanes times 4 runs of four: rows below, at and above that, whole
// runs and not, the latter unaligned.
TEST_P(DirectSoftmax, IsRightWhateverTheRowsAre) {
  for (const Problem& problem :
       {softmax(3, 4), softmax(5, 6), softmax(3, 12, 2), softmax(2, 28), softmax(3, 36),
        softmax(2, 128), softmax(3, 130), softmax(2, 132, 3), softmax(2, 1020), softmax(2, 1021)}) {
    SCOPED_TRACE(fmt::format("{}x{}x{}", problem.shape.batch, problem.shape.m, problem.shape.n));
    expect_right(problem, GetParam(), direct_, test_device().traits());
  }
}

TEST_P(DirectSoftmax, SeesEveryElementOfALongRowOnce) {
  for (const Problem& problem : {softmax(3, 4098), softmax(3, 4100, 2), softmax(2, 16388)}) {
    SCOPED_TRACE(fmt::format("{}x{}x{}", problem.shape.batch, problem.shape.m, problem.shape.n));
    const Inputs inputs = sixteen_peaks(problem);
    const auto output = run_with(problem, GetParam(), direct_, inputs, 1);
    for (std::size_t i = 0; i < output.size(); ++i) {
      ASSERT_NEAR(output[i], inputs.a[i] > 0 ? 0.0625 : 0, 1e-3 * 0.0625) << i;
    }
  }
}

// Equal elements have equal shares whatever the order of the sum: nothing but the last rounding
// could tell texels from plain loads. In FP16 the shares of 68, 76, 100 and 60000 lie nearer to the
// number above, those of 12 and 3000 to the one below; that of 60000 is subnormal.
TEST_P(DirectSoftmax, RoundsSharesAlikeFromTexelsAndFromPlainLoads) {
  DeviceTraits plain = test_device().traits();
  plain.max_texels = 0;
  for (const std::uint32_t n : {12U, 68U, 76U, 100U, 3000U, 60000U}) {
    const Problem problem = softmax(2, n);
    const auto by_texels = direct_.launch(problem, GetParam(), test_device().traits());
    const auto by_plain_loads = direct_.launch(problem, GetParam(), plain);
    ASSERT_TRUE(by_texels);
    ASSERT_TRUE(by_plain_loads);
    if (by_texels->params.find("feed=texels") == std::string::npos) {
      GTEST_SKIP() << "fetches no texels on this device";
    }
    ASSERT_EQ(by_plain_loads->params.find("texels"), std::string::npos);
    const Inputs inputs{std::vector<float>(problem.a_elements(), 0.5F), {}, {}};
    KernelRig first(test_device(), problem, GetParam(), *by_texels, inputs);
    KernelRig second(test_device(), problem, GetParam(), *by_plain_loads, inputs);

    first.run(problem.shape.m);
    second.run(problem.shape.m);

    EXPECT_EQ(first.output(), second.output()) << n << " columns";
    EXPECT_EQ(first.damaged_guard(), "") << n << " columns";
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, DirectSoftmax,
                         ::testing::ValuesIn(find_kernel(Op::softmax, "direct")->paths),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

// One outlier at every position of a row, so that no partial maximum can be forgotten: its share
// is 1, every other exp(-200 + small) = 0 in FP32.
TEST(Softmax, FindsTheMaximumWhereverItIs) {
  constexpr std::uint32_t kSize = 300;
  const Problem problem = softmax(kSize, kSize);
  Inputs inputs{std::vector<float>(kSize * kSize, -50.0F), {}, {}};
  for (std::uint32_t i = 0; i < kSize; ++i) inputs.a[i * kSize + i] = 150.0F;
  for (const std::string_view name : kernel_names(Op::softmax)) {
    SCOPED_TRACE(name);
    const Kernel& kernel = *find_kernel(Op::softmax, name);
    const auto output = run_with(problem, Precision::fp32, kernel, inputs, kSize);
    for (std::uint32_t i = 0; i < kSize * kSize; ++i) {
      ASSERT_EQ(output[i], i / kSize == i % kSize ? 1.0F : 0.0F) << i;
    }
  }
}

TEST(Softmax, MinusInfinityHasNoShare) {
  const Problem problem = softmax(1, 64);
  Inputs inputs{std::vector<float>(64, -std::numeric_limits<float>::infinity()), {}, {}};
  inputs.a[37] = 3;
  for (const std::string_view name : kernel_names(Op::softmax)) {
    SCOPED_TRACE(name);
    const Kernel& kernel = *find_kernel(Op::softmax, name);
    const auto output = run_with(problem, Precision::fp32, kernel, inputs, 1);
    for (std::uint32_t i = 0; i < 64; ++i) ASSERT_EQ(output[i], i == 37 ? 1.0F : 0.0F) << i;
  }
}

// 4 · 1024 invocations · 4 runs is the longest row that tiled keeps in registers.
TEST(Softmax, RowsTooLongForRegistersAreRight) {
  const Problem problem = softmax(2, 16389);
  for (const std::string_view name : kernel_names(Op::softmax)) {
    SCOPED_TRACE(name);
    const Kernel& kernel = *find_kernel(Op::softmax, name);
    expect_right(problem, Precision::fp32, kernel, test_device().traits());
  }
}

}  // namespace
}  // namespace gpubench
