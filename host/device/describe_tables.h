// describe_tables.h — every limit and feature of a device under its Vulkan name, as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "device/vulkan.h"

namespace gpubench {

nlohmann::ordered_json limits_json(const VkPhysicalDeviceLimits& limits);
nlohmann::ordered_json features_json(const VkPhysicalDeviceFeatures& core);
nlohmann::ordered_json features_json(const VkPhysicalDeviceVulkan11Features& vulkan11);
nlohmann::ordered_json features_json(const VkPhysicalDeviceVulkan12Features& vulkan12);

}  // namespace gpubench
