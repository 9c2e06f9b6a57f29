#include "run/user_shader.h"

#include <fmt/format.h>
#include <shaderc/shaderc.hpp>
#include <spirv-tools/libspirv.hpp>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/text.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

// A shader is text that a person wrote; anything larger is another file given by mistake.
constexpr std::uintmax_t kMaxShaderBytes = 16U << 20;

Result<std::string> read_shader_file(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return Error{ErrorKind::input, path + ": no such file"};
  if (!fs::is_regular_file(path, error)) return Error{ErrorKind::input, path + ": not a file"};
  if (fs::file_size(path, error) > kMaxShaderBytes) {
    return Error{ErrorKind::input, fmt::format("{}: larger than {}; expected a compute shader",
                                               path, format_bytes(kMaxShaderBytes))};
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return Error{ErrorKind::input, path + ": cannot be read"};
  return text;
}

/// `#include "x"` looks beside the file that says so, and nowhere else.
class IncludeBesideFile : public shaderc::CompileOptions::IncluderInterface {
 public:
  shaderc_include_result* GetInclude(const char* requested, shaderc_include_type,
                                     const char* requesting, size_t) override {
    auto* found = new Included;
    const fs::path path = fs::path(requesting).parent_path() / requested;
    auto text = read_shader_file(path.string());
    found->name = text ? path.string() : std::string();  // an empty name tells shaderc of failure
    found->content = text ? *text : text.error().message;
    found->result = {found->name.data(), found->name.size(), found->content.data(),
                     found->content.size(), found};
    return &found->result;
  }
  void ReleaseInclude(shaderc_include_result* result) override {
    delete static_cast<Included*>(result->user_data);
  }

 private:
  struct Included {
    std::string name, content;
    shaderc_include_result result{};
  };
};

Result<std::vector<std::uint32_t>> compile(const std::string& path, const std::string& source) {
  shaderc::CompileOptions options;
  options.SetTargetEnvironment(shaderc_target_env_vulkan, shaderc_env_version_vulkan_1_2);
  options.SetIncluder(std::make_unique<IncludeBesideFile>());
  const auto compiled =
      shaderc::Compiler().CompileGlslToSpv(source, shaderc_compute_shader, path.c_str(), options);
  if (compiled.GetCompilationStatus() != shaderc_compilation_status_success) {
    return Error{ErrorKind::input, fmt::format("{}: the shader does not compile\n{}", path,
                                               compiled.GetErrorMessage())};
  }
  return std::vector<std::uint32_t>(compiled.cbegin(), compiled.cend());
}

/// Drivers do not check what they are given, and crash: SPIRV-Tools checks it first.
Result<std::vector<std::uint32_t>> validate(const std::string& path, const std::string& bytes) {
  if (bytes.empty() || bytes.size() % 4 != 0) {
    return Error{ErrorKind::input, fmt::format("{}: not SPIR-V: {} bytes, expected a multiple of 4",
                                               path, bytes.size())};
  }
  std::vector<std::uint32_t> words(bytes.size() / 4);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  std::string complaint;
  spvtools::SpirvTools tools(SPV_ENV_VULKAN_1_2);
  tools.SetMessageConsumer(
      [&](spv_message_level_t, const char*, const spv_position_t& position, const char* message) {
        complaint += fmt::format("\n  word {}: {}", position.index, message);
      });
  spvtools::ValidatorOptions options;
  options.SetScalarBlockLayout(true);
  if (!tools.Validate(words.data(), words.size(), options)) {
    return Error{ErrorKind::input,
                 fmt::format("{}: not valid SPIR-V for Vulkan 1.2{}", path, complaint)};
  }
  return words;
}

}  // namespace

Result<std::vector<std::uint32_t>> load_user_shader(const KernelChoiceSpec& spec) {
  const std::string& path = spec.glsl_file.empty() ? spec.spirv_file : spec.glsl_file;
  const auto content = read_shader_file(path);
  if (!content) return content.error();
  auto words = spec.glsl_file.empty() ? validate(path, *content) : compile(path, *content);
  return words;
}

}  // namespace gpubench
