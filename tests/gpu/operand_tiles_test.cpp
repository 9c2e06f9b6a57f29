// The tiles that coop fills for matrix units of bf16: rounding, packing and edges, with coop's own
// launch on a device that may have no such units. operand_tiles.comp takes the elements out again.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <span>

#include "gpu/kernel_rig.h"

namespace gpubench {
namespace words {
extern const std::span<const std::uint32_t> operand_tiles_bf16;
}

namespace {

using testing::Inputs;
using testing::KernelRig;
using testing::make_inputs;

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

/// The device at hand, as if it had matrices of bf16. An integrated one is given the tiles of a
/// GPU.
DeviceTraits with_units(DeviceType type) {
  DeviceTraits traits = device().traits();
  traits.type = type;
  traits.subgroup_size_control = traits.full_subgroups = traits.vulkan_memory_model = true;
  traits.cooperative_matrix = CooperativeMatrixSupport::supported;
  traits.cooperative_matrices = {
      {16, 16, 16, "bfloat16", "bfloat16", "float32", "float32", "subgroup"}};
  traits.bfloat16 = {.is_listed = true, .type = true, .cooperative_matrix = true};
  return traits;
}

/// C from the tiles that coop would have filled.
std::vector<float> from_tiles(const Problem& problem, const Inputs& inputs,
                              const DeviceTraits& traits, const Tuning& tuning = {}) {
  auto launch = find_kernel(Op::gemm, "coop")->launch(problem, Precision::bf16, traits, tuning);
  EXPECT_TRUE(launch) << launch.error().message;
  const auto steps_of_coop = launch->steps;
  launch->steps = [&](RowBand band) {
    std::vector<Step> steps = steps_of_coop(band);
    for (Step& step : steps) {  // which has no subgroups
      step.pipeline.required_subgroup_size = 0;
      step.pipeline.full_subgroups = false;
    }
    return steps;
  };
  KernelRig rig(device(), problem, Precision::bf16, *launch, inputs);
  rig.run(launch->row_granule, words::operand_tiles_bf16);
  EXPECT_EQ(rig.damaged_guard(), "");
  return rig.output();
}

std::vector<float> from_tiled(const Problem& problem, const Inputs& inputs) {
  const auto launch =
      find_kernel(Op::gemm, "tiled")->launch(problem, Precision::bf16, device().traits());
  KernelRig rig(device(), problem, Precision::bf16, *launch, inputs);
  rig.run(problem.shape.m);
  return rig.output();
}

Problem gemm(Shape shape, Layout layout) {
  return {.op = Op::gemm, .shape = shape, .layout = layout};
}

// Kernel tiled rounds to bf16 as well and adds in the order of k, as operand_tiles.comp does.
// Shapes: 1, primes, a tile and one more or less, whole vectors of eight and not, batches.
TEST(OperandTiles, HoldWhatTiledMultipliesOnEveryShape) {
  const DeviceTraits software = with_units(DeviceType::cpu);
  const DeviceTraits gpu = with_units(DeviceType::integrated);
  for (const Shape& shape :
       {Shape{1, 1, 1}, Shape{7, 13, 5}, Shape{17, 33, 15}, Shape{31, 63, 17}, Shape{16, 128, 16},
        Shape{33, 129, 1}, Shape{65, 9, 40, 2}, Shape{97, 1, 33}, Shape{64, 64, 32},
        Shape{33, 72, 40}, Shape{31, 24, 8, 3}, Shape{129, 136, 48}}) {
    for (const Layout layout : {Layout::nn, Layout::nt}) {
      SCOPED_TRACE(fmt::format("{}x{}x{} batch {} {}", shape.m, shape.n, shape.k, shape.batch,
                               to_string(layout)));
      const Problem problem = gemm(shape, layout);
      const Inputs inputs = make_inputs(problem, Precision::bf16);
      const std::vector<float> wanted = from_tiled(problem, inputs);

      EXPECT_EQ(from_tiles(problem, inputs, software), wanted);
      EXPECT_EQ(from_tiles(problem, inputs, gpu), wanted);
    }
  }
}

// More vectors than invocations, and fewer; none after a row, and two.
TEST(OperandTiles, HoldTheSameUnderOtherTunings) {
  const Problem problem = gemm({70, 83, 77}, Layout::nn);
  const Inputs inputs = make_inputs(problem, Precision::bf16);
  const std::vector<float> wanted = from_tiled(problem, inputs);
  for (const auto& [side, depth, pad] :
       {std::array<std::uint32_t, 3>{16, 64, 0}, {32, 32, 2}, {16, 16, 1}}) {
    const Tuning tuning{{"subgroups_m", 2}, {"subgroups_n", 2}, {"part_m", side}, {"part_n", side},
                        {"tile_k", depth},  {"pad", pad},       {"group_rows", 4}};
    EXPECT_EQ(from_tiles(problem, inputs, with_units(DeviceType::integrated), tuning), wanted)
        << to_string(tuning);
  }
}

float from_bits(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Ties to either side, the carry into the next power of two and into infinity, NaNs whose fraction
/// lies below what bf16 keeps, and random bits. No subnormals, which llvmpipe multiplies as zeros.
std::vector<float> telling_values(std::size_t count) {
  std::vector<float> values{0.0F,
                            -0.0F,
                            from_bits(0x3F808000),
                            from_bits(0x3F818000),
                            from_bits(0x3F808001),
                            from_bits(0x3F807FFF),
                            from_bits(0xBFFFFFFF),
                            from_bits(0x7F7F7FFF),
                            from_bits(0x7F7F8000),
                            from_bits(0xFF7FFFFF),
                            from_bits(0x7F800000),
                            from_bits(0xFF800000),
                            from_bits(0x7F800001),
                            from_bits(0xFF80FFFF),
                            from_bits(0x7FC00000),
                            from_bits(0x00800000)};
  std::mt19937 random(5);
  while (values.size() < count) {
    const float value = from_bits(static_cast<std::uint32_t>(random()));
    if (std::fpclassify(value) != FP_SUBNORMAL) values.push_back(value);
  }
  return values;
}

void expect_rounded(float got, float value, std::size_t index) {
  const float wanted = round_to_bf16(value);
  if (std::isnan(wanted)) {
    EXPECT_TRUE(std::isnan(got)) << index << ": " << got;
  } else {
    EXPECT_EQ(got, wanted) << index << ": " << value;
  }
}

// A value alone among the k terms of its row of A, or of its column of B, times ones.
TEST(OperandTiles, RoundAsTheCpuDoesOnEitherSide) {
  constexpr std::size_t kValues = 4096;
  const std::vector<float> values = telling_values(kValues);
  for (const std::uint32_t k : {8U, 11U}) {  // vectors of eight, and element by element
    for (const Layout layout : {Layout::nn, Layout::nt}) {
      SCOPED_TRACE(fmt::format("k = {} {}", k, to_string(layout)));
      const Problem rows = gemm({kValues, 8, k}, layout), columns = gemm({8, kValues, k}, layout);
      Inputs in_a{std::vector<float>(kValues * k), std::vector<float>(8 * k, 1), {}};
      Inputs in_b{std::vector<float>(8 * k, 1), std::vector<float>(kValues * k), {}};
      for (std::size_t i = 0; i < kValues; ++i) {
        const std::size_t term = i % k;
        in_a.a[i * k + term] = values[i];
        in_b.b[layout == Layout::nt ? i * k + term : term * kValues + i] = values[i];
      }

      const auto of_a = from_tiles(rows, in_a, with_units(DeviceType::cpu));
      const auto of_b = from_tiles(columns, in_b, with_units(DeviceType::cpu));

      for (std::size_t i = 0; i < kValues; ++i) {
        expect_rounded(of_a[i * 8 + i % 8], values[i], i);
        expect_rounded(of_b[i % 8 * kValues + i], values[i], i);
      }
    }
  }
}

}  // namespace
}  // namespace gpubench
