#include "run/user_shader.h"

#include <fmt/format.h>
#include <shaderc/shaderc.hpp>
#include <spirv-tools/libspirv.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <spirv/unified1/spirv.hpp11>
#include <string>
#include <string_view>

#include "base/text.h"
#include "kernels/contract.h"
#include "run/shader_facts.h"
#include "scenario/limits.h"

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

/// Where the first thing stands that is neither blank nor a comment; the size if there is none.
std::size_t first_code(std::string_view source) {
  std::size_t at = 0;
  while (true) {
    at = std::min(source.find_first_not_of(" \t\r\n\v\f", at), source.size());
    const std::string_view rest = source.substr(at);
    const bool is_line = rest.starts_with("//");
    if (!is_line && !rest.starts_with("/*")) return at;
    const std::size_t end = is_line ? source.find('\n', at) : source.find("*/", at + 2);
    if (end == std::string_view::npos) return source.size();
    at = end + (is_line ? 1 : 2);
  }
}

/// The number of a "#version" directive that `text` begins with; 0 if there is none.
int version_number(std::string_view text) {
  const auto skip = [&](std::string_view word) {
    const bool is_next = text.starts_with(word);
    if (is_next) text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return is_next;
  };
  int number = 0;
  if (skip("#") && skip("version")) {
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

// Of GLSL ES; the compiler itself refuses 330 and 400 in a line.
constexpr int kFirstComputeVersion = 310;

/// Without a version, or with 110, glslang fails on its own built-ins and prints them to stdout.
Outcome check_version_line(const std::string& path, std::string_view source) {
  const std::size_t at = first_code(source);
  if (at == source.size()) {
    return Error{ErrorKind::input,
                 path + ": is empty; expected a compute shader in GLSL, from \"#version 450\" on"};
  }
  if (version_number(source.substr(at)) >= kFirstComputeVersion) return Done{};
  const auto line = 1 + std::count(source.begin(), source.begin() + std::ptrdiff_t(at), '\n');
  return Error{
      ErrorKind::input,
      fmt::format("{}:{}: expected \"#version 450\" before anything but comments", path, line)};
}

Result<std::vector<std::uint32_t>> compile(const std::string& path, const std::string& source) {
  if (auto begins = check_version_line(path, source); !begins) return begins.error();
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

static_assert(kFirstUserConstant == kFirstOwnConstant, "a scenario may set what a launch does not");

/// A capability of SPIR-V that gpubench enables, and where a device may lack it, how to know.
struct Capability {
  spv::Capability number;
  bool DeviceTraits::*trait = nullptr;  ///< Null: every device that is taken, or nothing tells.
  const char* feature = "";             ///< As Vulkan names it.
};

// What device/features.cpp enables, and what needs no enabling in a compute shader of Vulkan 1.2.
// docs/adding-a-kernel.md lists them.
constexpr std::array kCapabilities{
    Capability{spv::Capability::Matrix},
    Capability{spv::Capability::Shader},
    Capability{spv::Capability::PhysicalStorageBufferAddresses},
    Capability{spv::Capability::Float16, &DeviceTraits::shader_float16, "shaderFloat16"},
    Capability{spv::Capability::StorageBuffer16BitAccess, &DeviceTraits::storage_16bit,
               "storageBuffer16BitAccess"},
    Capability{spv::Capability::Float64, &DeviceTraits::shader_float64, "shaderFloat64"},
    Capability{spv::Capability::Int64, &DeviceTraits::shader_int64, "shaderInt64"},
    Capability{spv::Capability::Int16},
    Capability{spv::Capability::VulkanMemoryModel},
    Capability{spv::Capability::VulkanMemoryModelDeviceScope},
    Capability{spv::Capability::GroupNonUniform},
    Capability{spv::Capability::GroupNonUniformVote},
    Capability{spv::Capability::GroupNonUniformArithmetic},
    Capability{spv::Capability::GroupNonUniformBallot},
    Capability{spv::Capability::GroupNonUniformShuffle},
    Capability{spv::Capability::GroupNonUniformShuffleRelative},
    Capability{spv::Capability::GroupNonUniformClustered},
    Capability{spv::Capability::GroupNonUniformQuad},
    Capability{spv::Capability::DenormPreserve},
    Capability{spv::Capability::DenormFlushToZero},
    Capability{spv::Capability::SignedZeroInfNanPreserve},
    Capability{spv::Capability::RoundingModeRTE},
    Capability{spv::Capability::RoundingModeRTZ},
};

const Capability* find_capability(std::uint32_t number) {
  const auto* found =
      std::find_if(kCapabilities.begin(), kCapabilities.end(),
                   [&](const Capability& known) { return std::uint32_t(known.number) == number; });
  return found == kCapabilities.end() ? nullptr : found;
}

Error breach(const std::string& path, const std::string& what) {
  return Error{ErrorKind::input,
               fmt::format("{}: {} (docs/adding-a-kernel.md has the contract)", path, what)};
}

/// What no device is asked about, since gpubench itself gives it to no shader.
Outcome check_contract(const std::string& path, const ShaderFacts& facts) {
  if (!facts.has_compute_main) {
    return breach(path, "has no entry point \"main\" for compute, the one that is called");
  }
  if (!facts.descriptors.empty()) {
    const ShaderDescriptor& first = facts.descriptors.front();
    return breach(
        path,
        fmt::format("declares a descriptor{} at set {}, binding {}; there are none, "
                    "buffers come as addresses in the push constants",
                    first.name.empty() ? "" : " \"" + first.name + "\"", first.set, first.binding));
  }
  if (facts.push_bytes > kPushBytes) {
    return breach(path, fmt::format("declares {} bytes of push constants; there are {}",
                                    facts.push_bytes, kPushBytes));
  }
  for (const std::uint32_t number : facts.capabilities) {
    if (find_capability(number) != nullptr) continue;
    return breach(path, fmt::format("needs the capability {}, which gpubench does not enable",
                                    capability_name(number)));
  }
  return Done{};
}

Outcome check_workgroup_size(const std::array<std::uint32_t, 3>& size, const DeviceTraits& device) {
  const std::string text = fmt::format("a workgroup of {} x {} x {}", size[0], size[1], size[2]);
  if (std::count(size.begin(), size.end(), 0U) > 0) {
    return Error{ErrorKind::input, "the shader asks for " + text + " invocations"};
  }
  for (std::size_t axis = 0; axis < size.size(); ++axis) {
    if (size[axis] <= device.max_workgroup_size[axis]) continue;
    return Error{ErrorKind::unsupported,
                 fmt::format("needs {} invocations, the limit along {} is {}", text, "xyz"[axis],
                             device.max_workgroup_size[axis])};
  }
  // Cut to 32 bits at each step: no product overflows.
  std::uint64_t invocations = 1;
  for (const std::uint32_t extent : size) {
    invocations = std::min<std::uint64_t>(invocations * extent, UINT32_MAX);
  }
  if (invocations <= device.max_workgroup_invocations) return Done{};
  return Error{ErrorKind::unsupported, fmt::format("needs {} invocations, the limit is {} in all",
                                                   text, device.max_workgroup_invocations)};
}

Outcome check_features(const ShaderFacts& facts, const DeviceTraits& device) {
  for (const std::uint32_t number : facts.capabilities) {
    const Capability* known = find_capability(number);
    if (known == nullptr || known->trait == nullptr || device.*known->trait) continue;
    return Error{ErrorKind::unsupported, fmt::format("the shader needs {}", known->feature)};
  }
  return Done{};
}

}  // namespace

Result<std::vector<std::uint32_t>> load_user_shader(const KernelChoiceSpec& spec) {
  const std::string& path = spec.glsl_file.empty() ? spec.spirv_file : spec.glsl_file;
  const auto content = read_shader_file(path);
  if (!content) return content.error();
  auto words = spec.glsl_file.empty() ? validate(path, *content) : compile(path, *content);
  if (!words) return words;
  const Outcome kept = check_contract(path, read_shader_facts(*words, {}));
  if (!kept) return kept.error();
  return words;
}

Outcome check_user_shader(std::span<const std::uint32_t> words,
                          std::span<const SpecConstant> constants, const DeviceTraits& device) {
  const ShaderFacts facts = read_shader_facts(words, constants);
  if (auto has = check_features(facts, device); !has) return has;
  return facts.local_size ? check_workgroup_size(*facts.local_size, device) : Done{};
}

}  // namespace gpubench
