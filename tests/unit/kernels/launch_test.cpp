#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "kernels/contract.h"
#include "kernels/kernel.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

Problem gemm(Shape shape) {
  return {.op = Op::gemm, .shape = shape};
}

Problem problem_of(Op op, Shape shape) {
  if (op == Op::softmax) shape.k = 0;
  return {.op = op, .shape = shape};
}

std::uint32_t constant(const Step& step, std::uint32_t id) {
  for (const SpecConstant& entry : step.pipeline.constants) {
    if (entry.id == id) return entry.value;
  }
  ADD_FAILURE() << "no constant " << id;
  return 0;
}

// Fields 10 and 11 of the push block are row_begin and row_end.
RowBand rows_of(const Step& step) {
  return {step.push[10].value, step.push[11].value};
}

bool writes_output(const Step& step) {
  const std::string& shader = step.pipeline.shader;
  return !shader.starts_with("pack") && !shader.starts_with("gemm_split") &&
         !shader.starts_with("linear_split") && !shader.starts_with("coop_parts") &&
         !shader.starts_with("softmax_split_parts");
}

// How often each row is covered by row tiles of dispatches that write.
std::vector<int> coverage(const Launch& launch, std::uint32_t m, std::uint32_t band_rows) {
  std::vector<int> count(m, 0);
  for (std::uint32_t begin = 0; begin < m; begin += band_rows) {
    for (const Step& step : launch.steps({begin, std::min(begin + band_rows, m)})) {
      if (!writes_output(step)) continue;
      const RowBand rows = rows_of(step);
      const std::uint32_t tile_m = constant(step, 3);
      const std::uint64_t reach = rows.begin + std::uint64_t{step.groups[1]} * tile_m;
      for (std::uint64_t row = rows.begin; row < std::min<std::uint64_t>(reach, rows.end); ++row) {
        ++count[row];
      }
    }
  }
  return count;
}

TEST(PushBlock, IsTheDocumentedOne) {
  const auto push = push_block(gemm({.m = 3, .n = 5, .k = 7, .batch = 2}), {1, 3});

  std::uint32_t bytes = 0;
  for (const PushField& field : push) bytes += field.kind == PushField::Kind::address ? 8 : 4;
  EXPECT_EQ(bytes, kPushBytes);
  const BufferRole roles[] = {BufferRole::a, BufferRole::b,        BufferRole::bias,
                              BufferRole::c, BufferRole::scratch0, BufferRole::scratch1};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(push[i].kind, PushField::Kind::address);
    EXPECT_EQ(push[i].role, roles[i]);
  }
  const std::uint32_t values[] = {3, 5, 7, 2, 1, 3};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(push[6 + i].value, values[i]);
}

TEST(Contract, LinearIsAlwaysTransposed) {
  Problem problem{.op = Op::linear, .shape = {.m = 4, .n = 4, .k = 4}};
  problem.activation = Activation::silu;
  problem.bias = true;

  const auto constants = contract_constants(problem, {8, 16}, {{9, 77}});

  const std::vector<SpecConstant> expected{{0, 1},  {1, 3}, {2, 1}, {3, 8},
                                           {4, 16}, {5, 1}, {9, 77}};
  EXPECT_EQ(constants, expected);
}

TEST(Contract, VectorsNeedRowsOfFours) {
  EXPECT_TRUE(rows_are_vectors(gemm({.m = 3, .n = 8, .k = 12})));
  EXPECT_FALSE(rows_are_vectors(gemm({.m = 4, .n = 9, .k = 12})));
  EXPECT_FALSE(rows_are_vectors(gemm({.m = 4, .n = 8, .k = 13})));
  EXPECT_TRUE(rows_are_vectors(problem_of(Op::softmax, {.m = 3, .n = 8})));
}

TEST(Launch, EveryRowIsWrittenOnceWhateverTheBands) {
  for (const DeviceTraits& device : {desktop_gpu(), software_device()}) {
    for (const Kernel& kernel : catalogue()) {
      for (const std::uint32_t m : {1U, 97U, 1000U}) {
        const auto launch = kernel.launch(problem_of(kernel.op, {.m = m, .n = 33, .k = 17}),
                                          kernel.paths.front(), device);
        ASSERT_TRUE(launch) << launch.error().message;
        for (const std::uint32_t band : {m, launch->row_granule, 3 * launch->row_granule}) {
          const auto count = coverage(*launch, m, band);
          EXPECT_TRUE(std::ranges::all_of(count, [](int times) { return times == 1; }))
              << device.name << " " << to_string(kernel.op) << " " << kernel.name << " m = " << m
              << " band = " << band;
        }
      }
    }
  }
}

// With 2 workgroups along y, the 97 rows of a tile of 8 need 13 row tiles: 7 dispatches.
TEST(Launch, RowTilesBeyondTheLimitBecomeMoreDispatches) {
  DeviceTraits device = desktop_gpu();
  device.max_workgroup_count = {65535, 2, 65535};
  const auto launch =
      find_kernel(Op::gemm, "naive")->launch(gemm({97, 5, 3}), Precision::fp32, device);

  const auto steps = launch->steps({0, 97});

  EXPECT_EQ(steps.size(), 7U);
  for (const Step& step : steps) EXPECT_LE(step.groups[1], 2U);
  EXPECT_TRUE(std::ranges::all_of(coverage(*launch, 97, 97), [](int times) { return times == 1; }));
}

TEST(Launch, EveryGridFitsTheDevice) {
  const DeviceTraits device = software_device();
  for (const Kernel& kernel : catalogue()) {
    const auto problem = problem_of(kernel.op, {.m = 1U << 20, .n = 100, .k = 3, .batch = 7});
    const auto launch = kernel.launch(problem, kernel.paths.front(), device);
    ASSERT_TRUE(launch) << launch.error().message;
    for (const Step& step : launch->steps({0, problem.shape.m})) {
      for (int axis = 0; axis < 3; ++axis) {
        EXPECT_GT(step.groups[axis], 0U);
        EXPECT_LE(step.groups[axis], device.max_workgroup_count[axis]);
      }
    }
  }
}

TEST(Launch, EveryModuleThatALaunchNamesIsEmbedded) {
  for (bool int64 : {true, false}) {
    DeviceTraits device = software_device();
    device.shader_int64 = int64;
    set_bfloat16(device, 8);
    for (const Kernel& kernel : catalogue()) {
      for (const Precision precision : kernel.paths) {
        const auto launch =
            kernel.launch(problem_of(kernel.op, {.m = 9, .n = 9, .k = 9}), precision, device);
        ASSERT_TRUE(launch) << launch.error().message;
        for (const Step& step : launch->steps({0, 9})) {
          EXPECT_FALSE(shader_code(step.pipeline.shader).empty()) << step.pipeline.shader;
        }
      }
    }
  }
}

TEST(Launch, NoConstantIsGivenTwice) {
  for (const Kernel& kernel : catalogue()) {
    const auto launch = kernel.launch(problem_of(kernel.op, {.m = 999, .n = 999, .k = 999}),
                                      kernel.paths.front(), desktop_gpu());
    for (const Step& step : launch->steps({0, 999})) {
      std::set<std::uint32_t> ids;
      for (const SpecConstant& entry : step.pipeline.constants) {
        EXPECT_TRUE(ids.insert(entry.id).second) << step.pipeline.shader << " id " << entry.id;
      }
    }
  }
}

std::string refusal(std::string_view kernel, const Problem& problem, Precision precision,
                    const DeviceTraits& device) {
  const auto launch = find_kernel(problem.op, kernel)->launch(problem, precision, device);
  if (launch) return "";
  EXPECT_EQ(launch.error().kind, ErrorKind::unsupported);
  return launch.error().message;
}

TEST(Limits, MissingHalfFeaturesAreNamed) {
  DeviceTraits no_arithmetic = desktop_gpu(), no_storage = desktop_gpu();
  no_arithmetic.shader_float16 = false;
  no_storage.storage_16bit = false;
  const Problem problem = gemm({64, 64, 64});

  EXPECT_THAT(refusal("tiled", problem, Precision::fp16, no_arithmetic),
              HasSubstr("shaderFloat16"));
  EXPECT_EQ(refusal("tiled", problem, Precision::fp16_acc32, no_arithmetic), "");
  EXPECT_THAT(refusal("tiled", problem, Precision::fp32_via_fp16, no_arithmetic),
              HasSubstr("shaderFloat16"));
  EXPECT_THAT(refusal("tiled", problem, Precision::fp16_acc32, no_storage),
              HasSubstr("storageBuffer16BitAccess"));
  EXPECT_EQ(refusal("tiled", problem, Precision::fp32_via_fp16, no_storage), "");
  // The packed copies of direct are FP16.
  EXPECT_THAT(refusal("direct", problem, Precision::fp32_via_fp16, no_storage),
              HasSubstr("storageBuffer16BitAccess"));
}

TEST(Limits, TooManyGroupsAreRefusedWithTheLimit) {
  EXPECT_THAT(refusal("naive", gemm({.m = 1, .n = 1, .k = 1, .batch = 70000}), Precision::fp32,
                      desktop_gpu()),
              HasSubstr("70000 workgroups along z, the limit is 65535"));
  // 2^21 columns are 131072 tiles of 16.
  EXPECT_THAT(refusal("naive", gemm({1, 1U << 21, 1}), Precision::fp32, desktop_gpu()),
              HasSubstr("131072 workgroups along x"));
}

TEST(Limits, TiledShrinksUntilItFits) {
  DeviceTraits device = desktop_gpu();
  const Kernel& tiled = *find_kernel(Op::gemm, "tiled");
  const Problem problem = gemm({4096, 4096, 64});
  EXPECT_THAT(tiled.launch(problem, Precision::fp32, device)->params, HasSubstr("tile=128x128x16"));

  device.max_workgroup_invocations = 128;
  EXPECT_THAT(tiled.launch(problem, Precision::fp32, device)->params, HasSubstr("tile=64x64x16"));
  // 16·(16 + 16 + 2) vectors of 16 bytes are 8704: 64 x 64 does not fit in 8000.
  device.max_shared_bytes = 8000;
  EXPECT_THAT(tiled.launch(problem, Precision::fp32, device)->params, HasSubstr("tile=32x32x16"));
  device.max_shared_bytes = 1000;
  EXPECT_THAT(refusal("tiled", problem, Precision::fp32, device), HasSubstr("shared memory"));
}

Launch split_launch(Shape shape) {
  return *find_kernel(Op::gemm, "split")->launch(gemm(shape), Precision::fp32, desktop_gpu());
}

// 64 x 64 outputs are a tile: 8 parts are the most. 1024 x 512 are 128 tiles, which are enough.
TEST(Split, TakesAsManyPartsAsFillAGpuAndNoneThatIsShort) {
  EXPECT_EQ(split_launch({64, 64, 65536}).params, "tile=64x64x16 splits=8x8192");
  EXPECT_EQ(split_launch({64, 64, 1024}).params, "tile=64x64x16 splits=4x256");
  EXPECT_EQ(split_launch({1024, 512, 65536}).params, "tile=64x64x16 splits=2x32768");
  EXPECT_EQ(split_launch({64, 64, 17}).params, "tile=64x64x16 splits=2x16");
}

// 1025 terms in four parts of whole tiles; the last part ends where k does.
TEST(Split, PartsAreWholeTilesSideBySideAndAddedAfterwards) {
  const Launch launch = split_launch({100, 200, 1024 + 1, 3});
  const auto steps = launch.steps({64, 100});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(constant(steps[0], 15), 4U);
  EXPECT_EQ(constant(steps[0], 16), 272U);
  EXPECT_EQ(steps[0].groups, (std::array<std::uint32_t, 3>{4, 1, 3 * 4}));
  EXPECT_EQ(steps[1].pipeline.shader, "gemm_add_parts_fp32");
  EXPECT_EQ(steps[1].groups, (std::array<std::uint32_t, 3>{2, 36, 3}));
  EXPECT_EQ(launch.scratch0_bytes, 4ULL * 3 * 100 * 200 * sizeof(float));
}

// 100,000 columns are 25,000 runs of four: 16 parts of 1563, the next more would be too short.
TEST(Split, LongRowsAreCutIntoPartsThatFillAGpu) {
  const auto params = [](std::uint32_t m, std::uint32_t n) {
    return find_kernel(Op::softmax, "split")
        ->launch(problem_of(Op::softmax, {.m = m, .n = n}), Precision::fp32, desktop_gpu())
        ->params;
  };
  EXPECT_EQ(params(1, 100000), "threads=256 parts=16x6252");
  EXPECT_EQ(params(64, 100000), "threads=256 parts=2x50000");
  EXPECT_EQ(params(8, 1 << 20), "threads=256 parts=16x65536");
  EXPECT_EQ(params(1, 3), "threads=256 parts=2x4");
}

TEST(Split, EveryPartOfARowIsAWorkgroupTwice) {
  const auto launch = *find_kernel(Op::softmax, "split")
                           ->launch(problem_of(Op::softmax, {.m = 5, .n = 100000, .batch = 3}),
                                    Precision::fp16, desktop_gpu());
  const auto steps = launch.steps({0, 5});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].pipeline.shader, "softmax_split_parts_fp16");
  EXPECT_EQ(steps[1].pipeline.shader, "softmax_split_shares_fp16");
  for (const Step& step : steps) {
    EXPECT_EQ(step.groups, (std::array<std::uint32_t, 3>{16, 5, 3}));
  }
  EXPECT_EQ(launch.scratch0_bytes, 3ULL * 5 * 16 * 8);
}

TEST(Split, SumsBeyondTheirIndicesAreRefused) {
  EXPECT_THAT(refusal("split", gemm({32768, 32768, 512, 2}), Precision::fp32, desktop_gpu()),
              HasSubstr("2^31"));
}

// A part of 64 x 64 is 128 sums to each of 32 lanes, and 512 to each of 8.
TEST(Coop, TileFollowsMatrixSubgroupAndLimits) {
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  const Problem problem = gemm({4096, 4096, 64});
  const auto params = [&](const DeviceTraits& device, Precision precision) {
    return coop.launch(problem, precision, device)->params;
  };
  DeviceTraits device = desktop_gpu();
  EXPECT_EQ(params(device, Precision::fp16_acc32),
            "tile=128x128x32 matrix=16x16x16 subgroups=2x2x32 pad=1 group=8");
  EXPECT_EQ(params(software_device(), Precision::fp16),
            "tile=32x32x32 matrix=8x8x8 subgroups=2x2x8 pad=1 group=8");
  DeviceTraits narrow = software_device();
  narrow.type = DeviceType::integrated;
  EXPECT_EQ(params(narrow, Precision::fp16),
            "tile=64x64x32 matrix=8x8x8 subgroups=2x2x8 pad=1 group=8");
  EXPECT_THAT(coop.launch(gemm({64, 64, 64}), Precision::fp16, device)->params,
              HasSubstr("tile=32x32x32"));

  // 2·128·5 + 2·64·5 vectors and 4 stages of 1 KiB: 128 x 128 needs 24 KiB, 64 x 64 14 KiB.
  device.max_shared_bytes = 20 * 1024;
  EXPECT_THAT(params(device, Precision::fp16_acc32), HasSubstr("tile=64x64x32"));
  device.max_shared_bytes = 1000;
  EXPECT_THAT(refusal("coop", problem, Precision::fp16, device), HasSubstr("shared memory"));
}

TEST(Coop, TileIsMadeOfWholeMatricesWhateverTheirSides) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrices = {
      {48, 24, 40, "float16", "float16", "float32", "float32", "subgroup"}};
  const auto launch =
      find_kernel(Op::gemm, "coop")->launch(gemm({999, 999, 99}), Precision::fp16_acc32, device);
  EXPECT_EQ(launch->params, "tile=96x96x40 matrix=48x24x40 subgroups=2x2x32 pad=1 group=8");
}

TEST(Coop, AsksForTheSubgroupThatItCountsOn) {
  const auto launch =
      find_kernel(Op::linear, "coop")
          ->launch(problem_of(Op::linear, {64, 64, 64}), Precision::fp16, software_device());
  const PipelineSpec pipeline = launch->steps({0, 64}).front().pipeline;
  EXPECT_EQ(pipeline.required_subgroup_size, 8U);
  EXPECT_TRUE(pipeline.full_subgroups);
}

// As many bytes of a row as on the paths that store FP16; matrices of another side than those of
// FP16.
TEST(Coop, Bf16IsReadHalfAsDeepAndTakesItsOwnMatrices) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrices.pop_back();
  set_bfloat16(device, 8);
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  const Problem problem = gemm({4096, 4096, 64});

  EXPECT_EQ(coop.launch(problem, Precision::bf16, device)->params,
            "tile=128x128x16 matrix=8x8x8 subgroups=2x2x32 pad=1 group=8");
  EXPECT_EQ(coop.launch(problem, Precision::fp16_acc32, device)->params,
            "tile=128x128x32 matrix=16x16x16 subgroups=2x2x32 pad=1 group=8");
  device.cooperative_matrices.back().k = 32;
  EXPECT_THAT(coop.launch(problem, Precision::bf16, device)->params,
              HasSubstr("tile=128x128x32 matrix=8x8x32"));
}

TEST(Coop, Bf16HasModulesOfItsOwn) {
  for (const Op op : {Op::gemm, Op::linear}) {
    const auto launch = find_kernel(op, "coop")
                            ->launch(problem_of(op, {64, 64, 64}), Precision::bf16, desktop_gpu());
    const PipelineSpec pipeline = launch->steps({0, 64}).front().pipeline;
    EXPECT_EQ(pipeline.shader, std::string(to_string(op)) + "_coop_bf16");
    EXPECT_FALSE(shader_code(pipeline.shader).empty());
  }
}

TEST(Coop, SaysWhatBf16LacksAndAsksForNoFp16) {
  const Problem problem = gemm({64, 64, 64});
  DeviceTraits old_driver = desktop_gpu(), older_driver = desktop_gpu(),
               no_features = desktop_gpu(), no_matrices = desktop_gpu(), no_shape = desktop_gpu(),
               no_half = desktop_gpu();
  old_driver.bfloat16 = {};
  old_driver.driver_id = "MESA_LLVMPIPE";
  old_driver.driver_info = "Mesa 26.1.6";
  older_driver.bfloat16 = {};
  older_driver.cooperative_matrix = CooperativeMatrixSupport::not_listed;
  no_features.bfloat16.type = no_features.bfloat16.cooperative_matrix = false;
  no_matrices.bfloat16.cooperative_matrix = false;
  no_shape.cooperative_matrices.pop_back();
  no_half.shader_float16 = no_half.storage_16bit = false;

  EXPECT_EQ(refusal("coop", problem, Precision::bf16, old_driver),
            "driver: MESA_LLVMPIPE Mesa 26.1.6 does not list VK_KHR_shader_bfloat16");
  EXPECT_THAT(refusal("coop", problem, Precision::bf16, older_driver),
              HasSubstr("does not list VK_KHR_cooperative_matrix"));
  EXPECT_EQ(refusal("coop", problem, Precision::bf16, no_features),
            "device: desktop has not shaderBFloat16Type, nor shaderBFloat16CooperativeMatrix");
  EXPECT_EQ(refusal("coop", problem, Precision::bf16, no_matrices),
            "device: desktop has not shaderBFloat16CooperativeMatrix");
  EXPECT_EQ(refusal("coop", problem, Precision::bf16, no_shape),
            "device: desktop has not a cooperative matrix of bfloat16 with sums in float32 for a "
            "subgroup, its sides multiples of 8");
  EXPECT_TRUE(find_kernel(Op::gemm, "coop")->launch(problem, Precision::bf16, no_half));
  EXPECT_TRUE(find_kernel(Op::gemm, "coop")->launch(problem, Precision::fp16, old_driver));
}

TEST(Coop, WideVectorsNeedRowsOfEights) {
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  constexpr std::uint32_t kRows8 = 20;
  for (const auto& [shape, expected] :
       {std::pair{Shape{9, 64, 64}, 1U}, {Shape{9, 68, 64}, 0U}, {Shape{9, 64, 68}, 0U}}) {
    const auto launch = coop.launch(gemm(shape), Precision::fp16, desktop_gpu());
    EXPECT_EQ(constant(launch->steps({0, 9}).front(), kRows8), expected);
  }
}

TEST(Coop, SaysWhetherDriverOrDeviceLeavesItWithout) {
  const Problem problem = gemm({64, 64, 64});
  DeviceTraits old_driver = desktop_gpu(), no_feature = desktop_gpu(), no_shape = desktop_gpu(),
               no_half = desktop_gpu();
  old_driver.cooperative_matrix = CooperativeMatrixSupport::not_listed;
  old_driver.driver_id = "MESA_LLVMPIPE";
  old_driver.driver_info = "Mesa 22.3.6";
  no_feature.cooperative_matrix = CooperativeMatrixSupport::no_feature;
  no_shape.cooperative_matrices.resize(1);
  no_half.shader_float16 = no_half.full_subgroups = false;

  EXPECT_EQ(refusal("coop", problem, Precision::fp16, old_driver),
            "driver: MESA_LLVMPIPE Mesa 22.3.6 does not list VK_KHR_cooperative_matrix");
  EXPECT_EQ(refusal("coop", problem, Precision::fp16, no_feature),
            "device: desktop has not the feature cooperativeMatrix");
  EXPECT_THAT(refusal("coop", problem, Precision::fp16_acc32, no_shape),
              HasSubstr("float16 with sums in float32"));
  EXPECT_EQ(refusal("coop", problem, Precision::fp16, no_half),
            "device: desktop has not shaderFloat16, nor computeFullSubgroups");
  EXPECT_THAT(refusal("coop", problem, Precision::fp32, desktop_gpu()),
              HasSubstr("coop has no fp32, only fp16, fp16_acc32, bf16"));
}

std::string params_of_coop_split(Shape shape, const DeviceTraits& device,
                                 Precision precision = Precision::fp16_acc32) {
  const auto launch = find_kernel(Op::gemm, "coop_split")->launch(gemm(shape), precision, device);
  return launch ? launch->params : launch.error().message;
}

// 512 x 512 outputs are 16 tiles of 128 x 128: 128 workgroups with eight parts, 32 with two. Where
// parts do not make 64 workgroups of it, the tile is a smaller one.
TEST(CoopSplit, TileIsTheLargestWhosePartsFillAGpu) {
  EXPECT_EQ(params_of_coop_split({512, 512, 4096}, desktop_gpu()),
            "tile=128x128x32 matrix=16x16x16 subgroups=2x2x32 pad=1 group=8 splits=8x512");
  EXPECT_THAT(params_of_coop_split({512, 512, 512}, desktop_gpu()),
              ::testing::AllOf(HasSubstr("tile=64x64x32"), HasSubstr("splits=2x256")));
  EXPECT_THAT(params_of_coop_split({64, 64, 65536}, desktop_gpu()),
              ::testing::AllOf(HasSubstr("tile=32x32x32"), HasSubstr("splits=8x8192")));
  EXPECT_THAT(params_of_coop_split({4096, 4096, 4096}, desktop_gpu()), HasSubstr("splits=2x2048"));
  EXPECT_THAT(params_of_coop_split({512, 512, 4096}, software_device()),
              HasSubstr("tile=32x32x32 matrix=8x8x8"));
}

// Rows of FP32 are read half as deep; matrices of 40 terms make parts of as many.
TEST(CoopSplit, PartsAreWholeTilesAlongK) {
  EXPECT_THAT(params_of_coop_split({64, 64, 17}, desktop_gpu()), HasSubstr("splits=2x32"));
  EXPECT_THAT(params_of_coop_split({64, 64, 17}, desktop_gpu(), Precision::bf16),
              HasSubstr("splits=2x16"));
  EXPECT_THAT(params_of_coop_split({64, 64, 1025}, desktop_gpu()), HasSubstr("splits=4x288"));
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrices = {
      {48, 24, 40, "float16", "float16", "float32", "float32", "subgroup"}};
  EXPECT_THAT(params_of_coop_split({64, 64, 1025}, device), HasSubstr("splits=4x280"));
}

TEST(CoopSplit, PartsGoSideBySideAndAreAddedAfterwards) {
  for (const Op op : {Op::gemm, Op::linear}) {
    const Launch launch =
        *find_kernel(op, "coop_split")
             ->launch(problem_of(op, {100, 200, 1025, 3}), Precision::fp16, software_device());
    EXPECT_EQ(launch.row_granule, 32U);
    const auto steps = launch.steps({64, 100});
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].pipeline.shader, "coop_parts_fp16");
    EXPECT_EQ(steps[0].pipeline.required_subgroup_size, 8U);
    EXPECT_EQ(constant(steps[0], 15), 2U);
    EXPECT_EQ(constant(steps[0], 16), 544U);
    EXPECT_EQ(steps[0].groups, (std::array<std::uint32_t, 3>{7, 2, 3 * 2}));
    EXPECT_EQ(steps[1].pipeline.shader, std::string(to_string(op)) + "_add_parts_fp16");
    EXPECT_EQ(constant(steps[1], 15), 2U);
    EXPECT_EQ(steps[1].groups, (std::array<std::uint32_t, 3>{2, 36, 3}));
    EXPECT_EQ(launch.scratch0_bytes, 2ULL * 3 * 100 * 200 * sizeof(float));
  }
}

TEST(CoopSplit, TakesTheTilingAndThePartsThatItIsGiven) {
  const auto tuning = *parse_tuning(
      "subgroups_m=1 subgroups_n=2 part_m=32 part_n=16 tile_k=64 pad=0 group_rows=4 splits=16");
  const Launch launch = *find_kernel(Op::gemm, "coop_split")
                             ->launch(gemm({64, 64, 4096}), Precision::fp16, desktop_gpu(), tuning);
  EXPECT_EQ(launch.params,
            "tile=32x32x64 matrix=16x16x16 subgroups=1x2x32 pad=0 group=4 splits=16x256");
  EXPECT_EQ(launch.tuning, tuning);
}

// The loop over a part is counted, and not that over k.
TEST(CoopSplit, RoundsAreThoseOfAPart) {
  DeviceTraits device = software_device();
  device.max_loop_rounds = 3000;
  const Problem problem = gemm({64, 64, 1U << 17});
  EXPECT_THAT(refusal("coop", problem, Precision::fp16, device), HasSubstr("rounds"));
  EXPECT_EQ(refusal("coop_split", problem, Precision::fp16, device), "");
}

TEST(CoopSplit, SaysWhatIsMissingAsCoopDoes) {
  DeviceTraits no_feature = desktop_gpu();
  no_feature.cooperative_matrix = CooperativeMatrixSupport::no_feature;
  const Problem problem = gemm({64, 64, 4096});
  EXPECT_EQ(refusal("coop_split", problem, Precision::fp16, no_feature),
            "device: desktop has not the feature cooperativeMatrix");
  EXPECT_THAT(refusal("coop_split", problem, Precision::fp32, desktop_gpu()),
              HasSubstr("coop_split has no fp32, only fp16, fp16_acc32, bf16"));
  EXPECT_THAT(refusal("coop_split", gemm({32768, 32768, 512, 2}), Precision::fp16, desktop_gpu()),
              HasSubstr("2^31"));
  EXPECT_THAT(without(*find_kernel(Op::gemm, "coop_split"), Precision::fp16, Build::strict),
              HasSubstr("no strict build"));
}

std::string params_of_coop2(const Problem& problem, const DeviceTraits& device,
                            Precision precision = Precision::fp16_acc32) {
  const auto launch = find_kernel(problem.op, "coop2")->launch(problem, precision, device);
  return launch ? launch->params : launch.error().message;
}

// 2048² are 64 tiles of 256 x 256 but 128 of 128 x 256; 1024² are 64 of 128 x 128.
TEST(Coop2, TileFollowsWhatTheDeviceLists) {
  DeviceTraits device = desktop_gpu();
  EXPECT_EQ(params_of_coop2(gemm({2048, 2048, 64}), device),
            "tile=128x256x64 workgroup=256 by tensors unroll=1 group=8");
  EXPECT_THAT(params_of_coop2(gemm({1024, 1024, 64}), device), HasSubstr("tile=128x128x64"));
  EXPECT_EQ(params_of_coop2(gemm({64, 64, 64}), device),
            "tile=64x64x64 workgroup=128 by tensors unroll=1 group=8");

  device.cooperative_matrix_2.max_workgroup_invocations = 128;
  EXPECT_THAT(params_of_coop2(gemm({4096, 4096, 64}), device), HasSubstr("tile=64x64x64"));
  for (FlexibleMatrixShape& shape : device.cooperative_matrix_2.flexible_shapes) {
    shape.granule.m = 48;
  }
  EXPECT_THAT(params_of_coop2(gemm({4096, 4096, 64}), device), HasSubstr("tile=96x64x64"));
}

TEST(Coop2, TakesASubgroupsMatricesWhereAWorkgroupHasNone) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrix_2.workgroup_scope = false;
  EXPECT_EQ(params_of_coop2(gemm({999, 999, 99}), device),
            "tile=64x64x32 subgroup=32 by tensors unroll=1 group=8");
  device.cooperative_matrix_2.tensor_addressing = false;
  EXPECT_THAT(params_of_coop2(gemm({999, 999, 99}), device), HasSubstr("by elements"));
}

TEST(Coop2, ModuleAndScopeAreThoseThatWereChosen) {
  constexpr std::uint32_t kScope = 10;
  DeviceTraits device = desktop_gpu();
  const Kernel& coop2 = *find_kernel(Op::linear, "coop2");
  const Problem problem = problem_of(Op::linear, {64, 64, 64});
  const Step of_workgroup = coop2.launch(problem, Precision::fp16, device)->steps({0, 64}).front();
  EXPECT_EQ(of_workgroup.pipeline.shader, "linear_coop2_tensors_fp16");
  EXPECT_EQ(constant(of_workgroup, kScope), 2U);
  EXPECT_TRUE(of_workgroup.pipeline.full_subgroups);

  device.cooperative_matrix_2.workgroup_scope = false;
  device.cooperative_matrix_2.tensor_addressing = false;
  const Step of_subgroup = coop2.launch(problem, Precision::fp16, device)->steps({0, 64}).front();
  EXPECT_EQ(of_subgroup.pipeline.shader, "linear_coop2_elements_fp16");
  EXPECT_EQ(constant(of_subgroup, kScope), 3U);
}

// A driver may be faster, or right, with one of them alone.
TEST(Coop2, TunerMayChooseWhoMovesMatrices) {
  DeviceTraits device = desktop_gpu();
  const auto tuned = [&](std::string_view unroll, std::string_view tensors) {
    const auto tuning = parse_tuning(
        fmt::format("threads=256 tile_m=128 tile_n=256 tile_k=64 unroll={} group_rows=4 tensors={}",
                    unroll, tensors));
    const auto launch = find_kernel(Op::gemm, "coop2")
                            ->launch(gemm({64, 64, 64}), Precision::fp16, device, *tuning);
    return launch ? launch->params + " " + launch->steps({0, 64}).front().pipeline.shader
                  : launch.error().message;
  };
  EXPECT_EQ(tuned("4", "1"),
            "tile=128x256x64 workgroup=256 by tensors unroll=4 group=4 gemm_coop2_tensors_fp16");
  EXPECT_EQ(tuned("1", "0"),
            "tile=128x256x64 workgroup=256 by elements unroll=1 group=4 gemm_coop2_elements_fp16");
  EXPECT_EQ(tuned("4", "0"), "the loop over elements has no unrolled steps");

  device.cooperative_matrix_2.tensor_addressing = false;
  EXPECT_THAT(tuned("1", "1"), HasSubstr("has not the feature cooperativeMatrixTensorAddressing"));
  device = desktop_gpu();
  device.cooperative_matrix_2.per_element_operations = false;
  EXPECT_THAT(tuned("1", "0"),
              HasSubstr("has not the feature cooperativeMatrixPerElementOperations"));
}

TEST(Coop2, SaysWhichBitIsMissing) {
  const Problem product = gemm({64, 64, 64}), layer = problem_of(Op::linear, {64, 64, 64});
  const auto why = [](const Problem& problem, auto&& change) {
    DeviceTraits device = desktop_gpu();
    change(device, device.cooperative_matrix_2);
    return params_of_coop2(problem, device);
  };
  EXPECT_THAT(why(product, [](auto&, auto& matrices) { matrices.is_listed = false; }),
              HasSubstr("does not list VK_NV_cooperative_matrix2"));
  EXPECT_THAT(why(product, [](auto& device, auto&) { device.api_version = "1.2.131"; }),
              HasSubstr("has not Vulkan 1.3"));
  EXPECT_THAT(why(product, [](auto&, auto& matrices) { matrices.flexible_dimensions = false; }),
              HasSubstr("device: desktop has not the feature cooperativeMatrixFlexibleDimensions"));
  EXPECT_THAT(why(product, [](auto&, auto& matrices) { matrices.flexible_shapes.clear(); }),
              HasSubstr("a flexible matrix of float16 with sums in float32"));
  EXPECT_THAT(why(product,
                  [](auto&, auto& matrices) {
                    matrices.tensor_addressing = matrices.per_element_operations = false;
                  }),
              HasSubstr("cooperativeMatrixTensorAddressing, nor"));
  const auto no_functions = [](auto&, auto& matrices) { matrices.per_element_operations = false; };
  EXPECT_THAT(why(layer, no_functions), HasSubstr("cooperativeMatrixPerElementOperations"));
  EXPECT_THAT(why(product, no_functions), HasSubstr("by tensors"));
}

TEST(Coop2, SharedMemoryOfTheDriverCounts) {
  DeviceTraits device = desktop_gpu();
  device.cooperative_matrix_2.reserved_shared_bytes = device.max_shared_bytes + 1;
  EXPECT_THAT(params_of_coop2(gemm({4096, 4096, 64}), device), HasSubstr("subgroup=32"));
}

TEST(Coop, HasNoStrictBuild) {
  const Kernel& coop = *find_kernel(Op::gemm, "coop");
  EXPECT_EQ(without(coop, Precision::fp16, Build::as_is), "");
  EXPECT_THAT(without(coop, Precision::fp16, Build::strict), HasSubstr("no strict build"));
  EXPECT_EQ(without(*find_kernel(Op::gemm, "tiled"), Precision::fp16, Build::strict), "");
}

Launch direct_softmax(std::uint32_t n, Precision precision, const DeviceTraits& device) {
  return *find_kernel(Op::softmax, "direct")
              ->launch(problem_of(Op::softmax, {.m = 4, .n = n}), precision, device);
}

DeviceTraits mesa_22() {
  DeviceTraits device = software_device();
  device.driver_info = "Mesa 22.3.6 (LLVM 15.0.6)";
  return device;
}

TEST(DirectSoftmax, FetchesTexelsOfTheStoredFormatOnLlvmpipe) {
  for (const Precision precision : find_kernel(Op::softmax, "direct")->paths) {
    const TexelFormat stored =
        storage(precision) == Format::f16 ? TexelFormat::f16 : TexelFormat::f32;
    const Launch launch = direct_softmax(100, precision, mesa_22());
    EXPECT_EQ(launch.params, "lanes=8 runs=4 feed=texels") << to_string(precision);
    const PipelineSpec pipeline = launch.steps({0, 4}).front().pipeline;
    EXPECT_EQ(pipeline.shader, module_name("softmax", "direct_texels", precision));
    EXPECT_EQ(pipeline.texels, (std::vector<TexelBuffer>{{BufferRole::a, stored}}));
    EXPECT_EQ(direct_softmax(100, precision, desktop_gpu()).params, "lanes=32");
  }
}

TEST(DirectSoftmax, LoadsPlainlyWhatTexelsDoNotFit) {
  DeviceTraits few = mesa_22(), no_words = mesa_22(), no_halves = mesa_22();
  few.max_texels = 99;  // 4 rows of 100 are 100
  no_words.shader_int64 = false;
  no_halves.shader_float16 = false;
  for (const Precision precision : {Precision::fp32, Precision::fp16_acc32}) {
    EXPECT_EQ(direct_softmax(101, precision, mesa_22()).params, "lanes=8") << "unaligned";
    EXPECT_EQ(direct_softmax(100, precision, few).params, "lanes=8");
    EXPECT_EQ(direct_softmax(100, precision, no_words).params, "lanes=8");
  }
  EXPECT_EQ(direct_softmax(100, Precision::fp16_acc32, no_halves).params, "lanes=8");
  EXPECT_THAT(direct_softmax(100, Precision::fp32, no_halves).params, HasSubstr("texels"));
}

TEST(Limits, SoftmaxDirectNeedsAKnownSubgroup) {
  DeviceTraits device = desktop_gpu();
  device.min_subgroup_size = 8;
  const Problem problem = problem_of(Op::softmax, {.m = 4, .n = 100});
  EXPECT_EQ(refusal("direct", problem, Precision::fp32, device), "");

  device.subgroup_size_control = false;
  EXPECT_THAT(refusal("direct", problem, Precision::fp32, device), HasSubstr("subgroup"));
}

TEST(Limits, SoftmaxThatReducesInSubgroupsNeedsTheirArithmetic) {
  DeviceTraits device = desktop_gpu();
  device.subgroup_arithmetic = false;
  const Problem problem = problem_of(Op::softmax, {.m = 4, .n = 100});
  for (const char* kernel : {"tiled", "split", "direct"}) {
    EXPECT_THAT(refusal(kernel, problem, Precision::fp32, device), HasSubstr("SUBGROUP_FEATURE"))
        << kernel;
  }
  EXPECT_EQ(refusal("naive", problem, Precision::fp32, device), "");
  EXPECT_EQ(choose_kernel(problem, Precision::fp32, Build::as_is, device).kernel->name, "naive");
}

// B as 64-bit pairs takes as much as B itself when nothing needs padding: 1 GiB at 16384². A is
// packed 64 MiB at a time.
TEST(Memory, HeadlineSizeOnASoftwareDeviceStaysBelowFiveGiB) {
  const Problem problem = gemm({16384, 16384, 16384});
  const auto launch =
      find_kernel(Op::gemm, "direct")->launch(problem, Precision::fp32, software_device());

  EXPECT_EQ(launch->scratch0_bytes, 64ULL << 20);
  EXPECT_EQ(launch->scratch1_bytes, 1ULL << 30);
  const std::uint64_t four_matrices_and_a_run = (4ULL << 30) + (64ULL << 20);
  EXPECT_EQ(device_bytes(problem, Precision::fp32, *launch),
            four_matrices_and_a_run + 5 * 128 * 1024);  // guards of five buffers
}

TEST(UserKernel, GetsTheContractAndItsOwnConstants) {
  const auto launch =
      launch_user_kernel({64, 32, {{8, 5}}}, gemm({100, 70, 9}), Precision::fp32, desktop_gpu());

  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->scratch0_bytes, 4096U);
  EXPECT_EQ(launch->row_granule, 64U);
  const auto steps = launch->steps({0, 100});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].pipeline.shader, "user");
  EXPECT_EQ(steps[0].pipeline.push_bytes, 72U);
  EXPECT_EQ(steps[0].groups, (std::array<std::uint32_t, 3>{3, 2, 1}));  // 70/32 and 100/64
  EXPECT_EQ(constant(steps[0], 3), 64U);
  EXPECT_EQ(constant(steps[0], 4), 32U);
  EXPECT_EQ(constant(steps[0], 8), 5U);
}

TEST(UserKernel, ReservedConstantsAndEmptyTilesAreInputErrors) {
  const auto reserved =
      launch_user_kernel({1, 1, {{7, 5}}}, gemm({4, 4, 4}), Precision::fp32, desktop_gpu());
  ASSERT_FALSE(reserved);
  EXPECT_EQ(reserved.error().kind, ErrorKind::input);
  EXPECT_THAT(reserved.error().message, HasSubstr("id 7"));
  const auto empty =
      launch_user_kernel({0, 1, {}}, gemm({4, 4, 4}), Precision::fp32, desktop_gpu());
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::input);
}

}  // namespace
}  // namespace gpubench
