#include "kernels/parameters.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <ostream>
#include <set>

#include "kernels/kernel.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::array<std::uint32_t, 3> kSides{32, 64, 128};
constexpr std::array<std::uint32_t, 2> kPads{0, 1};
constexpr std::array<ParameterSpace, 2> kSpaces{{{"tile_m", kSides}, {"pad", kPads}}};

std::string refusal(std::string_view text) {
  const auto tuning = parse_tuning(text);
  if (!tuning) return tuning.error().message;
  const auto values = values_of(*tuning, kSpaces);
  return values ? "" : values.error().message;
}

TEST(Parameters, TextReadsBack) {
  const Tuning tuning{{"tile_m", 128}, {"pad", 0}};
  EXPECT_EQ(to_string(tuning), "tile_m=128 pad=0");
  EXPECT_EQ(parse_tuning("tile_m=128 pad=0").value(), tuning);
  EXPECT_EQ(parse_tuning("").value(), Tuning{});
}

TEST(Parameters, ValuesComeInTheOrderOfTheSpaces) {
  const auto values = values_of({{"pad", 1}, {"tile_m", 64}}, kSpaces);
  EXPECT_THAT(values.value(), ElementsAre(64, 1));
}

TEST(Parameters, BadOnesAreNamed) {
  EXPECT_EQ(refusal("tile_m=128 pad=1"), "");
  EXPECT_EQ(refusal("tile_m=100 pad=1"), "tile_m=100: expected one of 32, 64, 128");
  EXPECT_EQ(refusal("tile_m=128"), "pad is missing");
  EXPECT_EQ(refusal("tile_m=128 pad=1 colour=3"), "colour is no parameter of this kernel");
  EXPECT_EQ(refusal("tile_m=128 pad=1 pad=1"), "a parameter is there twice");
  EXPECT_THAT(refusal("tile_m=-1 pad=1"), HasSubstr("expected a number"));
  EXPECT_THAT(refusal("tile_m=4294967296 pad=1"), HasSubstr("expected a number"));
  EXPECT_THAT(refusal("tile_m pad=1"), HasSubstr("expected NAME=NUMBER"));
}

TEST(Parameters, OfATuningThatDoesNotNameThemAreWhatTheySayThen) {
  constexpr std::array<ParameterSpace, 3> spaces{
      {{"tile_m", kSides}, {"pad", kPads, 1U}, {"unroll", kSides, kKernelChooses}}};

  EXPECT_THAT(values_of({{"tile_m", 64}}, spaces).value(), ElementsAre(64, 1, kKernelChooses));
  EXPECT_THAT(values_of({{"unroll", 32}, {"pad", 0}, {"tile_m", 64}}, spaces).value(),
              ElementsAre(64, 0, 32));

  const auto why = [&](const Tuning& tuning) { return values_of(tuning, spaces).error().message; };
  EXPECT_EQ(why({{"pad", 1}}), "tile_m is missing");
  EXPECT_EQ(why({{"tile_m", 64}, {"unroll", kKernelChooses}}),
            "unroll=0: expected one of 32, 64, 128");
  EXPECT_EQ(why({{"tile_m", 64}, {"pad", 1}, {"pad", 1}}), "a parameter is there twice");
  EXPECT_EQ(why({{"tile_m", 64}, {"colour", 3}}), "colour is no parameter of this kernel");
}

TEST(Parameters, CombinationsAreAllDifferent) {
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < combinations(kSpaces); ++i) {
    seen.insert(to_string(combination(kSpaces, i)));
  }
  EXPECT_EQ(seen.size(), 6U);
  EXPECT_EQ(to_string(combination(kSpaces, 0)), "tile_m=32 pad=0");
  EXPECT_EQ(to_string(combination(kSpaces, 5)), "tile_m=128 pad=1");
}

Problem square(const Kernel& kernel) {
  Problem problem = sample_problem(kernel);
  problem.shape = {1024, 1024, kernel.op == Op::softmax ? 0U : 1024U, 1};
  return problem;
}

struct Tunable {
  const Kernel* kernel;
};

/// How ctest lists it.
void PrintTo(const Tunable& tested, std::ostream* out) {
  *out << to_string(tested.kernel->op) << ' ' << tested.kernel->name;
}

class TunableKernel : public ::testing::TestWithParam<Tunable> {};

std::vector<Tunable> tunable_kernels() {
  std::vector<Tunable> kernels;
  for (const Kernel& kernel : catalogue()) {
    if (!kernel.parameters().empty()) kernels.push_back({&kernel});
  }
  return kernels;
}

TEST_P(TunableKernel, OwnChoiceIsATuningThatLaunchesTheSame) {
  const Kernel& kernel = *GetParam().kernel;
  const Precision path = Precision::fp16_acc32;
  const auto own = kernel.launch(square(kernel), path, desktop_gpu());
  ASSERT_TRUE(own) << own.error().message;
  const auto again = kernel.launch(square(kernel), path, desktop_gpu(), own->tuning);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->params, own->params);
  EXPECT_EQ(again->tuning, own->tuning);
}

/// The words of one differ from those of another, so that a row says what ran.
/// What the device is told, but for buffers.
std::string text_of(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    text += step.pipeline.shader;
    for (const SpecConstant& constant : step.pipeline.constants) {
      text += fmt::format(" {}={}", constant.id, constant.value);
    }
    text += fmt::format(" {}\n", fmt::join(step.groups, "x"));
  }
  return text;
}

TEST_P(TunableKernel, EveryLegalCombinationHasItsOwnWordsAndConstants) {
  const Kernel& kernel = *GetParam().kernel;
  std::set<std::string> words, launches;
  std::size_t legal = 0;
  for (std::uint64_t i = 0; i < combinations(kernel.parameters()); ++i) {
    const Tuning tuning = combination(kernel.parameters(), i);
    const auto launch = kernel.launch(square(kernel), Precision::fp16_acc32, desktop_gpu(), tuning);
    if (!launch) {
      ASSERT_EQ(launch.error().kind, ErrorKind::unsupported) << to_string(tuning);
      continue;
    }
    ++legal;
    words.insert(launch->params);
    launches.insert(text_of(launch->steps({0, square(kernel).shape.m})));
    EXPECT_EQ(launch->tuning, tuning);
  }
  EXPECT_GE(legal, 8U);
  EXPECT_EQ(words.size(), legal);
  EXPECT_EQ(launches.size(), legal);
}

/// Constant 8 of each of these kernels.
std::uint32_t local_size(const Step& step) {
  for (const SpecConstant& constant : step.pipeline.constants) {
    if (constant.id == 8) return constant.value;
  }
  return 0;
}

TEST_P(TunableKernel, TilesAboveTheDevicesLimitsAreRefused) {
  const Kernel& kernel = *GetParam().kernel;
  DeviceTraits small = desktop_gpu();
  small.max_workgroup_invocations = 64;
  small.max_shared_bytes = 16 * 1024;
  for (std::uint64_t i = 0; i < combinations(kernel.parameters()); ++i) {
    const auto launch = kernel.launch(square(kernel), Precision::fp16_acc32, small,
                                      combination(kernel.parameters(), i));
    if (!launch) continue;
    for (const Step& step : launch->steps({0, 1024})) {
      EXPECT_LE(local_size(step), 64U) << launch->params;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, TunableKernel, ::testing::ValuesIn(tunable_kernels()),
                         [](const auto& tested) {
                           return std::string(to_string(tested.param.kernel->op)) + "_" +
                                  std::string(tested.param.kernel->name);
                         });

TEST(Tuning, OfAKernelWithoutParametersIsRefused) {
  const Kernel& naive = *find_kernel(Op::gemm, "naive");
  const auto launch =
      naive.launch(square(naive), Precision::fp32, desktop_gpu(), {{"tile_m", 128}});
  ASSERT_FALSE(launch);
  EXPECT_EQ(launch.error().message, "naive has no parameters to tune");
}

TEST(Tuning, ThatBreaksARuleOfTheShaderSaysWhich) {
  const Kernel& tiled = *find_kernel(Op::gemm, "tiled");
  const auto why = [&](std::string_view text) {
    return tiled.launch(square(tiled), Precision::fp32, desktop_gpu(), parse_tuning(text).value())
        .error()
        .message;
  };
  EXPECT_EQ(why("tile_m=64 tile_n=64 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8"),
            "256 sums an invocation, more than 128");
  EXPECT_EQ(tiled
                .launch(square(tiled), Precision::fp16, desktop_gpu(),
                        parse_tuning("tile_m=64 tile_n=64 tile_k=16 thread_m=16 thread_n=16 pad=1 "
                                     "group_rows=8")
                            .value())
                .error()
                .message,
            "16 invocations a workgroup, fewer than 32")
      << "256 FP16 sums are no more registers than 128 of FP32";
  EXPECT_EQ(why("tile_m=32 tile_n=32 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8"),
            "16 invocations a workgroup, fewer than 32");
  EXPECT_EQ(why("tile_m=128 tile_n=128 tile_k=8 thread_m=4 thread_n=4 pad=1 group_rows=8"),
            "1024 invocations cannot share the loads of a tile of 128 x 8 evenly");
  EXPECT_EQ(why("tile_m=64 tile_n=64 tile_k=8 thread_m=8 thread_n=8 pad=1 group_rows=8 unroll=16"),
            "16 terms in a round, more than the 8 of a tile");
  EXPECT_EQ(
      why("tile_m=128 tile_n=32 tile_k=16 thread_m=4 thread_n=16 pad=1 group_rows=8 strips=4"),
      "4 strips of 2 columns of invocations");
}

/// "kernel_params: parameters in effect" of a product of 512 x 512 x k, or why there is no launch.
std::string params(std::string_view kernel, std::string_view tuning,
                   const DeviceTraits& device = desktop_gpu(), std::uint32_t k = 512) {
  Problem problem;
  problem.shape = {512, 512, k, 1};
  const auto launch = find_kernel(Op::gemm, kernel)
                          ->launch(problem, Precision::fp32, device, parse_tuning(tuning).value());
  return launch ? launch->params + ": " + to_string(launch->tuning) : launch.error().message;
}

constexpr std::string_view kOlder =
    "tile_m=64 tile_n=64 tile_k=16 thread_m=8 thread_n=4 pad=1 group_rows=8";

TEST(Tuning, OfATableThatIsOlderThanAParameterLaunchesAsItDid) {
  const std::string in_full = fmt::format("{} unroll=1 strips=1", kOlder);
  EXPECT_EQ(params("tiled", kOlder), "tile=64x64x16 thread=8x4 pad=1 group=8: " + in_full);
  EXPECT_EQ(params("tiled", in_full), params("tiled", kOlder));
  EXPECT_EQ(params("split", "tile=64 splits=2"),
            "tile=64x64x16 splits=2x256: tile=64 splits=2 unroll=1 strips=1");
}

TEST(Tuning, OfTheOrderOfSumsShowsWhereItIsNotTheUsual) {
  EXPECT_THAT(params("tiled", fmt::format("{} unroll=4 strips=2", kOlder)),
              HasSubstr("group=8 unroll=4 strips=2: "));
  EXPECT_THAT(params("tiled", fmt::format("{} unroll=16", kOlder)),
              HasSubstr("group=8 unroll=16: "));
  EXPECT_THAT(params("split", "tile=32 splits=2 unroll=8 strips=4"),
              HasSubstr("splits=2x256 unroll=8 strips=4: "));
}

// 60000 terms in rounds of one are too many for its loops; 30000, a part of two, are not.
TEST(Tuning, ThatDoesNotNameUnrollUnrollsWhereALoopWouldBeLeft) {
  const DeviceTraits device = software_device();
  EXPECT_THAT(params("tiled", kOlder, device, 60000), HasSubstr("unroll=16: "));
  EXPECT_THAT(params("tiled", fmt::format("{} unroll=4", kOlder), device, 60000),
              HasSubstr("group=8 unroll=4: "));
  EXPECT_THAT(params("tiled", fmt::format("{} unroll=1", kOlder), device, 60000),
              HasSubstr("rounds of its loops, and MESA_LLVMPIPE leaves them"));
  EXPECT_THAT(params("split", "tile=64 splits=2", device, 60000), HasSubstr("splits=2x30000: "));
  EXPECT_THAT(params("split", "tile=64 splits=2", device, 120000),
              HasSubstr("splits=2x60000 unroll=16: "));
  EXPECT_THAT(params("split", "tile=64 splits=2 unroll=1", device, 120000),
              HasSubstr("rounds of its loops"));
}

TEST(Tuning, ThatASoftwareDeviceCompilesTooLongIsRefusedThere) {
  const std::string tuning =
      "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8 unroll=16";
  EXPECT_THAT(params("tiled", tuning), HasSubstr("unroll=16"));
  EXPECT_EQ(params("tiled", tuning, software_device()), "2048 products a round, more than 1024");
}

}  // namespace
}  // namespace gpubench
