// What each kernel launches on a GPU by itself, run on the test device, whatever that is: on a
// software device kernels take other tiles, and a GPU would be the first to run these. Whatever the
// tile, the numbers are those of naive, which launches the same everywhere: to the last bit where a
// shader adds in the order of k, and where parts or matrix units add otherwise, for terms whose
// sums are exact.
//
// What no lavapipe can run of a GPU's launches, and what runs in its place:
// - coop and coop_split take 128 x 128 where subgroups have 32 lanes: 2 x 2 subgroups of 4 x 4
//   matrices of 16 x 16, 128 sums to a lane. Lanes of a subgroup of 8 would have 512 and are
//   refused that tile, which llvmpipe compiles for minutes. ProductOfAGpu runs 2 x 2 subgroups of 4
//   x 4 matrices of 8 x 8, LargestBlock 128 x 128 by as many lanes, in 4 x 4 subgroups.
// - coop2 takes matrices of a workgroup, of 128 x 256, by tensors. Lavapipe has only matrices of a
//   subgroup, by elements, and gets the largest of those.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "gpu/expected_output.h"
#include "gpu/kernel_case.h"
#include "gpu/kernel_rig.h"
#include "gpu/open_test_device.h"
#include "gpu/problems.h"

namespace gpubench {
namespace {

using testing::expect_product;
using testing::expect_softmax;
using testing::gemm;
using ::testing::HasSubstr;
using testing::Inputs;
using testing::kernel_cases;
using testing::KernelCase;
using testing::KernelRig;
using testing::linear;
using testing::make_inputs;
using testing::name_of;
using ::testing::Not;
using testing::softmax;
using testing::test_device;

struct Maker {
  std::string_view name;
  std::uint32_t vendor_id;
  std::string_view driver_id;
};

constexpr std::array kMakers{Maker{"NVIDIA", 0x10DE, "NVIDIA_PROPRIETARY"},
                             Maker{"AMD", 0x1002, "MESA_RADV"},
                             Maker{"Intel", 0x8086, "INTEL_OPEN_SOURCE_MESA"},
                             Maker{"Qualcomm", 0x5143, "QUALCOMM_PROPRIETARY"}};

/// How ctest lists it.
void PrintTo(const Maker& maker, std::ostream* out) {
  *out << maker.name;
}

/// The test device taken for a GPU: its limits, features, subgroups and matrices stay its own.
DeviceTraits as_gpu(const Maker& maker = kMakers.front()) {
  DeviceTraits traits = test_device().traits();
  traits.type = DeviceType::discrete;
  traits.vendor_id = maker.vendor_id;
  traits.driver_id = maker.driver_id;
  return traits;
}

std::string text_of(const Problem& problem) {
  const Shape& s = problem.shape;
  return fmt::format("{} {}x{}x{} batch {} {}", to_string(problem.op), s.m, s.n, s.k, s.batch,
                     to_string(problem.layout));
}

std::vector<float> output_of(const Problem& problem, Precision precision, const Launch& launch,
                             const Inputs& inputs) {
  KernelRig rig(test_device(), problem, precision, launch, inputs);
  rig.run(problem.shape.m);
  EXPECT_EQ(rig.damaged_guard(), "");
  return rig.output();
}

std::vector<float> output_of_naive(const Problem& problem, Precision precision,
                                   const Inputs& inputs) {
  const auto launch =
      find_kernel(problem.op, "naive")->launch(problem, precision, test_device().traits());
  EXPECT_TRUE(launch) << launch.error().message;
  return output_of(problem, precision, *launch, inputs);
}

void expect_same(const Problem& problem, Precision precision, std::vector<float> output,
                 std::vector<float> wanted) {
  // A driver may leave out that the end of a layer is rounded to FP16 on its way to FP32; Mesa
  // 26.1.6 does so in naive, and not in tiled.
  if (precision == Precision::fp32_via_fp16) {
    for (auto* values : {&output, &wanted}) quantise(*values, Format::f16);
  }
  ASSERT_EQ(output.size(), wanted.size());
  for (std::size_t i = 0; i < output.size(); ++i) {
    ASSERT_EQ(output[i], wanted[i])
        << "row " << i / problem.shape.n << " column " << i % problem.shape.n;
  }
}

/// One after the other in the order of k, as naive does.
bool adds_as_naive_does(const Kernel& kernel) {
  return kernel.sum_order == SumOrder::source && kernel.name != "split";
}

void expect_product_right(const Kernel& kernel, const Problem& problem, Precision precision,
                          const Launch& launch) {
  SCOPED_TRACE(text_of(problem) + ": " + launch.params);
  // No element of a tile of 2^n is at the same place of its tile as the next that is looked at.
  constexpr std::uint64_t kEvery = 101;
  const Inputs normal = make_inputs(problem, precision);
  const auto output = output_of(problem, precision, launch, normal);
  expect_product(problem, precision, normal, output, kEvery);
  if (adds_as_naive_does(kernel)) {
    expect_same(problem, precision, output, output_of_naive(problem, precision, normal));
  } else {
    Problem exact = problem;
    exact.fill = Fill::int_exact;
    const Inputs integers = make_inputs(exact, precision);
    expect_same(problem, precision, output_of(problem, precision, launch, integers),
                output_of_naive(problem, precision, integers));
  }
}

// At least 64 tiles of 128 x 128, so that a GPU takes those: ten down, of which eight are walked
// before the next column. Tiles inside C and at its edges, rows that are whole vectors and not,
// three rounds of the deepest tile, of which one is a part.
constexpr Shape kUnaligned{1157, 131, 67, 4}, kAligned{1160, 136, 72, 4};
// The same of 128 x 256.
constexpr Shape kWideUnaligned{1157, 259, 67, 4}, kWideAligned{1160, 264, 72, 4};
// As many tiles of 64 x 64, but too few larger ones.
constexpr Shape kMiddle{520, 520, 40};
// Few tiles, of which some are whole, and sums long enough for eight parts: of 64 x 64, and of as
// many of 128 x 128 as their parts make 64 workgroups of.
constexpr Shape kFewUnaligned{71, 67, 2051, 2}, kFewAligned{72, 68, 2056, 2};
constexpr Shape kFewWideUnaligned{139, 131, 2051, 2}, kFewWideAligned{140, 136, 2056, 2};

/// With vectors and without.
std::array<Shape, 2> shapes_for(const Kernel& kernel) {
  if (kernel.name == "split") return {kFewUnaligned, kFewAligned};
  if (kernel.name == "coop_split") return {kFewWideUnaligned, kFewWideAligned};
  if (kernel.name == "coop2") return {kWideUnaligned, kWideAligned};
  return {kUnaligned, kAligned};
}

/// B by rows and by columns; a layer always has it by columns. A matrix is straight code on a
// software device, which compiles it for half a minute: each path gets one of the shapes.
std::vector<Problem> problems_for(const Kernel& kernel, Precision precision) {
  const auto [unaligned, aligned] = shapes_for(kernel);
  const auto product = [&](const Shape& shape, Layout layout) {
    return kernel.op == Op::gemm ? gemm(shape, layout) : linear(shape, Activation::relu);
  };
  const bool one = kernel.sum_order == SumOrder::hardware;
  std::vector<Problem> problems;
  if (!one || precision == Precision::fp16) problems.push_back(product(unaligned, Layout::nn));
  if (!one || precision != Precision::fp16) problems.push_back(product(aligned, Layout::nt));
  if (kernel.op == Op::gemm && kernel.name == "tiled") problems.push_back(gemm(kMiddle));
  return problems;
}

template <typename Predicate>
std::vector<KernelCase> cases_where(Predicate is_meant) {
  std::vector<KernelCase> cases = kernel_cases();
  std::erase_if(cases, [&](const KernelCase& tested) { return !is_meant(*tested.kernel); });
  return cases;
}

class ProductOfAGpu : public ::testing::TestWithParam<KernelCase> {};

TEST_P(ProductOfAGpu, IsRight) {
  const auto [kernel, precision] = GetParam();
  for (const Problem& problem : problems_for(*kernel, precision)) {
    const auto launch = kernel->launch(problem, precision, as_gpu());
    if (!launch && launch.error().kind == ErrorKind::unsupported) {
      GTEST_SKIP() << launch.error().message;
    }
    ASSERT_TRUE(launch) << launch.error().message;
    expect_product_right(*kernel, problem, precision, *launch);
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ProductOfAGpu,
                         ::testing::ValuesIn(cases_where([](const Kernel& kernel) {
                           return kernel.op != Op::softmax && kernel.name != "naive";
                         })),
                         name_of);

// Each launches another tile than on a software device, and tiled the largest of its own.
TEST(ArrangementOfAGpu, IsNotThatOfASoftwareDevice) {
  DeviceTraits software = test_device().traits();
  software.type = DeviceType::cpu;
  const auto params = [](std::string_view name, Precision precision, const DeviceTraits& traits) {
    const auto launch = find_kernel(Op::gemm, name)->launch(gemm(kAligned), precision, traits);
    return launch ? launch->params : launch.error().message;
  };
  EXPECT_THAT(params("tiled", Precision::fp32, as_gpu()), HasSubstr("tile=128x128x16 thread=8x8"));
  EXPECT_THAT(params("direct", Precision::fp32, as_gpu()), HasSubstr("tile=8x256 lanes=64"));
  for (const std::string_view name : {"coop", "coop_split", "coop2"}) {
    const auto launch =
        find_kernel(Op::gemm, name)->launch(gemm(kAligned), Precision::fp16_acc32, as_gpu());
    if (!launch) continue;  // ProductOfAGpu.IsRight has said why
    EXPECT_NE(launch->params, params(name, Precision::fp16_acc32, software));
  }
}

class SoftmaxOfAGpu : public ::testing::TestWithParam<KernelCase> {};

// Rows of one run and of up to four to an invocation of a workgroup that grows with them, and rows
// that are read twice; whole vectors and not.
TEST_P(SoftmaxOfAGpu, IsRight) {
  const auto [kernel, precision] = GetParam();
  for (const Problem& problem :
       {softmax(5, 68, 2), softmax(3, 1029, 2), softmax(2, 16384), softmax(2, 16389)}) {
    SCOPED_TRACE(text_of(problem));
    const auto launch = kernel->launch(problem, precision, as_gpu());
    ASSERT_TRUE(launch) << launch.error().message;
    EXPECT_THAT(launch->params, Not(HasSubstr("texels")));
    const Inputs inputs = make_inputs(problem, precision);
    expect_softmax(problem, precision, inputs, output_of(problem, precision, *launch, inputs));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, SoftmaxOfAGpu,
                         ::testing::ValuesIn(cases_where([](const Kernel& kernel) {
                           return kernel.op == Op::softmax && kernel.name != "naive";
                         })),
                         name_of);

class AutoOfAGpu : public ::testing::TestWithParam<Maker> {
 protected:
  void expect_right(const Problem& problem, Precision precision) {
    const DeviceTraits traits = as_gpu(GetParam());
    const Kernel& kernel = *choose_kernel(problem, precision, Build::as_is, traits).kernel;
    SCOPED_TRACE(kernel.name);
    const auto launch = kernel.launch(problem, precision, traits);
    ASSERT_TRUE(launch) << launch.error().message;
    if (problem.op == Op::softmax) {
      const Inputs inputs = make_inputs(problem, precision);
      expect_softmax(problem, precision, inputs, output_of(problem, precision, *launch, inputs));
    } else {
      expect_product_right(kernel, problem, precision, *launch);
    }
  }
};

// Tiny, few rows, enough tiles for the largest, few with long sums; few rows, and few long ones.
TEST_P(AutoOfAGpu, IsRight) {
  for (const Problem& problem : {gemm({20, 31, 67, 2}), gemm({3, 521, 67}), gemm(kAligned),
                                 gemm(kFewWideAligned), softmax(5, 1029, 2), softmax(2, 65540)}) {
    SCOPED_TRACE(text_of(problem));
    // On a path that every kernel has.
    expect_right(problem, Precision::fp16_acc32);
  }
}

INSTANTIATE_TEST_SUITE_P(Makers, AutoOfAGpu, ::testing::ValuesIn(kMakers),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct TunedCase {
  Op op;
  std::string_view kernel;
  std::string_view tuning;
};

/// How ctest lists it.
void PrintTo(const TunedCase& tested, std::ostream* out) {
  *out << to_string(tested.op) << ' ' << tested.kernel << ' ' << tested.tuning;
}

class LargestBlock : public ::testing::TestWithParam<TunedCase> {};

TEST_P(LargestBlock, Of128SumsIsRight) {
  const Kernel& kernel = *find_kernel(GetParam().op, GetParam().kernel);
  const Precision precision =
      kernel.sum_order == SumOrder::source ? Precision::fp32 : Precision::fp16_acc32;
  for (const Problem& problem : problems_for(kernel, precision)) {
    const auto launch =
        kernel.launch(problem, precision, as_gpu(), *parse_tuning(GetParam().tuning));
    if (!launch && launch.error().kind == ErrorKind::unsupported) {
      GTEST_SKIP() << launch.error().message;
    }
    ASSERT_TRUE(launch) << launch.error().message;
    expect_product_right(kernel, problem, precision, *launch);
  }
}

/// As many sums as the registers of a GPU hold in FP32, with as many more that do the feeding.
std::vector<TunedCase> largest_blocks() {
  constexpr std::string_view kHigh =
      "tile_m=128 tile_n=128 tile_k=16 thread_m=16 thread_n=8 pad=1 group_rows=8";
  constexpr std::string_view kWide =
      "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8";
  constexpr std::string_view kDirect = "tile_m=32 lane_columns=4 unroll=4 feed=1";
  constexpr std::string_view kCoop =
      "subgroups_m=4 subgroups_n=4 part_m=32 part_n=32 tile_k=32 pad=1 group_rows=8";
  std::vector<TunedCase> cases;
  for (const Op op : {Op::gemm, Op::linear}) {
    cases.push_back({op, "tiled", kHigh});
    cases.push_back({op, "tiled", kWide});
    cases.push_back({op, "direct", kDirect});
    cases.push_back({op, "coop", kCoop});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Products, LargestBlock, ::testing::ValuesIn(largest_blocks()),
                         [](const auto& tested) {
                           return fmt::format("{}_{}_{}", to_string(tested.param.op),
                                              tested.param.kernel, tested.index);
                         });

}  // namespace
}  // namespace gpubench
