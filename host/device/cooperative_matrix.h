// cooperative_matrix.h — reads the VK_KHR_cooperative_matrix combinations of a device. Its
// structures are declared here because Debian 12's Vulkan headers (1.3.239) do not have them yet.
#pragma once

#include <vector>

#include "base/device_traits.h"
#include "device/vulkan.h"

namespace gpubench {

/// Empty when the device does not have the extension.
std::vector<CooperativeMatrixShape> cooperative_matrix_shapes(VkInstance instance,
                                                              VkPhysicalDevice device);

}  // namespace gpubench
