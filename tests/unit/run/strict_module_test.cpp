// The strict build: valid SPIR-V in which nothing is left to the driver that Vulkan lets one fix.
#include "run/strict_module.h"

#include <gmock/gmock.h>

#include <shaderc/shaderc.hpp>
#include <spirv-tools/libspirv.hpp>

#include "embedded.h"
#include "run/shader_scan.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DeviceTraits device_with(FloatControls controls) {
  DeviceTraits device = desktop_gpu();
  device.float16_controls = device.float32_controls = device.float64_controls = controls;
  device.independent_rounding = device.independent_denorms = true;
  return device;
}
const FloatControls kEverything{.round_to_even = true, .denorm_preserve = true};

std::string complaints(const std::vector<std::uint32_t>& words) {
  std::string text;
  spvtools::SpirvTools tools(SPV_ENV_VULKAN_1_2);
  tools.SetMessageConsumer([&](spv_message_level_t, const char*, const spv_position_t&,
                               const char* message) { text += message; });
  spvtools::ValidatorOptions options;
  options.SetScalarBlockLayout(true);
  tools.Validate(words.data(), words.size(), options);
  return text;
}

std::string text_of(const std::vector<std::uint32_t>& words) {
  std::string text;
  spvtools::SpirvTools(SPV_ENV_VULKAN_1_2).Disassemble(words, &text);
  return text;
}

std::vector<std::uint32_t> compiled(const std::string& body,
                                    shaderc_env_version version = shaderc_env_version_vulkan_1_2) {
  const std::string source =
      "#version 450\n#extension GL_EXT_shader_explicit_arithmetic_types_float16 : enable\n"
      "layout(set = 0, binding = 0) buffer Floats { float v[]; } a;\nvoid main() {\n" +
      body + "\n}\n";
  shaderc::CompileOptions options;
  options.SetTargetEnvironment(shaderc_target_env_vulkan, version);
  const auto result =
      shaderc::Compiler().CompileGlslToSpv(source, shaderc_compute_shader, "test", options);
  EXPECT_EQ(result.GetErrorMessage(), "");
  return {result.cbegin(), result.cend()};
}

constexpr const char* kFma = "a.v[3] = fma(a.v[0], a.v[1], a.v[2]);";

TEST(StrictModule, EveryShippedModuleStaysValidAndIsPinnedWhole) {
  const DeviceTraits device = device_with(kEverything);
  for (const EmbeddedShader& shader : embedded_shaders()) {
    // What runs on matrix units has no strict build.
    if (shader.name.find("coop") != std::string_view::npos ||
        shader.name.starts_with("peak_matrix")) {
      continue;
    }
    const auto words = strict_module(shader.words, device);

    EXPECT_EQ(complaints(words), "") << shader.name;
    EXPECT_THAT(text_of(words), Not(HasSubstr(" Fma "))) << shader.name;
    const DeclaredArithmetic before = scan_module(shader.words), after = scan_module(words);
    EXPECT_EQ(after.relaxed > 0, before.relaxed > 0) << shader.name;
    EXPECT_EQ(after.to_fp16, before.to_fp16) << shader.name;
    EXPECT_EQ(after.no_contraction > 0, after.fp32 + after.fp16 > 0) << shader.name;
  }
}

TEST(StrictModule, FmaBecomesAProductAndASumThatMayNotBeFused) {
  const auto words = strict_module(compiled(kFma), device_with(kEverything));

  const DeclaredArithmetic said = scan_module(words);
  EXPECT_EQ(complaints(words), "");
  EXPECT_EQ(said.fp32, 2U);
  EXPECT_EQ(said.no_contraction, 2U);
  EXPECT_THAT(text_of(words), HasSubstr("OpFMul"));
}

TEST(StrictModule, ProductOfARelaxedFmaIsRelaxedToo) {
  const auto words = strict_module(
      compiled("mediump float x = a.v[0];\nmediump float y = fma(x, x, x);\na.v[1] = y;"),
      device_with(kEverything));

  EXPECT_EQ(complaints(words), "");
  const DeclaredArithmetic said = scan_module(words);
  EXPECT_EQ(said.fp32, 2U);
  EXPECT_GE(said.relaxed, said.fp32);
}

TEST(StrictModule, ModesAreSetForTheFormatsOfTheModuleThatTheDeviceSupports) {
  const auto fp32 = compiled(kFma);
  const auto both = compiled("float16_t x = float16_t(a.v[0]);\na.v[1] = float(x * x) + a.v[2];");
  DeviceTraits device = device_with(kEverything);
  device.float16_controls.denorm_preserve = false;

  EXPECT_EQ(scan_module(strict_module(fp32, device)).modes,
            "RoundingModeRTE 32; DenormPreserve 32");
  EXPECT_EQ(scan_module(strict_module(both, device)).modes,
            "RoundingModeRTE 16; RoundingModeRTE 32; DenormPreserve 32");
  EXPECT_EQ(scan_module(strict_module(both, device_with({}))).modes, "");
}

TEST(StrictModule, WhereWidthsMustAgreeAModeIsSetForAllOrForNone) {
  const auto both = compiled("float16_t x = float16_t(a.v[0]);\na.v[1] = float(x * x) + a.v[2];");
  DeviceTraits device = device_with(kEverything);
  device.float16_controls.denorm_preserve = false;
  device.independent_rounding = device.independent_denorms = false;

  EXPECT_EQ(scan_module(strict_module(both, device)).modes,
            "RoundingModeRTE 16; RoundingModeRTE 32");
}

TEST(StrictModule, OlderSpirVGetsTheExtension) {
  const auto words =
      strict_module(compiled(kFma, shaderc_env_version_vulkan_1_1), device_with(kEverything));

  EXPECT_EQ(complaints(words), "");
  EXPECT_THAT(text_of(words), HasSubstr("OpExtension \"SPV_KHR_float_controls\""));
}

TEST(StrictModule, ModeThatTheModuleSetsItselfStays) {
  const auto once = strict_module(compiled(kFma), device_with(kEverything));
  std::string text = text_of(once);
  for (std::size_t at; (at = text.find("RoundingModeRTE")) != std::string::npos;) {
    text.replace(at, 15, "RoundingModeRTZ");
  }
  std::vector<std::uint32_t> toward_zero;
  ASSERT_TRUE(spvtools::SpirvTools(SPV_ENV_VULKAN_1_2).Assemble(text, &toward_zero)) << text;

  const auto words = strict_module(toward_zero, device_with(kEverything));

  EXPECT_EQ(words, toward_zero) << "there is nothing left to add";
}

// GLSL compilers write no groups any more; modules by others may have them.
TEST(StrictModule, WhatAGroupDecoratesIsNotDecoratedTwice) {
  const std::string text = R"(
OpCapability Shader
OpMemoryModel Logical GLSL450
OpEntryPoint GLCompute %main "main"
OpExecutionMode %main LocalSize 1 1 1
OpDecorate %group NoContraction
%group = OpDecorationGroup
OpGroupDecorate %group %sum
%void = OpTypeVoid
%type = OpTypeFunction %void
%float = OpTypeFloat 32
%one = OpConstant %float 1
%main = OpFunction %void None %type
%label = OpLabel
%sum = OpFAdd %float %one %one
OpReturn
OpFunctionEnd
)";
  std::vector<std::uint32_t> grouped;
  ASSERT_TRUE(spvtools::SpirvTools(SPV_ENV_VULKAN_1_2).Assemble(text, &grouped)) << text;

  EXPECT_EQ(strict_module(grouped, device_with({})), grouped) << "there is nothing left to add";
}

TEST(StrictModule, StrictAgainIsTheSame) {
  const auto once = strict_module(compiled(kFma), device_with(kEverything));

  EXPECT_EQ(strict_module(once, device_with(kEverything)), once);
}

}  // namespace
}  // namespace gpubench
