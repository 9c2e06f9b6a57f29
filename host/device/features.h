// features.h — the optional features gpubench uses, as one chain to query and to enable.
#pragma once

#include "device/vulkan.h"

namespace gpubench {

/// A pNext chain of feature structures. It points into itself, so it does not move.
class FeatureChain {
 public:
  FeatureChain();
  FeatureChain(const FeatureChain&) = delete;
  FeatureChain& operator=(const FeatureChain&) = delete;

  /// What the device has.
  void query(VkPhysicalDevice device);
  /// Keeps only what gpubench uses; robust buffer access stays off, since it costs time and the
  /// guard bytes around every buffer catch what it would hide.
  void keep_used();

  VkPhysicalDeviceFeatures2 core{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
  VkPhysicalDeviceVulkan11Features vulkan11{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES};
  VkPhysicalDeviceVulkan12Features vulkan12{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  /// Zero (and not in the chain of vkCreateDevice) unless the extension or Vulkan 1.3 is there.
  VkPhysicalDeviceSubgroupSizeControlFeatures subgroup_size{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES};
};

}  // namespace gpubench
