// Which kernel a case runs, with which code, and what is said when there is none.
#include "run/prepare.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "unit/kernels/traits.h"
#include "unit/record/sample_rows.h"

namespace gpubench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kShader = "#version 450\nvoid main() {}\n";
constexpr std::uint32_t kSpirvMagic = 0x07230203;

Problem product(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
  return {.op = Op::gemm, .shape = {.m = m, .n = n, .k = k}};
}

KernelChoiceSpec named(const std::string& name) {
  KernelChoiceSpec spec;
  spec.name = name;
  return spec;
}

KernelChoiceSpec user_glsl(const std::string& file) {
  KernelChoiceSpec spec = named("user");
  spec.glsl_file = file;
  spec.tile_m = 8;
  spec.tile_n = 16;
  return spec;
}

Result<PreparedKernel> prepare(const KernelChoiceSpec& spec, const Problem& problem,
                               Precision precision = Precision::fp32,
                               const DeviceTraits& device = desktop_gpu(),
                               const UserCode& code = {}) {
  return prepare_kernel(spec, problem, precision, device, {code, {}});
}

/// The message of the refusal, which must be of this kind.
std::string refusal(const Result<PreparedKernel>& prepared, ErrorKind kind) {
  if (prepared) return "it was prepared as " + prepared->name;
  EXPECT_EQ(prepared.error().kind, kind) << prepared.error().message;
  return prepared.error().message;
}

std::string params_of(const char* kernel, const Problem& problem) {
  return find_kernel(problem.op, kernel)->launch(problem, Precision::fp32, desktop_gpu())->params;
}

TEST(PrepareKernel, AutoTakesWhatSuitsTheDeviceAndSaysWhy) {
  const auto gpu = prepare(named("auto"), product(512, 512, 512));
  const auto cpu =
      prepare(named("auto"), product(512, 512, 512), Precision::fp32, software_device());

  ASSERT_TRUE(gpu && cpu);
  EXPECT_EQ(gpu->name, "tiled");
  EXPECT_EQ(gpu->why, "GPU with shared memory");
  EXPECT_EQ(cpu->name, "direct");
  EXPECT_THAT(cpu->why, StartsWith("software device"));
}

TEST(PrepareKernel, NameIsTakenAtItsWord) {
  const Problem problem = product(512, 512, 512);  // auto: tiled
  for (const char* name : {"naive", "tiled", "direct"}) {
    const auto prepared = prepare(named(name), problem);

    ASSERT_TRUE(prepared) << prepared.error().message;
    EXPECT_EQ(prepared->name, name);
    EXPECT_EQ(prepared->why, "");
    EXPECT_EQ(prepared->launch.params, params_of(name, problem));
    EXPECT_THAT(prepared->user_code, IsEmpty());
  }
}

// The same name stands for another kernel in each operation.
TEST(PrepareKernel, NameIsLookedUpAmongTheKernelsOfTheOperation) {
  const Problem rows{.op = Op::softmax, .shape = {.m = 6, .n = 10, .k = 0}};

  const auto prepared = prepare(named("naive"), rows);

  ASSERT_TRUE(prepared);
  const auto steps = prepared->launch.steps({0, 6});
  ASSERT_FALSE(steps.empty());
  EXPECT_THAT(steps[0].pipeline.shader, StartsWith("softmax_naive"));
}

TEST(PrepareKernel, AutoFallsBackToNaiveAndSaysWhatWasInTheWay) {
  DeviceTraits device = desktop_gpu();
  device.max_shared_bytes = 1000;

  const auto prepared = prepare(named("auto"), product(512, 512, 512), Precision::fp32, device);

  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->name, "naive");
  EXPECT_THAT(prepared->why, AllOf(HasSubstr("tiled cannot run"), HasSubstr("shared memory")));
}

TEST(PrepareKernel, NamedKernelThatCannotRunIsUnsupportedAndNotReplaced) {
  DeviceTraits device = desktop_gpu();
  device.max_shared_bytes = 1000;

  const auto prepared = prepare(named("tiled"), product(512, 512, 512), Precision::fp32, device);

  EXPECT_THAT(refusal(prepared, ErrorKind::unsupported),
              AllOf(HasSubstr("shared memory"), HasSubstr("the limit is 1000 B")));
}

TEST(PrepareKernel, PrecisionThatTheDeviceLacksIsUnsupportedByAnyName) {
  DeviceTraits no_arithmetic = desktop_gpu(), no_storage = desktop_gpu();
  no_arithmetic.shader_float16 = false;
  no_storage.storage_16bit = false;
  const Problem problem = product(64, 64, 64);
  const UserCode code{{"glsl:k.comp", {kSpirvMagic}}};

  for (const KernelChoiceSpec& spec : {named("auto"), named("naive"), user_glsl("k.comp")}) {
    SCOPED_TRACE(spec.name);
    EXPECT_EQ(refusal(prepare(spec, problem, Precision::fp16, no_arithmetic, code),
                      ErrorKind::unsupported),
              "fp16 needs shaderFloat16");
    EXPECT_EQ(refusal(prepare(spec, problem, Precision::fp32_via_fp16, no_arithmetic, code),
                      ErrorKind::unsupported),
              "fp32_via_fp16 needs shaderFloat16");
    EXPECT_EQ(refusal(prepare(spec, problem, Precision::fp16_acc32, no_storage, code),
                      ErrorKind::unsupported),
              "fp16_acc32 needs storageBuffer16BitAccess");
    EXPECT_TRUE(prepare(spec, problem, Precision::fp16_acc32, no_arithmetic, code));
    EXPECT_TRUE(prepare(spec, problem, Precision::fp32, no_storage, code));
  }
}

TEST(PrepareKernel, TooManyWorkgroupsAreUnsupportedByAnyName) {
  Problem problem = product(1, 1, 1);
  problem.shape.batch = 65536;
  const UserCode code{{"glsl:k.comp", {kSpirvMagic}}};

  for (const KernelChoiceSpec& spec : {named("auto"), named("naive"), user_glsl("k.comp")}) {
    SCOPED_TRACE(spec.name);
    EXPECT_THAT(refusal(prepare(spec, problem, Precision::fp32, desktop_gpu(), code),
                        ErrorKind::unsupported),
                HasSubstr("65536 workgroups along z, the limit is 65535"));
  }
  problem.shape.batch = 65535;
  EXPECT_TRUE(prepare(named("naive"), problem));
}

TEST(PrepareKernel, UnknownNameIsAnInputErrorWithTheNearest) {
  EXPECT_EQ(refusal(prepare(named("tild"), product(4, 4, 4)), ErrorKind::input),
            "kernel \"tild\" is unknown for gemm; did you mean \"tiled\"?");
  EXPECT_EQ(refusal(prepare(named("Naive"), product(4, 4, 4)), ErrorKind::input),
            "kernel \"Naive\" is unknown for gemm; did you mean \"naive\"?");
}

TEST(PrepareKernel, NameLikeNoneIsAnInputErrorWithAll) {
  const Problem rows{.op = Op::softmax, .shape = {.m = 6, .n = 10, .k = 0}};

  EXPECT_EQ(
      refusal(prepare(named("cutlass"), rows), ErrorKind::input),
      "kernel \"cutlass\" is unknown for softmax; expected one of naive, tiled, split, direct");
  EXPECT_THAT(refusal(prepare(named(""), rows), ErrorKind::input),
              HasSubstr("kernel \"\" is unknown for softmax"));
  EXPECT_THAT(refusal(prepare(named("user"), rows), ErrorKind::input),
              HasSubstr("kernel \"user\" is unknown for softmax"));
}

TEST(PrepareKernel, UsersShaderIsNamedByItsFileAndRunsItsOwnCode) {
  const UserCode code{{"glsl:/shaders/another.comp", {kSpirvMagic, 1}},
                      {"glsl:/shaders/mine.comp", {kSpirvMagic, 2}}};
  KernelChoiceSpec spec = user_glsl("/shaders/mine.comp");
  spec.constants = {{8, 5}, {9, 4}};

  const auto prepared = prepare(spec, product(100, 70, 9), Precision::fp32, desktop_gpu(), code);

  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_EQ(prepared->name, "user:mine.comp");
  EXPECT_EQ(prepared->why, "");
  EXPECT_THAT(prepared->user_code, ElementsAre(kSpirvMagic, 2));
  EXPECT_EQ(prepared->launch.params, "tile=8x16 8=5 9=4");
  EXPECT_EQ(prepared->launch.row_granule, 8U);
  const auto steps = prepared->launch.steps({0, 100});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].groups, (std::array<std::uint32_t, 3>{5, 13, 1}));  // 70/16 and 100/8
}

TEST(PrepareKernel, UsersSpirvIsTakenWhereThereIsNoGlsl) {
  KernelChoiceSpec spec = named("user");
  spec.spirv_file = "mine.spv";

  const auto prepared = prepare(spec, product(4, 4, 4), Precision::fp32, desktop_gpu(),
                                {{"spirv:mine.spv", {kSpirvMagic}}});

  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_EQ(prepared->name, "user:mine.spv");
  EXPECT_THAT(prepared->user_code, ElementsAre(kSpirvMagic));
}

TEST(PrepareKernel, UsersEmptyTilesAndReservedConstantsAreInputErrors) {
  const UserCode code{{"glsl:k.comp", {kSpirvMagic}}};
  KernelChoiceSpec no_rows = user_glsl("k.comp"), no_columns = no_rows, reserved = no_rows;
  no_rows.tile_m = 0;
  no_columns.tile_n = 0;
  reserved.constants = {{8, 1}, {3, 1}};

  for (const KernelChoiceSpec& spec : {no_rows, no_columns}) {
    EXPECT_THAT(refusal(prepare(spec, product(4, 4, 4), Precision::fp32, desktop_gpu(), code),
                        ErrorKind::input),
                HasSubstr("at least 1"));
  }
  EXPECT_THAT(refusal(prepare(reserved, product(4, 4, 4), Precision::fp32, desktop_gpu(), code),
                      ErrorKind::input),
              HasSubstr("constant id 3 belongs to gpubench"));
}

constexpr const char* kTiles =
    "tile_m=64 tile_n=64 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8";

TunedKernel tuned_kernel(std::string_view name, const Problem& problem, const char* tiles,
                         double own_s, double best_s) {
  const Kernel& kernel = *find_kernel(problem.op, name);
  TunedKernel tuned{
      std::string(name),      code_hash(kernel, problem, Precision::fp32, desktop_gpu()),
      "2026-11-22T00:00:00Z", "0.1.0",
      problem.shape,          {{{}, {Ending::slower, "", {own_s}}}}};
  if (std::string_view(tiles).empty()) tuned.tried.clear();
  tuned.tried.push_back({parse_tuning(tiles).value(), {Ending::won, "", {best_s}}});
  return tuned;
}

Result<PreparedKernel> prepare_tuned(const KernelChoiceSpec& spec, const Problem& problem,
                                     std::vector<TunedKernel> kernels) {
  const TuningTable table{
      {{tuned_device(desktop_gpu()), class_of(problem, Precision::fp32), std::move(kernels)}}};
  return prepare_kernel(spec, problem, Precision::fp32, desktop_gpu(), {{}, table});
}

TEST(PrepareTuned, TilesOfTheTableAreTakenAndSaidSo) {
  const Problem problem = product(1024, 1024, 1024);
  const auto prepared =
      prepare_tuned(named("auto"), problem, {tuned_kernel("tiled", problem, kTiles, 0.03, 0.02)});
  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->name, "tiled");
  EXPECT_EQ(prepared->launch.params, "tile=64x64x16 thread=8x8 pad=1 group=8 tuned");
  EXPECT_EQ(prepared->why,
            "GPU with shared memory; tuned on 2026-11-22: 1.50 times its own choice");
}

TEST(PrepareTuned, KernelAskedForByNameIsTunedToo) {
  const Problem problem = product(1024, 1024, 1024);
  const auto prepared =
      prepare_tuned(named("tiled"), problem, {tuned_kernel("tiled", problem, kTiles, 0.03, 0.02)});
  ASSERT_TRUE(prepared);
  EXPECT_THAT(prepared->launch.params, HasSubstr("tuned"));
  EXPECT_EQ(prepared->why, "tuned on 2026-11-22: 1.50 times its own choice");
}

TEST(PrepareTuned, AutoTakesTheKernelThatWasFaster) {
  const Problem problem = product(1024, 1024, 1024);
  const auto prepared = prepare_tuned(named("auto"), problem,
                                      {tuned_kernel("tiled", problem, kTiles, 0.03, 0.02),
                                       tuned_kernel("direct", problem, "", 0.01, 0.01)});
  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->name, "direct");
  EXPECT_THAT(prepared->launch.params, EndsWith(" tuned")) << "the table decided on the kernel";
  EXPECT_EQ(prepared->why,
            "fastest when tuned on 2026-11-22, before tiled; tuned on 2026-11-22: its own tiles "
            "are the fastest");
}

TEST(PrepareTuned, AutoStaysWhereItsOwnKernelWasNotTuned) {
  const Problem problem = product(1024, 1024, 1024);
  const auto prepared =
      prepare_tuned(named("auto"), problem, {tuned_kernel("direct", problem, "", 0.01, 0.01)});
  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->name, "tiled");
  EXPECT_THAT(prepared->launch.params, Not(HasSubstr("tuned")));
  EXPECT_EQ(prepared->why, "GPU with shared memory");
}

TEST(PrepareTuned, AKernelThatTheTunerFoundWrongIsNotTakenByItself) {
  const Problem problem = product(1024, 1024, 1024);
  TunedKernel wrong = tuned_kernel("tiled", problem, kTiles, 0.03, 0.02);
  wrong.tried = {{{}, {Ending::wrong, "row 3 is off", {}}}};
  const auto direct = tuned_kernel("direct", problem, "", 0.01, 0.01);

  const auto by_itself = prepare_tuned(named("auto"), problem, {wrong, direct});
  const auto alone = prepare_tuned(named("auto"), problem, {wrong});

  ASSERT_TRUE(by_itself && alone);
  EXPECT_EQ(by_itself->name, "direct");
  EXPECT_THAT(by_itself->why, HasSubstr("before tiled; the tuner found tiled wrong: row 3 is off"));
  EXPECT_EQ(alone->name, "tiled");
  EXPECT_EQ(alone->why, "GPU with shared memory; the tuner found tiled wrong: row 3 is off");
}

TEST(PrepareTuned, AKernelThatTheTunerLeftBehindIsNotTakenByItself) {
  const Problem problem = product(1024, 1024, 1024);
  TunedKernel slow = tuned_kernel("tiled", problem, kTiles, 0.03, 0.02);
  slow.tried = {{{}, {Ending::not_tried, "its own tiles reach 0.1 of the rate", {}}}};
  const auto direct = tuned_kernel("direct", problem, "", 0.01, 0.01);

  const auto by_itself = prepare_tuned(named("auto"), problem, {slow, direct});
  const auto by_name = prepare_tuned(named("tiled"), problem, {slow, direct});

  ASSERT_TRUE(by_itself && by_name);
  EXPECT_EQ(by_itself->name, "direct");
  EXPECT_THAT(by_itself->why, HasSubstr("before tiled; tiled was not tuned: its own tiles reach"));
  EXPECT_EQ(by_name->name, "tiled");
  EXPECT_EQ(by_name->why, "tiled was not tuned: its own tiles reach 0.1 of the rate");
}

TEST(PrepareTuned, IllegalTilesAreLeftAndSaidSo) {
  const Problem problem = product(1024, 1024, 1024);
  const auto prepared = prepare_tuned(
      named("tiled"), problem,
      {tuned_kernel("tiled", problem,
                    "tile_m=100 tile_n=64 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8", 0.03,
                    0.02)});
  ASSERT_TRUE(prepared);
  EXPECT_THAT(prepared->launch.params, Not(HasSubstr("tuned")));
  EXPECT_EQ(prepared->why, "tuned tiled is refused: tile_m=100: expected one of 32, 64, 128, 256");
}

TuningTable shipped_for(const Problem& problem, std::vector<TunedKernel> kernels) {
  TuningTable table{
      {{tuned_device(desktop_gpu()), class_of(problem, Precision::fp32), std::move(kernels)}},
      TableOrigin::shipped};
  table.entries[0].device.driver_info = "Mesa 1.0";
  return table;
}

TEST(PrepareTuned, WhatIsShippedIsTakenWhereThisMachineKnowsNothing) {
  const Problem problem = product(1024, 1024, 1024);
  const auto shipped = shipped_for(problem, {tuned_kernel("tiled", problem, kTiles, 0.03, 0.02)});
  const auto prepared =
      prepare_kernel(named("tiled"), problem, Precision::fp32, desktop_gpu(), {{}, {}, shipped});
  ASSERT_TRUE(prepared);
  EXPECT_THAT(prepared->launch.params, EndsWith(" tuned"));
  EXPECT_EQ(prepared->why,
            "tuned on 2026-11-22 elsewhere, with Mesa 1.0: 1.50 times its own choice");
}

TEST(PrepareTuned, WhatWasFoundHereComesBeforeWhatIsShipped) {
  const Problem problem = product(1024, 1024, 1024);
  const TuningTable here{{{tuned_device(desktop_gpu()),
                           class_of(problem, Precision::fp32),
                           {tuned_kernel("tiled", problem, kTiles, 0.03, 0.02)}}}};
  const auto shipped = shipped_for(problem, {tuned_kernel("tiled", problem, "", 0.01, 0.01),
                                             tuned_kernel("direct", problem, "", 0.001, 0.001)});
  const auto prepared =
      prepare_kernel(named("auto"), problem, Precision::fp32, desktop_gpu(), {{}, here, shipped});
  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->why,
            "GPU with shared memory; tuned on 2026-11-22: 1.50 times its own choice");
}

TEST(PrepareTuned, WhyTilesAreLeftIsSaidOnce) {
  const Problem problem = product(1024, 1024, 1024);
  constexpr const char* kIllegal =
      "tile_m=100 tile_n=64 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8";
  const auto tuned = tuned_kernel("tiled", problem, kIllegal, 0.03, 0.02);
  const TuningTable here{
      {{tuned_device(desktop_gpu()), class_of(problem, Precision::fp32), {tuned}}}};
  const auto prepared = prepare_kernel(named("tiled"), problem, Precision::fp32, desktop_gpu(),
                                       {{}, here, shipped_for(problem, {tuned})});
  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->why, "tuned tiled is refused: tile_m=100: expected one of 32, 64, 128, 256");
}

TEST(PrepareTuned, StrictBuildIsOtherCode) {
  const Problem problem = product(1024, 1024, 1024);
  KernelChoiceSpec spec = named("tiled");
  spec.build = "strict";
  const auto prepared =
      prepare_tuned(spec, problem, {tuned_kernel("tiled", problem, kTiles, 0.03, 0.02)});
  ASSERT_TRUE(prepared);
  EXPECT_THAT(prepared->launch.params, Not(HasSubstr("tuned")));
}

class LoadUserCode : public ::testing::Test {
 protected:
  std::string put(const std::string& name, const std::string& content) {
    record_tests::put(folder_.path(name), content);
    return folder_.path(name);
  }
  static Case with_kernel(const KernelChoiceSpec& spec) {
    Case planned;
    planned.kernel = spec;
    return planned;
  }
  static std::string refusal(const std::vector<Case>& cases) {
    const auto code = load_user_code(cases);
    if (code) return "it was loaded";
    EXPECT_EQ(code.error().kind, ErrorKind::input);
    return code.error().message;
  }

  record_tests::ScratchFolder folder_;
};

TEST_F(LoadUserCode, KernelsOfTheCatalogueNeedNone) {
  const auto nothing = load_user_code({});
  const auto catalogue = load_user_code({with_kernel(named("auto")), with_kernel(named("naive"))});

  ASSERT_TRUE(nothing && catalogue);
  EXPECT_THAT(*nothing, IsEmpty());
  EXPECT_THAT(*catalogue, IsEmpty());
}

TEST_F(LoadUserCode, EveryFileIsThereOnceUnderItsPath) {
  const std::string one = put("one.comp", kShader);
  const std::string two = put("two.comp",
                              "#version 450\nlayout(local_size_x = 4) in;\n"
                              "void main() {}\n");
  KernelChoiceSpec wide = user_glsl(one);
  wide.tile_n = 32;

  const auto code = load_user_code({with_kernel(user_glsl(one)), with_kernel(named("naive")),
                                    with_kernel(user_glsl(two)), with_kernel(wide)});

  ASSERT_TRUE(code) << code.error().message;
  ASSERT_EQ(code->size(), 2U);
  EXPECT_EQ(code->at("glsl:" + one).front(), kSpirvMagic);
  EXPECT_EQ(code->at("glsl:" + two).front(), kSpirvMagic);
  EXPECT_NE(code->at("glsl:" + one), code->at("glsl:" + two));
}

TEST_F(LoadUserCode, SpirvIsLoadedAsItIs) {
  const auto compiled = load_user_code({with_kernel(user_glsl(put("k.comp", kShader)))});
  ASSERT_TRUE(compiled);
  const std::vector<std::uint32_t>& words = compiled->begin()->second;
  KernelChoiceSpec spec = named("user");
  spec.spirv_file =
      put("k.spv", {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(words[0])});

  const auto code = load_user_code({with_kernel(spec)});

  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(code->at("spirv:" + spec.spirv_file), words);
}

TEST_F(LoadUserCode, GlslGivenAsSpirvIsRefusedEvenWhereItIsGivenAsGlslToo) {
  const std::string file = put("k.comp", kShader);
  KernelChoiceSpec as_spirv = named("user");
  as_spirv.spirv_file = file;

  EXPECT_THAT(refusal({with_kernel(user_glsl(file)), with_kernel(as_spirv)}), HasSubstr("SPIR-V"));
}

TEST_F(LoadUserCode, FirstFileThatIsNoGoodEndsTheRunBeforeItBegins) {
  const Case good = with_kernel(user_glsl(put("good.comp", kShader)));
  const Case broken = with_kernel(user_glsl(put("broken.comp", "#version 450\nvoid main() {")));
  const Case missing = with_kernel(user_glsl(folder_.path("missing.comp")));

  EXPECT_THAT(refusal({good, broken, missing}),
              AllOf(HasSubstr("broken.comp"), HasSubstr("does not compile")));
  EXPECT_THAT(refusal({good, missing, broken}),
              AllOf(HasSubstr("missing.comp"), HasSubstr("no such file")));
}

TEST_F(LoadUserCode, CompiledCodeGoesOnIntoTheKernelOfItsCase) {
  const KernelChoiceSpec spec = user_glsl(put("k.comp", kShader));
  const auto code = load_user_code({with_kernel(spec)});
  ASSERT_TRUE(code);

  const auto prepared = prepare(spec, product(4, 4, 4), Precision::fp32, desktop_gpu(), *code);

  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->name, "user:k.comp");
  EXPECT_EQ(prepared->user_code, code->at("glsl:" + spec.glsl_file));
}

}  // namespace
}  // namespace gpubench
