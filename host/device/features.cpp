#include "device/features.h"

namespace gpubench {

FeatureChain::FeatureChain() {
  core.pNext = &vulkan11;
  vulkan11.pNext = &vulkan12;
  vulkan12.pNext = &subgroup_size;
}

void FeatureChain::query(VkPhysicalDevice device) {
  vkGetPhysicalDeviceFeatures2(device, &core);
}

void FeatureChain::keep_used() {
  const VkPhysicalDeviceFeatures all = core.features;
  core.features = {};
  core.features.shaderInt64 = all.shaderInt64;
  core.features.shaderInt16 = all.shaderInt16;
  core.features.shaderFloat64 = all.shaderFloat64;

  const VkPhysicalDeviceVulkan11Features all11 = vulkan11;
  vulkan11 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, &vulkan12};
  vulkan11.storageBuffer16BitAccess = all11.storageBuffer16BitAccess;

  const VkPhysicalDeviceVulkan12Features all12 = vulkan12;
  vulkan12 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, &subgroup_size};
  vulkan12.bufferDeviceAddress = all12.bufferDeviceAddress;
  vulkan12.shaderFloat16 = all12.shaderFloat16;
  vulkan12.scalarBlockLayout = all12.scalarBlockLayout;
  vulkan12.vulkanMemoryModel = all12.vulkanMemoryModel;
  vulkan12.vulkanMemoryModelDeviceScope = all12.vulkanMemoryModelDeviceScope;
  vulkan12.shaderSubgroupExtendedTypes = all12.shaderSubgroupExtendedTypes;
}

}  // namespace gpubench
