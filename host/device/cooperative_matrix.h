// cooperative_matrix.h — reads how far VK_KHR_cooperative_matrix, VK_NV_cooperative_matrix2 and
// VK_KHR_shader_bfloat16 reach on a device, and which combinations it has.
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
Bfloat16 shader_bfloat16(VkPhysicalDevice device);

}  // namespace gpubench
