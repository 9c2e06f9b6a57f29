// texels.cpp — buffers that shaders fetch texels from: their views, and the
// descriptor sets that a submission needs for as long as it runs.
#include "device/texels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <vector>

#include "device/vulkan_device.h"

namespace gpubench {
namespace {

// Every device can fetch either from a buffer.
VkFormat vulkan_format(TexelFormat format) {
  return format == TexelFormat::f16 ? VK_FORMAT_R16G16B16A16_SFLOAT : VK_FORMAT_R32G32B32A32_SFLOAT;
}

std::uint64_t bytes_of(TexelFormat format) {
  return format == TexelFormat::f16 ? 8 : 16;
}

constexpr VkDescriptorType kTexelBuffer = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;

}  // namespace

Result<VkDescriptorSetLayout> create_texel_layout(VkDevice device, std::size_t buffers) {
  std::vector<VkDescriptorSetLayoutBinding> bindings;
  for (std::uint32_t i = 0; i < buffers; ++i) {
    bindings.push_back({i, kTexelBuffer, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr});
  }
  VkDescriptorSetLayoutCreateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
  info.bindingCount = static_cast<std::uint32_t>(bindings.size());
  info.pBindings = bindings.data();
  VkDescriptorSetLayout layout = VK_NULL_HANDLE;
  const VkResult result = vkCreateDescriptorSetLayout(device, &info, nullptr, &layout);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateDescriptorSetLayout");
  return layout;
}

Result<VkBufferView> VulkanBuffer::texels(TexelFormat format) {
  if (const auto made = texels_.find(format); made != texels_.end()) return made->second;
  const std::uint64_t texels = payload_bytes_ / bytes_of(format);
  if (texels == 0 || texels > device_.traits().max_texels) {
    return Error{ErrorKind::unsupported,
                 fmt::format("{} texels in one buffer, the device takes 1 to {}", texels,
                             device_.traits().max_texels)};
  }
  VkBufferViewCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO};
  info.buffer = allocation_.buffer;
  info.format = vulkan_format(format);
  info.offset = kGuardBytes;
  info.range = texels * bytes_of(format);
  VkBufferView view = VK_NULL_HANDLE;
  const VkResult result = vkCreateBufferView(device_.device_, &info, nullptr, &view);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateBufferView");
  texels_.emplace(format, view);
  return view;
}

/// Null when no dispatch has texels.
Result<VkDescriptorPool> VulkanDevice::create_texel_pool(
    std::span<const Dispatch> dispatches) const {
  VkDescriptorPoolSize size{kTexelBuffer, 0};
  VkDescriptorPoolCreateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
  for (const Dispatch& dispatch : dispatches) {
    info.maxSets += dispatch.texels.empty() ? 0 : 1;
    size.descriptorCount += static_cast<std::uint32_t>(dispatch.texels.size());
  }
  VkDescriptorPool pool = VK_NULL_HANDLE;
  if (info.maxSets == 0) return pool;
  info.poolSizeCount = 1;
  info.pPoolSizes = &size;
  const VkResult result = vkCreateDescriptorPool(device_, &info, nullptr, &pool);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateDescriptorPool");
  return pool;
}

/// Null for a dispatch without texels.
Result<VkDescriptorSet> VulkanDevice::texel_set(VkDescriptorPool pool,
                                                const Dispatch& dispatch) const {
  const auto& pipeline = static_cast<const VulkanPipeline&>(*dispatch.pipeline);
  assert(dispatch.texels.size() == pipeline.texels().size() && "a texel buffer is missing");
  VkDescriptorSet set = VK_NULL_HANDLE;
  if (dispatch.texels.empty()) return set;
  VkDescriptorSetAllocateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO};
  info.descriptorPool = pool;
  info.descriptorSetCount = 1;
  info.pSetLayouts = &pipeline.interface().texels;
  const VkResult result = vkAllocateDescriptorSets(device_, &info, &set);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkAllocateDescriptorSets");
  for (std::uint32_t i = 0; i < dispatch.texels.size(); ++i) {
    const TexelFormat format = pipeline.texels()[i].format;
    const auto view = static_cast<VulkanBuffer&>(*dispatch.texels[i]).texels(format);
    if (!view) return view.error();
    VkWriteDescriptorSet write{VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET};
    write.dstSet = set;
    write.dstBinding = i;
    write.descriptorCount = 1;
    write.descriptorType = kTexelBuffer;
    write.pTexelBufferView = &*view;
    vkUpdateDescriptorSets(device_, 1, &write, 0, nullptr);
  }
  return set;
}

Result<std::vector<VkDescriptorSet>> VulkanDevice::texel_sets(
    VkDescriptorPool pool, std::span<const Dispatch> dispatches) const {
  std::vector<VkDescriptorSet> sets;
  for (const Dispatch& dispatch : dispatches) {
    const auto set = texel_set(pool, dispatch);
    if (!set) return set.error();
    sets.push_back(*set);
  }
  return sets;
}

}  // namespace gpubench
