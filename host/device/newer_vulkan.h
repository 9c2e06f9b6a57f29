// newer_vulkan.h — what the Vulkan headers of Debian 12 (1.3.239) do not declare yet, with names,
// values and layouts of the Vulkan registry. A name of our own, so that newer headers may have it
// too.
#pragma once

#include <cstdint>

#include "device/vulkan.h"

namespace gpubench {

// VK_KHR_cooperative_matrix, of headers 1.3.255 and newer.

constexpr const char* kCooperativeMatrixExtension = "VK_KHR_cooperative_matrix";

struct CooperativeMatrixFeatures {
  VkStructureType sType = static_cast<VkStructureType>(1000506000);
  void* pNext = nullptr;
  VkBool32 cooperativeMatrix = VK_FALSE;
  VkBool32 cooperativeMatrixRobustBufferAccess = VK_FALSE;
};

struct CooperativeMatrixProperties {
  VkStructureType sType = static_cast<VkStructureType>(1000506001);
  void* pNext = nullptr;
  std::uint32_t MSize = 0, NSize = 0, KSize = 0;
  std::int32_t AType = 0, BType = 0, CType = 0, ResultType = 0;  ///< VkComponentTypeKHR
  VkBool32 saturatingAccumulation = VK_FALSE;
  std::int32_t scope = 0;  ///< VkScopeKHR
};

using GetCooperativeMatrixProperties = VkResult(VKAPI_PTR*)(VkPhysicalDevice, std::uint32_t*,
                                                            CooperativeMatrixProperties*);

}  // namespace gpubench
