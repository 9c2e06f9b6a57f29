#include "kernels/absence.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "kernels/kernel.h"

namespace gpubench {

Error absent(std::string text) {
  return {ErrorKind::unsupported, std::move(text)};
}

Outcome check_path(std::string_view kernel, const Problem& problem, Precision precision) {
  const std::string why = without(*find_kernel(problem.op, kernel), precision, Build::as_is);
  return why.empty() ? Outcome(Done{}) : absent(why);
}

Outcome check_module(const std::string& module) {
  if (!shader_code(module).empty()) return Done{};
  return absent(fmt::format(
      "compiler: this build has no SPIR-V of {}, which its own GLSL compiler could not make",
      module));
}

Error absent_from_driver(const DeviceTraits& device, std::string_view missing) {
  return absent(fmt::format("driver: {} {} {}", device.driver_id,
                            device.driver_info.empty() ? device.driver_version : device.driver_info,
                            missing));
}

std::vector<std::string> missing_features(Precision precision, const DeviceTraits& device) {
  std::vector<std::string> missing;
  if (precision == Precision::bf16) {
    if (!device.bfloat16.type) missing.emplace_back("shaderBFloat16Type");
    if (!device.bfloat16.cooperative_matrix) {
      missing.emplace_back("shaderBFloat16CooperativeMatrix");
    }
  } else if (!device.shader_float16) {
    missing.emplace_back("shaderFloat16");
  }
  if (!device.vulkan_memory_model) missing.emplace_back("vulkanMemoryModel");
  if (!device.subgroup_size_control) missing.emplace_back("subgroupSizeControl");
  if (!device.full_subgroups) missing.emplace_back("computeFullSubgroups");
  return missing;
}

Outcome check_missing(const DeviceTraits& device, const std::vector<std::string>& missing) {
  if (missing.empty()) return Done{};
  return absent(fmt::format("device: {} has not {}", device.name, join(missing, ", nor ")));
}

}  // namespace gpubench
