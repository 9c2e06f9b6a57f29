// Kernels under tunings that they do not take by themselves: whatever the tile, the numbers are the
// same. Products add in the order of k under each of them; a softmax may add in another.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <tuple>

#include "gpu/kernel_rig.h"

namespace gpubench {

/// How ctest lists it.
static void PrintTo(const Kernel* kernel, std::ostream* out) {
  *out << to_string(kernel->op) << ' ' << kernel->name;
}

namespace {

using testing::KernelRig;
using testing::make_inputs;

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

// So many of the legal tunings, spread over all: each takes a pipeline of its own.
constexpr std::size_t kTunings = 5;
// A software device compiles a large block of sums, or many loads, for many seconds.
constexpr std::uint32_t kMostSums = 32, kMostSteps = 4;
constexpr std::uint32_t kMostElements = 8 * 16 * 16;

std::uint32_t value_of(const Tuning& tuning, std::string_view name) {
  for (const Parameter& parameter : tuning) {
    if (parameter.name == name) return parameter.value;
  }
  return 1;
}

/// Sums of an invocation, or of a lane of eight.
std::uint32_t sums_of(const Tuning& tuning) {
  return std::max({value_of(tuning, "thread_m") * value_of(tuning, "thread_n"),
                   value_of(tuning, "part_m") * value_of(tuning, "part_n") / 8,
                   value_of(tuning, "tile_m") * value_of(tuning, "lane_columns")});
}

/// Code that is straight: products that an invocation takes in a round of its loop. coop2 has a
/// tile of one matrix, whose elements are straight code as well.
bool compiles_soon(const Kernel& kernel, const Tuning& tuning) {
  const std::uint32_t elements =
      value_of(tuning, "tile_m") * value_of(tuning, "tile_n") * value_of(tuning, "tile_k");
  if (kernel.name == "coop2" && elements > kMostElements) return false;
  return sums_of(tuning) <= kMostSums && value_of(tuning, "unroll") <= kMostSteps;
}

std::vector<Tuning> some_tunings(const Kernel& kernel, const Problem& problem, Precision path) {
  std::vector<Tuning> legal;
  for (std::uint64_t i = 0; i < combinations(kernel.parameters()); ++i) {
    Tuning tuning = combination(kernel.parameters(), i);
    if (!compiles_soon(kernel, tuning)) continue;
    if (kernel.launch(problem, path, device().traits(), tuning)) legal.push_back(std::move(tuning));
  }
  std::vector<Tuning> some;
  const std::size_t count = std::min(kTunings, legal.size());
  for (std::size_t i = 0; i < count; ++i) {
    some.push_back(legal[i * (legal.size() - 1) / std::max<std::size_t>(count - 1, 1)]);
  }
  return some;
}

std::vector<float> output_of(const Kernel& kernel, const Problem& problem, Precision path,
                             const Tuning& tuning) {
  const auto launch = kernel.launch(problem, path, device().traits(), tuning);
  EXPECT_TRUE(launch) << launch.error().message;
  KernelRig rig(device(), problem, path, *launch, make_inputs(problem, path));
  rig.run(problem.shape.m);
  EXPECT_EQ(rig.damaged_guard(), "") << to_string(tuning);
  return rig.output();
}

Problem ragged(Op op) {
  Problem problem;
  problem.op = op;
  problem.layout = op == Op::linear ? Layout::nt : Layout::nn;
  problem.bias = op == Op::linear;
  problem.shape = {129, 67, 45, 2};
  // A workgroup each, or more, which a software device takes long to switch between.
  if (op == Op::softmax) problem.shape = {9, 67, 0, 2};
  return problem;
}

class TunableKernel : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(TunableKernel, ComputesTheSameUnderEveryTuning) {
  const Kernel& kernel = *GetParam();
  // Sums in FP32 on either path: another order moves no more than a last place of the output.
  const bool exact = kernel.op != Op::softmax && kernel.sum_order == SumOrder::source &&
                     kernel.name != "split";  // as many sums of parts as the tuning says
  const Precision path =
      kernel.sum_order == SumOrder::source ? Precision::fp32 : Precision::fp16_acc32;
  const double relative = path == Precision::fp32 ? 1e-5 : 1e-3;
  const Problem problem = ragged(kernel.op);
  if (const auto own = kernel.launch(problem, path, device().traits()); !own) {
    GTEST_SKIP() << own.error().message;
  }
  const std::vector<float> own = output_of(kernel, problem, path, {});
  const float largest = *std::max_element(own.begin(), own.end());
  const auto tunings = some_tunings(kernel, problem, path);
  ASSERT_EQ(tunings.size(), kTunings);
  for (const Tuning& tuning : tunings) {
    const std::vector<float> tuned = output_of(kernel, problem, path, tuning);
    for (std::size_t i = 0; i < own.size(); ++i) {
      ASSERT_NEAR(tuned[i], own[i], exact ? 0 : relative * (std::fabs(own[i]) + 0.1 * largest))
          << to_string(tuning) << ", element " << i;
    }
  }
}

class PackedSums : public ::testing::TestWithParam<std::tuple<const Kernel*, Precision>> {};

// Two FP16 sums to a register: as many as a tiling can have. The order of k is that of any tile, so
// the sums are the same to the last bit. Edges inside a tile, with vectors of four and without.
TEST_P(PackedSums, Of256ToAnInvocationAreThoseOfOtherTiles) {
  const auto [kernel, path] = GetParam();
  const auto tuning =
      *parse_tuning("tile_m=128 tile_n=128 tile_k=8 thread_m=16 thread_n=16 pad=1 group_rows=4");
  for (const Shape& shape : {Shape{129, 67, 45, 2}, Shape{1, 257, 3}, Shape{259, 132, 8}}) {
    Problem problem = ragged(kernel->op);
    problem.shape = shape;
    if (const auto own = kernel->launch(problem, path, device().traits()); !own) {
      GTEST_SKIP() << own.error().message;
    }
    EXPECT_EQ(output_of(*kernel, problem, path, tuning), output_of(*kernel, problem, path, {}))
        << shape.m << "x" << shape.n << "x" << shape.k;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tiled, PackedSums,
    // One of the layers is enough: the finish of 256 outputs takes a software device long to
    // compile.
    ::testing::Values(std::tuple{find_kernel(Op::gemm, "tiled"), Precision::fp16},
                      std::tuple{find_kernel(Op::gemm, "tiled"), Precision::fp32_via_fp16},
                      std::tuple{find_kernel(Op::linear, "tiled"), Precision::fp16}),
    [](const auto& tested) {
      return std::string(to_string(std::get<0>(tested.param)->op)) + "_" +
             std::string(to_string(std::get<1>(tested.param)));
    });

/// Of the loop over a tile of tiled.comp, and of the invocations on it.
struct Order {
  std::uint32_t unroll, strips;
};

/// How ctest lists it.
void PrintTo(const Order& order, std::ostream* out) {
  *out << "unroll " << order.unroll << " strips " << order.strips;
}

class OrderOfABlock : public ::testing::TestWithParam<std::tuple<const Kernel*, Order>> {};

// Which invocation has which sums, and how many of their terms it takes in a round, moves no sum by
// a bit. Edges inside a tile, one row, k below a round; with vectors of four and without.
TEST_P(OrderOfABlock, MovesNoSum) {
  const auto [kernel, order] = GetParam();
  // Of 64 sums to an invocation, so that Mesa does not unroll the loop by itself.
  const std::string block =
      kernel->name == "split"
          ? "tile=128 splits=2"
          : "tile_m=64 tile_n=64 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=4";
  const auto tuning = parse_tuning(block + " unroll=" + std::to_string(order.unroll) +
                                   " strips=" + std::to_string(order.strips));
  for (const Shape& shape : {Shape{129, 67, 45, 2}, Shape{1, 131, 3}, Shape{67, 68, 520}}) {
    Problem problem = ragged(kernel->op);
    problem.shape = shape;
    EXPECT_EQ(output_of(*kernel, problem, Precision::fp32, *tuning),
              output_of(*kernel, problem, Precision::fp32, *parse_tuning(block)))
        << shape.m << "x" << shape.n << "x" << shape.k;
  }
}

// A tile has eight columns of invocations, or sixteen.
INSTANTIATE_TEST_SUITE_P(
    Products, OrderOfABlock,
    ::testing::Combine(::testing::Values(find_kernel(Op::gemm, "tiled"),
                                         find_kernel(Op::linear, "tiled"),
                                         find_kernel(Op::gemm, "split")),
                       ::testing::Values(Order{1, 2}, Order{4, 1}, Order{8, 4}, Order{16, 2})),
    [](const auto& tested) {
      const Kernel& kernel = *std::get<0>(tested.param);
      const Order& order = std::get<1>(tested.param);
      return std::string(to_string(kernel.op)) + "_" + std::string(kernel.name) + "_unroll" +
             std::to_string(order.unroll) + "_strips" + std::to_string(order.strips);
    });

std::vector<const Kernel*> tunable_kernels() {
  std::vector<const Kernel*> kernels;
  for (const Kernel& kernel : catalogue()) {
    if (!kernel.parameters().empty()) kernels.push_back(&kernel);
  }
  return kernels;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, TunableKernel, ::testing::ValuesIn(tunable_kernels()),
                         [](const auto& tested) {
                           return std::string(to_string(tested.param->op)) + "_" +
                                  std::string(tested.param->name);
                         });

}  // namespace
}  // namespace gpubench
