// Files that a user gives as shaders: what is no good says so before a driver sees it.
#include "run/user_shader.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kGoodShader = "#version 450\nvoid main() {}\n";

class UserShader : public ::testing::Test {
 protected:
  UserShader() { fs::create_directories(folder_); }
  ~UserShader() override { fs::remove_all(folder_); }

  std::string put(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }
  static Result<std::vector<std::uint32_t>> load_glsl(const std::string& path) {
    KernelChoiceSpec spec;
    spec.glsl_file = path;
    return load_user_shader(spec);
  }
  static Result<std::vector<std::uint32_t>> load_spirv(const std::string& path) {
    KernelChoiceSpec spec;
    spec.spirv_file = path;
    return load_user_shader(spec);
  }
  static std::string refusal(const Result<std::vector<std::uint32_t>>& loaded) {
    if (loaded) return "it was loaded";
    EXPECT_EQ(loaded.error().kind, ErrorKind::input);
    return loaded.error().message;
  }
  static std::string bytes_of(const std::vector<std::uint32_t>& words) {
    std::string bytes(words.size() * 4, '\0');
    std::memcpy(bytes.data(), words.data(), bytes.size());
    return bytes;
  }

  fs::path folder_ =
      fs::temp_directory_path() / ("gpubench-user-shader-" + std::to_string(::getpid()));
};

TEST_F(UserShader, GoodGlslBecomesSpirv) {
  const auto words = load_glsl(put("good.comp", kGoodShader));

  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(words->front(), 0x07230203U) << "the magic number of SPIR-V";
}

TEST_F(UserShader, GlslThatDoesNotCompileNamesFileAndLine) {
  const std::string path =
      put("bad.comp", "#version 450\nvoid main() {\n  float x = nothing;\n}\n");

  EXPECT_THAT(refusal(load_glsl(path)), AllOf(HasSubstr(path + ": the shader does not compile"),
                                              HasSubstr(path + ":3:"), HasSubstr("nothing")));
}

TEST_F(UserShader, IncludeIsFoundBesideTheFile) {
  put("part.glsl", "const uint kPart = 1;\n");
  const std::string source =
      "#version 450\n#extension GL_GOOGLE_include_directive : require\n#include \"part.glsl\"\n"
      "layout(local_size_x = kPart) in;\nvoid main() {}\n";

  const auto words = load_glsl(put("whole.comp", source));

  EXPECT_TRUE(words) << words.error().message;
}

TEST_F(UserShader, MissingIncludeIsNamed) {
  const std::string path = put(
      "whole.comp",
      "#version 450\n#extension GL_GOOGLE_include_directive : require\n#include \"lost.glsl\"\n");

  EXPECT_THAT(refusal(load_glsl(path)), HasSubstr("lost.glsl: no such file"));
}

TEST_F(UserShader, MissingFileAndFolderAreNotShaders) {
  EXPECT_THAT(refusal(load_glsl((folder_ / "none.comp").string())), HasSubstr("no such file"));
  EXPECT_THAT(refusal(load_spirv(folder_.string())), HasSubstr("not a file"));
}

TEST_F(UserShader, GoodSpirvIsTakenAsItIs) {
  const auto compiled = load_glsl(put("good.comp", kGoodShader));
  ASSERT_TRUE(compiled);

  const auto words = load_spirv(put("good.spv", bytes_of(*compiled)));

  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(*words, *compiled);
}

TEST_F(UserShader, TextIsNotSpirv) {
  EXPECT_THAT(refusal(load_spirv(put("text.spv", "just text!"))),
              HasSubstr("not SPIR-V: 10 bytes"));
  EXPECT_THAT(refusal(load_spirv(put("text.spv", "more text!!!"))), HasSubstr("not valid SPIR-V"));
  EXPECT_THAT(refusal(load_spirv(put("empty.spv", ""))), HasSubstr("not SPIR-V: 0 bytes"));
}

TEST_F(UserShader, TruncatedSpirvIsRefusedAtAnyLength) {
  const auto compiled = load_glsl(put("good.comp", kGoodShader));
  ASSERT_TRUE(compiled);
  const std::string whole = bytes_of(*compiled);

  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 4) {
    EXPECT_NE(refusal(load_spirv(put("cut.spv", whole.substr(0, bytes)))), "it was loaded")
        << bytes;
  }
}

// glslang answers these with thousands of lines of its own built-ins on stdout.
TEST_F(UserShader, GlslWithoutCodeIsEmpty) {
  for (const char* text : {"", " \n\t\r\n", "// nothing", "/* nothing\n */ // more\n", "/* open"}) {
    const std::string path = put("empty.comp", text);

    EXPECT_EQ(refusal(load_glsl(path)),
              path + ": is empty; expected a compute shader in GLSL, from \"#version 450\" on");
  }
}

TEST_F(UserShader, GlslMustBeginWithItsVersion) {
  for (const char* text :
       {"// mine\n\nvoid main() {}\n", "/* a\n */\n#extension x : require\n", "\n\n#", "\n\n/",
        "\n\n#version", "\n\n#version x", "\n\n#version 110\nvoid main() {}"}) {
    const std::string path = put("old.comp", text);

    EXPECT_EQ(refusal(load_glsl(path)),
              path + ":3: expected \"#version 450\" before anything but comments");
  }
}

TEST_F(UserShader, CommentsMayStandBeforeTheVersion) {
  const auto words = load_glsl(
      put("good.comp", "// one\n/* two **/ /*/ three */\r\n \t# \tversion 450\nvoid main() {}\n"));

  EXPECT_TRUE(words) << words.error().message;
}

TEST_F(UserShader, DescriptorIsRefusedWithItsPlace) {
  const std::string path = put("bound.comp",
                               "#version 450\n"
                               "layout(set = 2, binding = 5) buffer X { float x[]; } mine;\n"
                               "void main() { mine.x[0] = 1.0; }\n");

  EXPECT_EQ(refusal(load_glsl(path)),
            path +
                ": declares a descriptor \"mine\" at set 2, binding 5; there are none, buffers "
                "come as addresses in the push constants (docs/adding-a-kernel.md has the "
                "contract)");
}

TEST_F(UserShader, PushBlockMayHaveTheContractsBytesAndNoMore) {
  const auto with_words = [&](int count) {
    return put("push.comp", "#version 450\nlayout(push_constant) uniform Push { uint a[" +
                                std::to_string(count) + "]; } push;\nvoid main() {}\n");
  };
  const auto whole = load_glsl(with_words(18));

  EXPECT_TRUE(whole) << whole.error().message;
  EXPECT_THAT(refusal(load_glsl(with_words(19))),
              AllOf(HasSubstr("push.comp: declares 76 bytes of push constants; there are 72"),
                    HasSubstr("docs/adding-a-kernel.md")));
}

TEST_F(UserShader, CapabilityThatIsNeverEnabledIsRefused) {
  const std::string path = put("bytes.comp",
                               "#version 450\n"
                               "#extension GL_EXT_shader_explicit_arithmetic_types : require\n"
                               "shared int8_t x;\nvoid main() { x = x + x; }\n");

  EXPECT_THAT(refusal(load_glsl(path)),
              HasSubstr("needs the capability Int8, which gpubench does not enable"));
}

TEST_F(UserShader, SpirvWhoseEntryPointHasAnotherNameIsRefused) {
  const auto compiled = load_glsl(put("good.comp", kGoodShader));
  ASSERT_TRUE(compiled);
  std::string bytes = bytes_of(*compiled);
  bytes.replace(bytes.find("main"), 4, "mine");

  EXPECT_THAT(refusal(load_spirv(put("mine.spv", bytes))),
              HasSubstr("mine.spv: has no entry point \"main\" for compute"));
}

class UserShaderOnDevice : public UserShader {
 protected:
  Outcome check(const std::string& body, const std::vector<SpecConstant>& constants = {}) {
    const auto words =
        load_glsl(put("k.comp", "#version 450\n" + body + "\nvoid main() { work(); }\n"));
    EXPECT_TRUE(words) << words.error().message;
    return check_user_shader(*words, constants, device_);
  }
  static std::string refusal_of(const Outcome& outcome, ErrorKind kind) {
    if (outcome) return "it was taken";
    EXPECT_EQ(outcome.error().kind, kind);
    return outcome.error().message;
  }

  DeviceTraits device_ = desktop_gpu();
  const std::string tile_ = "layout(local_size_x_id = 4, local_size_y_id = 3) in;\nvoid work() {}";
};

TEST_F(UserShaderOnDevice, WorkgroupWithinTheLimitsIsTaken) {
  device_.max_workgroup_size = {64, 32, 1};
  device_.max_workgroup_invocations = 2048;

  const auto outcome = check(tile_, {{3, 32}, {4, 64}});

  EXPECT_TRUE(outcome) << outcome.error().message;
}

TEST_F(UserShaderOnDevice, WorkgroupTooLongIsUnsupportedWithTheNumbers) {
  device_.max_workgroup_size = {64, 32, 1};
  device_.max_workgroup_invocations = 1U << 31;

  EXPECT_EQ(refusal_of(check(tile_, {{3, 32}, {4, 65}}), ErrorKind::unsupported),
            "needs a workgroup of 65 x 32 x 1 invocations, the limit along x is 64");
  EXPECT_EQ(refusal_of(check(tile_, {{3, 33}, {4, 64}}), ErrorKind::unsupported),
            "needs a workgroup of 64 x 33 x 1 invocations, the limit along y is 32");
}

TEST_F(UserShaderOnDevice, WorkgroupWithTooManyInvocationsIsUnsupported) {
  device_.max_workgroup_size = {4096, 4096, 64};
  device_.max_workgroup_invocations = 1024;

  EXPECT_EQ(refusal_of(check(tile_, {{3, 4096}, {4, 4096}}), ErrorKind::unsupported),
            "needs a workgroup of 4096 x 4096 x 1 invocations, the limit is 1024 in all");
}

// 2^16 * 2^16 * 1 is 0 in 32 bits.
TEST_F(UserShaderOnDevice, InvocationsDoNotOverflow) {
  device_.max_workgroup_size = {1U << 16, 1U << 16, 64};
  device_.max_workgroup_invocations = 1024;

  EXPECT_THAT(refusal_of(check(tile_, {{3, 1U << 16}, {4, 1U << 16}}), ErrorKind::unsupported),
              HasSubstr("the limit is 1024 in all"));
}

TEST_F(UserShaderOnDevice, WorkgroupOfNothingIsAnInputError) {
  EXPECT_EQ(refusal_of(check(tile_, {{3, 0}, {4, 8}}), ErrorKind::input),
            "the shader asks for a workgroup of 8 x 0 x 1 invocations");
}

TEST_F(UserShaderOnDevice, FeatureThatTheDeviceLacksIsUnsupported) {
  const std::string doubles = "shared double x;\nvoid work() { x = x + x; }";

  device_.shader_float64 = true;
  EXPECT_TRUE(check(doubles));
  device_.shader_float64 = false;
  EXPECT_EQ(refusal_of(check(doubles), ErrorKind::unsupported), "the shader needs shaderFloat64");
}

}  // namespace
}  // namespace gpubench
