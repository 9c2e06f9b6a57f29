// cooperative_matrix.h — reads how far VK_KHR_cooperative_matrix reaches on a device, and which
// combinations it has.
#pragma once

#include <vector>

#include "base/device_traits.h"
#include "device/vulkan.h"

namespace gpubench {

CooperativeMatrixSupport cooperative_matrix_support(VkPhysicalDevice device);
/// Empty unless supported.
std::vector<CooperativeMatrixShape> cooperative_matrix_shapes(VkInstance instance,
                                                              VkPhysicalDevice device);

}  // namespace gpubench
