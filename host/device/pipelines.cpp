// pipelines.cpp — compute pipelines of a VulkanDevice, one for each spec and code.
#include <fmt/format.h>

#include "base/hash.h"
#include "device/texels.h"
#include "device/vulkan_device.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kSpirvMagic = 0x07230203U;

std::string pipeline_key(std::span<const std::uint32_t> spirv, const PipelineSpec& spec) {
  std::string key = content_hash(std::as_bytes(spirv));
  key +=
      fmt::format("/{}/{}/{}", spec.push_bytes, spec.required_subgroup_size, spec.full_subgroups);
  for (const TexelBuffer& texels : spec.texels) {
    key += fmt::format("/{}:{}", int(texels.role), int(texels.format));
  }
  for (const SpecConstant& constant : spec.constants) {
    key += fmt::format("/{}={}", constant.id, constant.value);
  }
  return key;
}

/// Values in the order of the spec's constants.
struct Specialization {
  explicit Specialization(const PipelineSpec& spec) {
    for (const SpecConstant& constant : spec.constants) {
      entries.push_back({constant.id, static_cast<std::uint32_t>(values.size() * 4), 4});
      values.push_back(constant.value);
    }
    info = {static_cast<std::uint32_t>(entries.size()), entries.data(), values.size() * 4,
            values.data()};
  }
  Specialization(const Specialization&) = delete;
  Specialization& operator=(const Specialization&) = delete;

  std::vector<VkSpecializationMapEntry> entries;
  std::vector<std::uint32_t> values;
  VkSpecializationInfo info{};
};

}  // namespace

VulkanPipeline::~VulkanPipeline() {
  vkDestroyPipeline(device_, pipeline_, nullptr);
  vkDestroyPipelineLayout(device_, interface_.layout, nullptr);
  vkDestroyDescriptorSetLayout(device_, interface_.texels, nullptr);
}

void VulkanDevice::destroy(const PipelineInterface& interface) const {
  vkDestroyPipelineLayout(device_, interface.layout, nullptr);
  vkDestroyDescriptorSetLayout(device_, interface.texels, nullptr);
}

Result<PipelineInterface> VulkanDevice::create_interface(const PipelineSpec& spec) {
  PipelineInterface made;
  if (!spec.texels.empty()) {
    const auto texels = create_texel_layout(device_, spec.texels.size());
    if (!texels) return texels.error();
    made.texels = *texels;
  }
  const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, spec.push_bytes};
  VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
  info.setLayoutCount = made.texels == VK_NULL_HANDLE ? 0 : 1;
  info.pSetLayouts = &made.texels;
  info.pushConstantRangeCount = spec.push_bytes > 0 ? 1 : 0;
  info.pPushConstantRanges = &range;
  const VkResult result = vkCreatePipelineLayout(device_, &info, nullptr, &made.layout);
  if (result == VK_SUCCESS) return made;
  destroy(made);
  return vulkan_error(result, "vkCreatePipelineLayout");
}

Result<VkPipeline> VulkanDevice::create_pipeline(VkShaderModule module, VkPipelineLayout layout,
                                                 const PipelineSpec& spec) {
  const Specialization specialization(spec);
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo subgroup{
      VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO};
  subgroup.requiredSubgroupSize = spec.required_subgroup_size;
  VkComputePipelineCreateInfo info{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
  info.stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
  if (spec.required_subgroup_size != 0) info.stage.pNext = &subgroup;
  if (spec.full_subgroups) {
    info.stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
  }
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module;
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = &specialization.info;
  info.layout = layout;
  VkPipeline pipeline = VK_NULL_HANDLE;
  const VkResult result =
      vkCreateComputePipelines(device_, cache_->handle(), 1, &info, nullptr, &pipeline);
  if (result != VK_SUCCESS) {
    return vulkan_error(result, fmt::format("compiling the pipeline of {}", spec.shader));
  }
  return pipeline;
}

Result<PipelinePtr> VulkanDevice::pipeline(std::span<const std::uint32_t> spirv,
                                           const PipelineSpec& spec) {
  if (spirv.size() < 5 || spirv[0] != kSpirvMagic) {
    return Error{ErrorKind::input, spec.shader + ": not SPIR-V (no magic number 0x07230203)"};
  }
  const std::string key = pipeline_key(spirv, spec);
  if (const auto known = pipelines_.find(key); known != pipelines_.end()) return known->second;

  VkShaderModuleCreateInfo info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  info.codeSize = spirv.size_bytes();
  info.pCode = spirv.data();
  VkShaderModule module = VK_NULL_HANDLE;
  const VkResult result = vkCreateShaderModule(device_, &info, nullptr, &module);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateShaderModule");
  const auto interface = create_interface(spec);
  if (!interface) {
    vkDestroyShaderModule(device_, module, nullptr);
    return interface.error();
  }
  const auto pipeline = create_pipeline(module, interface->layout, spec);
  vkDestroyShaderModule(device_, module, nullptr);
  if (!pipeline) {
    destroy(*interface);
    return pipeline.error();
  }
  PipelinePtr made = std::make_shared<VulkanPipeline>(device_, *pipeline, *interface, spec);
  pipelines_.emplace(key, made);
  return made;
}

}  // namespace gpubench
