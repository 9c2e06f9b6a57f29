// traits.h — reads what a physical device is and can do, and why gpubench cannot use it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_traits.h"
#include "device/vulkan.h"

namespace gpubench {

/// DeviceTraits::max_loop_rounds, by Vulkan's name of the driver and what it says of its version.
std::uint32_t loop_rounds_of_driver(const DeviceTraits& traits);
/// DeviceTraits::max_texels: the limit that the driver states, or 0 where it fetches texels wrong.
std::uint64_t texels_of_driver(const DeviceTraits& traits, std::uint64_t limit);

DeviceTraits read_traits(VkInstance instance, VkPhysicalDevice device);
/// Every reason, not only the first; empty when the device can be used.
std::vector<std::string> refusals(VkPhysicalDevice device);

std::vector<std::string> device_extensions(VkPhysicalDevice device);
bool has_extension(VkPhysicalDevice device, std::string_view name);
/// A family with compute, without graphics if there is one; empty when there is none.
std::optional<std::uint32_t> compute_queue_family(VkPhysicalDevice device);

}  // namespace gpubench
