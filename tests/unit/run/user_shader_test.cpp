// Files that a user gives as shaders: what is no good says so before a driver sees it.
#include "run/user_shader.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

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

}  // namespace
}  // namespace gpubench
