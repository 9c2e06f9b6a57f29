// What a SPIR-V module asks of a driver, read from modules whose source says it plainly.
#include "run/shader_facts.h"

#include <gmock/gmock.h>

#include <shaderc/shaderc.hpp>
#include <spirv-tools/libspirv.hpp>

namespace gpubench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Size = std::array<std::uint32_t, 3>;

/// `body` stands between the version and an empty main.
ShaderFacts facts_of(const std::string& body, const std::vector<SpecConstant>& constants = {}) {
  shaderc::CompileOptions options;
  options.SetTargetEnvironment(shaderc_target_env_vulkan, shaderc_env_version_vulkan_1_2);
  const auto compiled = shaderc::Compiler().CompileGlslToSpv(
      "#version 450\n" + body + "\nvoid main() {}\n", shaderc_compute_shader, "test", options);
  EXPECT_EQ(compiled.GetErrorMessage(), "");
  return read_shader_facts({compiled.cbegin(), compiled.cend()}, constants);
}

/// `globals` stand where constants and types do; `annotations` before them.
ShaderFacts facts_of_assembly(const std::string& annotations, const std::string& globals,
                              const std::vector<SpecConstant>& constants = {}) {
  const std::string text = "OpCapability Shader\nOpMemoryModel Logical GLSL450\n" + annotations +
                           "%u = OpTypeInt 32 0\n%u3 = OpTypeVector %u 3\n" + globals;
  std::vector<std::uint32_t> words;
  EXPECT_TRUE(spvtools::SpirvTools(SPV_ENV_VULKAN_1_2).Assemble(text, &words)) << text;
  return read_shader_facts(words, constants);
}

std::uint64_t push_bytes(const std::string& members) {
  return facts_of("layout(push_constant) uniform Push {" + members + "} push;").push_bytes;
}

TEST(ShaderFacts, PlainShaderAsksForNothing) {
  const ShaderFacts facts = facts_of("");

  EXPECT_TRUE(facts.has_compute_main);
  EXPECT_THAT(facts.descriptors, IsEmpty());
  EXPECT_EQ(facts.push_bytes, 0U);
  EXPECT_EQ(facts.local_size, (Size{1, 1, 1}));
  EXPECT_THAT(facts.capabilities, ElementsAre(1U)) << "Shader";
}

TEST(ShaderFacts, DescriptorsOfEveryKindAreFoundWithTheirPlace) {
  const ShaderFacts facts = facts_of(
      "layout(set = 0, binding = 3) buffer Storage { float x[]; } storage;\n"
      "layout(set = 1, binding = 0) uniform Uniform { float y; } uniforms;\n"
      "layout(set = 2, binding = 7) uniform sampler2D picture;\n"
      "shared float kept[4];\n");

  ASSERT_EQ(facts.descriptors.size(), 3U);
  EXPECT_EQ(facts.descriptors[0].name, "storage");
  EXPECT_EQ(facts.descriptors[0].set, 0U);
  EXPECT_EQ(facts.descriptors[0].binding, 3U);
  EXPECT_EQ(facts.descriptors[1].name, "uniforms");
  EXPECT_EQ(facts.descriptors[1].set, 1U);
  EXPECT_EQ(facts.descriptors[2].name, "picture");
  EXPECT_EQ(facts.descriptors[2].binding, 7U);
}

TEST(ShaderFacts, BuffersBehindAddressesAreNoDescriptors) {
  const ShaderFacts facts = facts_of(
      "#extension GL_EXT_buffer_reference : require\n"
      "layout(buffer_reference, std430, buffer_reference_align = 4) buffer F { float v[]; };\n"
      "layout(push_constant) uniform Push { F a; F b; uint m; } push;\n");

  EXPECT_THAT(facts.descriptors, IsEmpty());
  EXPECT_EQ(facts.push_bytes, 20U) << "two addresses of 8 bytes and one u32";
}

// Offsets are those of std430: vec3 lies on 16 bytes and takes 12, mat3's columns are 16 apart.
TEST(ShaderFacts, PushBlockEndsWithItsLastMember) {
  EXPECT_EQ(push_bytes("uint a;"), 4U);
  EXPECT_EQ(push_bytes("uint a[16];"), 64U);
  EXPECT_EQ(push_bytes("uint a; vec3 b;"), 28U);
  EXPECT_EQ(push_bytes("layout(offset = 100) uint a;"), 104U);
  EXPECT_EQ(push_bytes("uint a; mat3 b;"), 60U) << "16 + 16 + 16 + 12";
  EXPECT_EQ(push_bytes("layout(row_major) mat2x3 a;"), 24U) << "three rows of two, 8 apart";
  EXPECT_EQ(push_bytes("mat3 a[2];"), 92U) << "48 + 44";
  EXPECT_EQ(push_bytes("double a; float b;"), 12U);
}

TEST(ShaderFacts, NestedStructsCount) {
  EXPECT_EQ(facts_of("struct S { uint a; uvec2 b[3]; };\n"
                     "layout(push_constant) uniform Push { uint x; S s[2]; } push;")
                .push_bytes,
            72U)
      << "S takes 4 + 4 of padding + 24 and lies at 8 and at 40";
}

TEST(ShaderFacts, ArrayInThePushBlockHasItsSpecializedLength) {
  const std::string body =
      "layout(constant_id = 8) const uint kLength = 2;\n"
      "layout(push_constant) uniform Push { uint a[kLength]; } push;";

  EXPECT_EQ(facts_of(body).push_bytes, 8U);
  EXPECT_EQ(facts_of(body, {{8, 30}}).push_bytes, 120U);
}

TEST(ShaderFacts, LiteralLocalSizeIsRead) {
  EXPECT_EQ(
      facts_of("layout(local_size_x = 32, local_size_y = 4, local_size_z = 2) in;").local_size,
      (Size{32, 4, 2}));
}

TEST(ShaderFacts, LocalSizeTakesTheConstantsThatAreSet) {
  const std::string body = "layout(local_size_x_id = 4, local_size_y_id = 3, local_size_z = 5) in;";

  EXPECT_EQ(facts_of(body).local_size, (Size{1, 1, 5}));
  EXPECT_EQ(facts_of(body, {{3, 4096}, {4, 64}}).local_size, (Size{64, 4096, 5}));
  EXPECT_EQ(facts_of(body, {{9, 7}}).local_size, (Size{1, 1, 5})) << "another constant";
}

TEST(ShaderFacts, LocalSizeByIdsIsRead) {
  const ShaderFacts facts = facts_of_assembly(
      "OpEntryPoint GLCompute %main \"main\"\nOpExecutionModeId %main LocalSizeId %x %two %two\n"
      "OpDecorate %x SpecId 8\n",
      "%x = OpSpecConstant %u 16\n%two = OpConstant %u 2\n", {{8, 256}});

  EXPECT_EQ(facts.local_size, (Size{256, 2, 2}));
}

// (6 * 4 + 2 - 1) / 5 = 5
TEST(ShaderFacts, LocalSizeFollowsArithmeticOfConstants) {
  const ShaderFacts facts = facts_of_assembly(
      "OpDecorate %size BuiltIn WorkgroupSize\nOpDecorate %a SpecId 8\n",
      "%a = OpSpecConstant %u 9\n%one = OpConstant %u 1\n%two = OpConstant %u 2\n"
      "%four = OpConstant %u 4\n%five = OpConstant %u 5\n"
      "%b = OpSpecConstantOp %u IMul %a %four\n%c = OpSpecConstantOp %u IAdd %b %two\n"
      "%d = OpSpecConstantOp %u ISub %c %one\n%e = OpSpecConstantOp %u UDiv %d %five\n"
      "%size = OpSpecConstantComposite %u3 %e %b %one\n",
      {{8, 6}});

  EXPECT_EQ(facts.local_size, (Size{5, 24, 1}));
}

TEST(ShaderFacts, LocalSizeThatIsNotFollowedIsUnknown) {
  const std::string size =
      "%a = OpConstant %u 9\n%zero = OpConstant %u 0\n"
      "%b = OpSpecConstantOp %u {} %a %zero\n%size = OpSpecConstantComposite %u3 %a %b %a\n";
  for (const std::string operation : {"BitwiseXor", "UDiv"}) {
    std::string globals = size;
    globals.replace(globals.find("{}"), 2, operation);

    EXPECT_FALSE(facts_of_assembly("OpDecorate %size BuiltIn WorkgroupSize\n", globals).local_size)
        << operation;
  }
}

TEST(ShaderFacts, OnlyMainForComputeIsTheEntryPoint) {
  const auto has_main = [](const std::string& entry) {
    return facts_of_assembly("OpEntryPoint " + entry + "\n", "").has_compute_main;
  };

  EXPECT_TRUE(has_main("GLCompute %f \"main\""));
  EXPECT_FALSE(has_main("GLCompute %f \"main2\""));
  EXPECT_FALSE(has_main("Vertex %f \"main\""));
}

TEST(ShaderFacts, ArraysOfArraysNeitherOverflowNorRecurse) {
  std::string types = "%big = OpConstant %u 4294967295\n%a0 = OpTypeArray %u %big\n";
  std::string strides = "OpDecorate %a0 ArrayStride 4294967295\n";
  constexpr int kDeep = 20000;
  for (int i = 1; i <= kDeep; ++i) {
    const std::string name = "%a" + std::to_string(i);
    strides += "OpDecorate " + name + " ArrayStride 4294967295\n";
    types += name + " = OpTypeArray %a" + std::to_string(i - 1) + " %big\n";
  }
  types += "%s = OpTypeStruct %a" + std::to_string(kDeep) +
           "\n%p = OpTypePointer PushConstant %s\n%v = OpVariable %p PushConstant\n";

  EXPECT_EQ(
      facts_of_assembly(strides + "OpMemberDecorate %s 0 Offset 4294967295\n", types).push_bytes,
      4294967295U)
      << "as much as a size can say";
}

TEST(ShaderFacts, CapabilitiesHaveTheirNames) {
  const ShaderFacts facts = facts_of_assembly("OpCapability Int8\n", "");

  EXPECT_THAT(facts.capabilities, ElementsAre(1U, 39U)) << "Shader, Int8";
  EXPECT_EQ(capability_name(39), "Int8");
  EXPECT_EQ(capability_name(10), "Float64");
  EXPECT_EQ(capability_name(4000000000U), "4000000000") << "no capability of that number";
}

TEST(ShaderFacts, WhatIsNoModuleHasNone) {
  const std::vector<std::uint32_t> magic{0x07230203};

  EXPECT_FALSE(read_shader_facts({}, {}).has_compute_main);
  EXPECT_FALSE(read_shader_facts(magic, {}).local_size);
}

}  // namespace
}  // namespace gpubench
