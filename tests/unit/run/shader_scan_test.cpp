// What SPIR-V declares of its arithmetic, read from modules whose source says it plainly, and from
// every kernel that is shipped.
#include "run/shader_scan.h"

#include <gtest/gtest.h>

#include <shaderc/shaderc.hpp>
#include <spirv-tools/libspirv.hpp>

namespace gpubench {
namespace {

constexpr const char* kHead = R"(#version 450
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
layout(buffer_reference, std430) buffer Floats { float v[]; };
layout(push_constant) uniform Push { Floats a; } push;
)";

std::vector<std::uint32_t> compiled(const std::string& source) {
  shaderc::CompileOptions options;
  options.SetTargetEnvironment(shaderc_target_env_vulkan, shaderc_env_version_vulkan_1_2);
  const auto result =
      shaderc::Compiler().CompileGlslToSpv(source, shaderc_compute_shader, "test", options);
  EXPECT_EQ(result.GetErrorMessage(), "");
  return {result.cbegin(), result.cend()};
}

/// `globals` stand before main, `body` within it.
DeclaredArithmetic scan_of(const std::string& globals, const std::string& body) {
  return scan_module(compiled(kHead + globals + "\nvoid main() {\n" + body + "\n}\n"));
}

DeclaredArithmetic scan_of_assembly(const std::string& text) {
  std::vector<std::uint32_t> words;
  EXPECT_TRUE(spvtools::SpirvTools(SPV_ENV_VULKAN_1_2).Assemble(text, &words)) << text;
  return scan_module(words);
}

TEST(ShaderScan, Fp32ArithmeticIsCountedAndNothingElse) {
  const DeclaredArithmetic said = scan_of("", "push.a.v[2] = push.a.v[0] * push.a.v[1] + 3.0;");

  EXPECT_EQ(said.fp32, 2U) << "one product, one sum";
  EXPECT_EQ(said.fp16 + said.to_fp16 + said.relaxed + said.no_contraction, 0U);
  EXPECT_EQ(said.modes, "");
}

TEST(ShaderScan, ShaderWithoutFloatsDeclaresNothing) {
  const DeclaredArithmetic said = scan_of("", "uint x = gl_WorkGroupID.x * 3;");

  EXPECT_EQ(said.fp32 + said.fp16 + said.to_fp16 + said.relaxed, 0U);
}

TEST(ShaderScan, MediumpFloatsAreRelaxed) {
  const DeclaredArithmetic said =
      scan_of("", "mediump float x = push.a.v[0];\nmediump float y = x * x;\npush.a.v[1] = y;");

  EXPECT_GT(said.relaxed, 0U);
  EXPECT_EQ(said.fp16, 0U);
}

TEST(ShaderScan, DefaultPrecisionMediumpIsRelaxed) {
  const DeclaredArithmetic said =
      scan_of("precision mediump float;", "float x = push.a.v[0];\npush.a.v[1] = x * x;");

  EXPECT_GT(said.relaxed, 0U);
}

TEST(ShaderScan, MediumpIntegersAreNoMatterOfPrecision) {
  const DeclaredArithmetic said =
      scan_of("",
              "mediump uint i = gl_WorkGroupID.x;\nmediump uint j = i * 3;\n"
              "push.a.v[j] = push.a.v[i] + 1.0;");

  EXPECT_EQ(said.relaxed, 0U);
  EXPECT_EQ(said.fp32, 1U);
}

TEST(ShaderScan, Float16ArithmeticIsCounted) {
  const DeclaredArithmetic said =
      scan_of("",
              "float16_t x = float16_t(push.a.v[0]);\nf16vec2 y = f16vec2(x) * f16vec2(x);\n"
              "push.a.v[1] = float(y.x);");

  EXPECT_EQ(said.fp16, 1U);
  EXPECT_EQ(said.to_fp16, 1U) << "the conversion to FP16; the one back loses nothing";
  EXPECT_EQ(said.fp32, 0U);
}

TEST(ShaderScan, PackingIsRounding) {
  const DeclaredArithmetic said =
      scan_of("", "push.a.v[0] = unpackHalf2x16(packHalf2x16(vec2(push.a.v[1]))).x;");

  EXPECT_EQ(said.to_fp16, 1U);
  EXPECT_EQ(said.fp16, 0U);
}

TEST(ShaderScan, PreciseIsNoContraction) {
  const DeclaredArithmetic said =
      scan_of("", "precise float x = push.a.v[0] * push.a.v[1] + push.a.v[2];\npush.a.v[3] = x;");

  EXPECT_EQ(said.no_contraction, 2U) << "the product and the sum";
}

TEST(ShaderScan, OnlyWhatMainReachesCounts) {
  const std::string functions =
      "mediump float idle(mediump float x) { return x * x; }\n"
      "float inner(float x) { return x * x; }\nfloat outer(float x) { return inner(x) + inner(x); "
      "}";

  const DeclaredArithmetic said = scan_of(functions, "push.a.v[0] = outer(push.a.v[1]);");

  EXPECT_EQ(said.fp32, 2U) << "each function counts once, however often it is called";
  EXPECT_EQ(said.relaxed, 0U);
}

// What GLSL cannot say in the compiler of Debian 12.
constexpr const char* kAssembly = R"(
OpCapability Shader
OpCapability RoundingModeRTE
OpCapability DenormPreserve
%glsl = OpExtInstImport "GLSL.std.450"
OpMemoryModel Logical GLSL450
OpEntryPoint GLCompute %main "main"
OpExecutionMode %main LocalSize 1 1 1
OpExecutionMode %main RoundingModeRTE 32
OpExecutionMode %main DenormPreserve 32
OpDecorate %relaxed RelaxedPrecision
%relaxed = OpDecorationGroup
OpGroupDecorate %relaxed %sum %rounded
%void = OpTypeVoid
%type = OpTypeFunction %void
%float = OpTypeFloat 32
%one = OpConstant %float 1
%main = OpFunction %void None %type
%label = OpLabel
%sum = OpFAdd %float %one %one
%rounded = OpQuantizeToF16 %float %sum
OpReturn
OpFunctionEnd
)";

TEST(ShaderScan, ExecutionModesDecorationGroupsAndQuantizationAreFound) {
  const DeclaredArithmetic said = scan_of_assembly(kAssembly);

  EXPECT_EQ(said.modes, "RoundingModeRTE 32; DenormPreserve 32");
  EXPECT_EQ(said.relaxed, 2U);
  EXPECT_EQ(said.to_fp16, 1U);
  EXPECT_EQ(said.fp32, 1U);
}

/// Words of `instructions`, each given as its opcode and operands.
std::vector<std::uint32_t> module_of(
    std::initializer_list<std::vector<std::uint32_t>> instructions) {
  std::vector<std::uint32_t> words{0x07230203, 0x00010500, 0, 100, 0};
  for (const std::vector<std::uint32_t>& instruction : instructions) {
    const auto count = static_cast<std::uint32_t>(instruction.size());
    words.push_back(count << 16 | instruction[0]);
    words.insert(words.end(), instruction.begin() + 1, instruction.end());
  }
  return words;
}

// 1 converted to bf16, which no assembler of Debian 12 knows, and back; with an encoding or
// without.
DeclaredArithmetic scan_of_conversion(bool has_encoding) {
  constexpr std::uint32_t kMain = 1, kFloat = 2, kNarrow = 3, kOne = 4, kVoid = 5, kFunction = 6;
  std::vector<std::uint32_t> narrow{22, kNarrow, 16};           // OpTypeFloat
  if (has_encoding) narrow.push_back(0);                        // BFloat16KHR
  return scan_module(module_of({{17, 1},                        // OpCapability Shader
                                {15, 5, kMain, 0x6E69616D, 0},  // OpEntryPoint GLCompute "main"
                                {22, kFloat, 32},               // OpTypeFloat
                                narrow,
                                {19, kVoid},                       // OpTypeVoid
                                {33, kFunction, kVoid},            // OpTypeFunction
                                {43, kFloat, kOne, 0x3F800000},    // OpConstant
                                {54, kVoid, kMain, 0, kFunction},  // OpFunction
                                {248, 7},                          // OpLabel
                                {115, kNarrow, 8, kOne},           // OpFConvert
                                {115, kFloat, 9, 8},
                                {253},    // OpReturn
                                {56}}));  // OpFunctionEnd
}

TEST(ShaderScan, Bfloat16IsNotTakenForFp16) {
  const DeclaredArithmetic bf16 = scan_of_conversion(true);
  const DeclaredArithmetic fp16 = scan_of_conversion(false);

  EXPECT_EQ(bf16.bf16, 1U) << "the conversion back loses nothing";
  EXPECT_EQ(bf16.to_fp16 + bf16.fp16, 0U);
  EXPECT_EQ(fp16.to_fp16, 1U);
  EXPECT_EQ(fp16.bf16, 0U);
}

TEST(ShaderScan, EveryShippedKernelDeclaresItsPathAndNothingLess) {
  for (const Kernel& kernel : catalogue()) {
    for (const Precision precision : kernel.paths) {
      const DeclaredArithmetic said = *scan_catalogue(kernel, precision);
      const auto where = testing::Message() << to_string(kernel.op) << ' ' << kernel.name << ' '
                                            << to_string(precision);

      EXPECT_EQ(declared_evidence(precision, said), DeclaredEvidence::as_declared) << where;
      const bool in_fp16 = precision == Precision::fp16 || precision == Precision::fp32_via_fp16;
      EXPECT_EQ(said.fp16 > 0, in_fp16) << where;
      const bool narrows =
          precision == Precision::fp16_acc32 || precision == Precision::fp32_via_fp16;
      EXPECT_TRUE(precision == Precision::fp16 || narrows == (said.to_fp16 > 0)) << where;
      const bool on_matrix_units = kernel.sum_order == SumOrder::hardware;
      EXPECT_EQ(said.bf16 > 0, precision == Precision::bf16 && on_matrix_units) << where;
      EXPECT_EQ(said.relaxed > 0, precision == Precision::fp32_relaxed) << where;
      EXPECT_EQ(said.no_contraction, 0U) << where;
      EXPECT_EQ(said.modes, "") << where;
      EXPECT_TRUE(in_fp16 || said.fp32 > 0) << where;
    }
  }
}

TEST(ShaderScan, RelaxedKernelsLeaveNoProductOutOfIt) {
  for (const Kernel& kernel : catalogue()) {
    if (!without(kernel, Precision::fp32_relaxed, Build::as_is).empty()) continue;
    const DeclaredArithmetic said = *scan_catalogue(kernel, Precision::fp32_relaxed);

    EXPECT_GE(said.relaxed, said.fp32) << to_string(kernel.op) << ' ' << kernel.name;
  }
}

}  // namespace
}  // namespace gpubench
