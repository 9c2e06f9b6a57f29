// cooperative_matrix.h — reads how far VK_KHR_cooperative_matrix and VK_NV_cooperative_matrix2
// reach on a device, and which combinations it has.
#pragma once

#include <vector>

#include "base/device_traits.h"
#include "device/vulkan.h"

namespace gpubench {

CooperativeMatrixSupport cooperative_matrix_support(VkPhysicalDevice device);
/// Empty unless supported.
std::vector<CooperativeMatrixShape> cooperative_matrix_shapes(VkInstance instance,
                                                              VkPhysicalDevice device);
CooperativeMatrix2 cooperative_matrix_2(VkInstance instance, VkPhysicalDevice device);

}  // namespace gpubench
