// Matrix products on the test device: feeds, tiles, parts and activations that not every kernel
// has.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "gpu/expected_output.h"
#include "gpu/kernel_case.h"
#include "gpu/kernel_rig.h"
#include "gpu/open_test_device.h"
#include "gpu/problems.h"
#include "kernels/direct_feed.h"

namespace gpubench {
namespace {

using testing::awkward;
using testing::expect_right;
using testing::Expected;
using testing::expected_product;
using testing::gemm;
using testing::Inputs;
using testing::kernel_cases;
using testing::KernelCase;
using testing::linear;
using testing::name_of;
using testing::run_with;
using testing::test_device;

/// Every way in which direct reads its panels, whichever of them it would take here.
class EveryFeed : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(EveryFeed, IsRightOnAwkwardShapes) {
  const Tuning tuning{{"tile_m", 16}, {"lane_columns", 2}, {"unroll", 4}, {"feed", GetParam()}};
  for (const Op op : {Op::gemm, Op::linear}) {
    const Kernel& direct = *find_kernel(op, "direct");
    for (const Precision precision : {Precision::fp32, Precision::fp16_acc32}) {
      const auto launch =
          direct.launch(sample_problem(direct), precision, test_device().traits(), tuning);
      if (!launch && launch.error().kind == ErrorKind::unsupported) {
        GTEST_SKIP() << launch.error().message;
      }
      for (const Problem& problem : awkward(op)) {
        SCOPED_TRACE(fmt::format("{}x{}x{} batch {} {}", problem.shape.m, problem.shape.n,
                                 problem.shape.k, problem.shape.batch, to_string(problem.layout)));
        expect_right(problem, precision, direct, test_device().traits(), tuning);
      }
    }
  }
}

std::string name_of_feed(const ::testing::TestParamInfo<std::uint32_t>& info) {
  return std::string(to_string(static_cast<Feed>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(Direct, EveryFeed, ::testing::ValuesIn(kFeedValues), name_of_feed);

TEST(Products, AreRightWithoutInt64) {
  DeviceTraits traits = test_device().traits();
  traits.shader_int64 = false;
  expect_right(gemm({17, 130, 33}), Precision::fp32, *find_kernel(Op::gemm, "direct"), traits);
}

// A real GPU's tile and unrolling, on whatever device this is.
TEST(Products, DirectIsRightWithTheTileOfAGpu) {
  DeviceTraits traits = test_device().traits();
  traits.type = DeviceType::integrated;
  const Kernel& direct = *find_kernel(Op::gemm, "direct");
  expect_right(gemm({17, 300, 35, 2}), Precision::fp16_acc32, direct, traits);
}

// 1024 x 1024 outputs are 64 tiles of 128 x 128: the largest tile, with a ragged edge.
TEST(Products, LargestTileIsRightAtItsEdges) {
  const Kernel& tiled = *find_kernel(Op::gemm, "tiled");
  const Problem problem = gemm({1021, 1018, 19});
  ASSERT_THAT(tiled.launch(problem, Precision::fp32, test_device().traits())->params,
              ::testing::HasSubstr("128x128"));

  expect_right(problem, Precision::fp32, tiled, test_device().traits());
}

TEST(Products, EveryActivationIsRight) {
  for (const std::string_view word : activation_names()) {
    SCOPED_TRACE(word);
    const Problem problem = linear({19, 23, 29}, parse_activation(word).value());
    expect_right(problem, Precision::fp32, *find_kernel(Op::linear, "tiled"),
                 test_device().traits());
  }
}

/// Integers of which no sum of 2048 leaves what FP16 has exactly, in whatever order: -1, 0 and 1.
Inputs small_integers(const Problem& problem) {
  const auto fill = [](std::uint64_t count, std::uint64_t step) {
    std::vector<float> values(count);
    for (std::uint64_t i = 0; i < count; ++i) values[i] = float(i * step % 1009 % 3) - 1;
    return values;
  };
  return {fill(problem.a_elements(), 7), fill(problem.b_elements(), 5),
          fill(problem.bias_elements(), 3)};
}

class PartsOfSums : public ::testing::TestWithParam<KernelCase> {};

// Every term of every part once: k that ends within a part, within a tile and within a vector,
// parts without terms, rows of eights and not, outputs that lie inside tiles and outside, bands,
// batches.
TEST_P(PartsOfSums, AreExactWhereTheTermsAreSmallIntegers) {
  const auto& [kernel, precision] = GetParam();
  const auto launch = kernel->launch(sample_problem(*kernel), precision, test_device().traits());
  if (!launch) GTEST_SKIP() << launch.error().message;
  const Activation relu = Activation::relu;
  for (const Shape& shape :
       {Shape{33, 65, 1111}, Shape{40, 72, 1000, 2}, Shape{1, 1, 2047}, Shape{35, 40, 24, 3}}) {
    for (const Layout layout : {Layout::nn, Layout::nt}) {
      if (kernel->op == Op::linear && layout == Layout::nn) continue;
      SCOPED_TRACE(fmt::format("{}x{}x{} batch {} {}", shape.m, shape.n, shape.k, shape.batch,
                               to_string(layout)));
      const Problem problem = kernel->op == Op::linear ? linear(shape, relu) : gemm(shape, layout);
      const Inputs inputs = small_integers(problem);
      const std::uint32_t granule =
          kernel->launch(problem, precision, test_device().traits())->row_granule;
      const auto output = run_with(problem, precision, *kernel, inputs, granule);
      for (std::uint64_t i = 0; i < output.size(); ++i) {
        const Expected expected = expected_product(problem, inputs, {}, i);
        ASSERT_EQ(output[i], expected.value) << "row " << i / shape.n << " column " << i % shape.n;
      }
    }
  }
}

std::vector<KernelCase> cases_in_parts() {
  std::vector<KernelCase> cases;
  for (const KernelCase& tested : kernel_cases()) {
    const bool splits = tested.kernel->name == "split" || tested.kernel->name == "coop_split";
    if (splits && tested.kernel->op != Op::softmax) cases.push_back(tested);
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Products, PartsOfSums, ::testing::ValuesIn(cases_in_parts()), name_of);

}  // namespace
}  // namespace gpubench
