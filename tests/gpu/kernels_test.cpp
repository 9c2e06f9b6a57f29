// Every kernel of the catalogue on the test device, against plain FP64 loops. The shapes are the
// awkward ones: 1, primes, a tile plus and minus one, m ≠ n ≠ k, skinny, batches.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>

#include "gpu/kernel_rig.h"
#include "kernels/direct_feed.h"

namespace gpubench {
namespace {

using testing::Inputs;
using testing::KernelRig;
using testing::make_inputs;

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

// Unit roundoffs: of the rounding of inputs inside the shader, of the sums, of the stored output.
// FP32 and FP16 sums have twice the nearest-even figure because Vulkan leaves the direction open.
struct Roundoffs {
  double in, acc, out;
};

Roundoffs roundoffs(Precision precision) {
  const double f32 = std::ldexp(1.0, -23), f16 = std::ldexp(1.0, -10);
  switch (precision) {
    case Precision::fp32:
      return {0, f32, f32};
    case Precision::fp16:
      return {0, f16, f16};
    case Precision::fp16_acc32:
      return {0, f32, f16};
    case Precision::fp32_via_fp16:
      return {f16, f16, f16};
    case Precision::fp32_relaxed:
      return {f16, f16, f16};
    case Precision::tf32:
      return {std::ldexp(1.0, -11), f32, f32};
    case Precision::bf16:
      return {std::ldexp(1.0, -8), f32, f32};
  }
  return {};
}

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::gelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

struct Expected {
  double value, bound;
};

// Value and first-order bound of one output: 2·u_in from both operands, one rounding of the sum for
// each of k products and k additions, the output's rounding. No activation here has a slope above
// 1.13; their own error is below 2e-6 of the result and 1e-6.
Expected expected_product(const Problem& problem, const Inputs& inputs, Roundoffs u,
                          std::uint64_t index) {
  const Shape& s = problem.shape;
  const std::uint64_t column = index % s.n, line = index / s.n, member = line / s.m;
  double sum = 0, size = 0;
  for (std::uint64_t i = 0; i < s.k; ++i) {
    const std::uint64_t b = is_b_transposed(problem) ? (member * s.n + column) * s.k + i
                                                     : (member * s.k + i) * s.n + column;
    const double product = double(inputs.a[line * s.k + i]) * inputs.b[b];
    sum += product;
    size += std::fabs(product);
  }
  const double bias = problem.bias ? inputs.bias[column] : 0.0;
  const double value = activate(problem.activation, sum + bias);
  const double bound = (2 * u.in + 2 * s.k * u.acc) * size + u.acc * std::fabs(bias);
  return {value, 1.13 * bound + (u.out + 2e-6) * std::fabs(value) + 1e-6};
}

void expect_product(const Problem& problem, Precision precision, const Inputs& inputs,
                    const std::vector<float>& output) {
  const Roundoffs u = roundoffs(precision);
  for (std::uint64_t i = 0; i < output.size(); ++i) {
    const Expected expected = expected_product(problem, inputs, u, i);
    ASSERT_NEAR(output[i], expected.value, expected.bound)
        << "row " << i / problem.shape.n << " column " << i % problem.shape.n;
  }
}

void expect_softmax(const Problem& problem, Precision precision, const Inputs& inputs,
                    const std::vector<float>& output) {
  const Roundoffs u = roundoffs(precision);
  const std::uint64_t n = problem.shape.n;
  for (std::uint64_t first = 0; first < output.size(); first += n) {
    const auto* x = inputs.a.data() + first;
    const double largest = *std::max_element(x, x + n);
    double sum = 0;
    for (std::uint64_t j = 0; j < n; ++j) sum += std::exp(x[j] - largest);
    for (std::uint64_t j = 0; j < n; ++j) {
      // Rounding x, and x - max, moves the exponent by that much; exp may be (3 + 2|y|) units off;
      // the sum and the quotient add a few more. All of it twice: once above, once below the line.
      const double y = std::fabs(x[j] - largest), value = std::exp(x[j] - largest) / sum;
      const double magnitude = y + std::fabs(largest) + std::fabs(x[j]);
      const double unit = std::max(u.in, u.acc) + u.out;
      const double relative = 2 * unit * (8 + 3 * magnitude) + double(n) * 1.2e-7;
      const double tiny = precision == Precision::fp32 || precision == Precision::tf32 ||
                                  precision == Precision::bf16
                              ? 1e-37
                              : 6.2e-5;  // FP16 results below the normal range may be flushed
      ASSERT_NEAR(output[first + j], value, relative * value + tiny)
          << "row " << first / n << " column " << j;
    }
  }
}

void expect_right(const Problem& problem, Precision precision, const Kernel& kernel,
                  const DeviceTraits& traits, const Tuning& tuning = {}) {
  const auto launch = kernel.launch(problem, precision, traits, tuning);
  ASSERT_TRUE(launch) << launch.error().message;
  const Inputs inputs = make_inputs(problem, precision);
  KernelRig rig(device(), problem, precision, *launch, inputs);

  rig.run(problem.shape.m);

  EXPECT_EQ(rig.damaged_guard(), "");
  const auto output = rig.output();
  if (problem.op == Op::softmax) {
    expect_softmax(problem, precision, inputs, output);
  } else {
    expect_product(problem, precision, inputs, output);
  }
}

Problem gemm(Shape shape, Layout layout = Layout::nn) {
  return {.op = Op::gemm, .shape = shape, .layout = layout};
}

Problem linear(Shape shape, Activation activation = Activation::gelu) {
  return {.op = Op::linear, .shape = shape, .activation = activation, .bias = true};
}

Problem softmax(std::uint32_t m, std::uint32_t n, std::uint32_t batch = 1) {
  return {.op = Op::softmax, .shape = {.m = m, .n = n, .k = 0, .batch = batch}};
}

std::vector<Problem> awkward(Op op) {
  if (op == Op::softmax) {
    return {softmax(1, 1),   softmax(3, 2),    softmax(7, 31),  softmax(65, 33),
            softmax(2, 127), softmax(2, 1000), softmax(5, 8, 3)};
  }
  std::vector<Problem> problems;
  for (const Shape& shape :
       {Shape{1, 1, 1}, Shape{7, 13, 5}, Shape{17, 33, 15}, Shape{31, 63, 17}, Shape{16, 128, 16},
        Shape{33, 129, 1}, Shape{65, 9, 40, 2}, Shape{1, 97, 64}, Shape{97, 1, 33},
        Shape{4, 4, 4, 5}, Shape{63, 65, 31}, Shape{64, 64, 32}, Shape{33, 72, 40},
        Shape{31, 24, 8, 3}}) {
    problems.push_back(op == Op::gemm ? gemm(shape) : linear(shape));
    if (op == Op::gemm) problems.push_back(gemm(shape, Layout::nt));
  }
  return problems;
}

/// What this device can run of an operation on a path.
std::vector<const Kernel*> kernels_here(Op op, Precision precision) {
  std::vector<const Kernel*> kernels;
  for (const Kernel& kernel : catalogue()) {
    if (kernel.op != op || !without(kernel, precision, Build::as_is).empty()) continue;
    const auto launch = kernel.launch(sample_problem(kernel), precision, device().traits());
    if (launch) kernels.push_back(&kernel);
  }
  return kernels;
}

struct KernelCase {
  const Kernel* kernel;
  Precision precision;
};

std::vector<KernelCase> kernel_cases() {
  std::vector<KernelCase> cases;
  for (const Kernel& kernel : catalogue()) {
    for (const Precision precision : kernel.paths) cases.push_back({&kernel, precision});
  }
  return cases;
}

/// How ctest lists it.
void PrintTo(const KernelCase& tested, std::ostream* out) {
  *out << to_string(tested.kernel->op) << ' ' << tested.kernel->name << ' '
       << to_string(tested.precision);
}

std::vector<float> run_with(const Problem& problem, Precision precision, const Kernel& kernel,
                            const Inputs& inputs, std::uint32_t band_rows) {
  const auto launch = kernel.launch(problem, precision, device().traits());
  EXPECT_TRUE(launch);
  KernelRig rig(device(), problem, precision, *launch, inputs);
  rig.run(band_rows);
  return rig.output();
}

class EveryKernel : public ::testing::TestWithParam<KernelCase> {};

TEST_P(EveryKernel, IsRightOnAwkwardShapes) {
  const auto [kernel, precision] = GetParam();
  const auto launch = kernel->launch(sample_problem(*kernel), precision, device().traits());
  if (!launch && launch.error().kind == ErrorKind::unsupported) {
    GTEST_SKIP() << launch.error().message;
  }
  for (const Problem& problem : awkward(kernel->op)) {
    SCOPED_TRACE(fmt::format("{}x{}x{} batch {} {}", problem.shape.m, problem.shape.n,
                             problem.shape.k, problem.shape.batch, to_string(problem.layout)));
    expect_right(problem, precision, *kernel, device().traits());
  }
}

std::string name_of(const ::testing::TestParamInfo<KernelCase>& info) {
  const auto& [kernel, precision] = info.param;
  return fmt::format("{}_{}_{}", to_string(kernel->op), kernel->name, to_string(precision));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryKernel, ::testing::ValuesIn(kernel_cases()), name_of);

/// Every way in which direct reads its panels, whichever of them it would take here.
class EveryFeed : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(EveryFeed, IsRightOnAwkwardShapes) {
  const Tuning tuning{{"tile_m", 16}, {"lane_columns", 2}, {"unroll", 4}, {"feed", GetParam()}};
  for (const Op op : {Op::gemm, Op::linear}) {
    const Kernel& direct = *find_kernel(op, "direct");
    for (const Precision precision : {Precision::fp32, Precision::fp16_acc32}) {
      const auto launch =
          direct.launch(sample_problem(direct), precision, device().traits(), tuning);
      if (!launch && launch.error().kind == ErrorKind::unsupported) {
        GTEST_SKIP() << launch.error().message;
      }
      for (const Problem& problem : awkward(op)) {
        SCOPED_TRACE(fmt::format("{}x{}x{} batch {} {}", problem.shape.m, problem.shape.n,
                                 problem.shape.k, problem.shape.batch, to_string(problem.layout)));
        expect_right(problem, precision, direct, device().traits(), tuning);
      }
    }
  }
}

std::string name_of_feed(const ::testing::TestParamInfo<std::uint32_t>& info) {
  return std::string(to_string(static_cast<Feed>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(Direct, EveryFeed, ::testing::ValuesIn(kFeedValues), name_of_feed);

TEST(Products, AreRightWithoutInt64) {
  DeviceTraits traits = device().traits();
  traits.shader_int64 = false;
  expect_right(gemm({17, 130, 33}), Precision::fp32, *find_kernel(Op::gemm, "direct"), traits);
}

// A real GPU's tile and unrolling, on whatever device this is.
TEST(Products, DirectIsRightWithTheTileOfAGpu) {
  DeviceTraits traits = device().traits();
  traits.type = DeviceType::integrated;
  const Kernel& direct = *find_kernel(Op::gemm, "direct");
  expect_right(gemm({17, 300, 35, 2}), Precision::fp16_acc32, direct, traits);
}

// 1024 x 1024 outputs are 64 tiles of 128 x 128: the largest tile, with a ragged edge.
TEST(Products, LargestTileIsRightAtItsEdges) {
  const Kernel& tiled = *find_kernel(Op::gemm, "tiled");
  const Problem problem = gemm({1021, 1018, 19});
  ASSERT_THAT(tiled.launch(problem, Precision::fp32, device().traits())->params,
              ::testing::HasSubstr("128x128"));

  expect_right(problem, Precision::fp32, tiled, device().traits());
}

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
    expect_right(problem, GetParam(), direct_, device().traits());
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
  DeviceTraits plain = device().traits();
  plain.max_texels = 0;
  for (const std::uint32_t n : {12U, 68U, 76U, 100U, 3000U, 60000U}) {
    const Problem problem = softmax(2, n);
    const auto by_texels = direct_.launch(problem, GetParam(), device().traits());
    const auto by_plain_loads = direct_.launch(problem, GetParam(), plain);
    ASSERT_TRUE(by_texels);
    ASSERT_TRUE(by_plain_loads);
    if (by_texels->params.find("feed=texels") == std::string::npos) {
      GTEST_SKIP() << "fetches no texels on this device";
    }
    ASSERT_EQ(by_plain_loads->params.find("texels"), std::string::npos);
    const Inputs inputs{std::vector<float>(problem.a_elements(), 0.5F), {}, {}};
    KernelRig first(device(), problem, GetParam(), *by_texels, inputs);
    KernelRig second(device(), problem, GetParam(), *by_plain_loads, inputs);

    first.run(problem.shape.m);
    second.run(problem.shape.m);

    EXPECT_EQ(first.output(), second.output()) << n << " columns";
    EXPECT_EQ(first.damaged_guard(), "") << n << " columns";
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, DirectSoftmax,
                         ::testing::ValuesIn(find_kernel(Op::softmax, "direct")->paths),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

class Coop : public ::testing::TestWithParam<KernelCase> {
 protected:
  void SetUp() override {
    const auto& [coop, precision] = GetParam();
    const auto launch = coop->launch(sample_problem(*coop), precision, device().traits());
    if (!launch) GTEST_SKIP() << launch.error().message;
  }
};

class CoopOfAGpu : public Coop {};

// 72 or more tiles of 64 x 64, as a real GPU would have them; stored whole and through the stage.
TEST_P(CoopOfAGpu, IsRightWithItsTile) {
  DeviceTraits traits = device().traits();
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
    const Problem problem = linear({19, 24, 72}, parse_activation(word).value());
    expect_right(problem, GetParam().precision, *find_kernel(Op::linear, GetParam().kernel->name),
                 device().traits());
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
  const auto launch = kernel->launch(sample_problem(*kernel), precision, device().traits());
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
          kernel->launch(problem, precision, device().traits())->row_granule;
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

TEST(Products, EveryActivationIsRight) {
  for (const std::string_view word : activation_names()) {
    SCOPED_TRACE(word);
    const Problem problem = linear({19, 23, 29}, parse_activation(word).value());
    expect_right(problem, Precision::fp32, *find_kernel(Op::linear, "tiled"), device().traits());
  }
}

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
        const auto granule = kernel->launch(problem, precision, device().traits())->row_granule;
        const Inputs inputs = make_inputs(problem, precision);

        const auto whole = run_with(problem, precision, *kernel, inputs, problem.shape.m);
        const auto banded = run_with(problem, precision, *kernel, inputs, granule);

        EXPECT_EQ(whole, banded);
      }
    }
  }
}

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
    expect_right(problem, Precision::fp32, kernel, device().traits());
  }
}

}  // namespace
}  // namespace gpubench
