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

// VK_KHR_shader_bfloat16, of headers newer than 1.4.309.

constexpr const char* kShaderBfloat16Extension = "VK_KHR_shader_bfloat16";
constexpr std::int32_t kComponentTypeBfloat16 = 1000141000;

struct ShaderBfloat16Features {
  VkStructureType sType = static_cast<VkStructureType>(1000141000);
  void* pNext = nullptr;
  VkBool32 shaderBFloat16Type = VK_FALSE;
  VkBool32 shaderBFloat16DotProduct = VK_FALSE;
  VkBool32 shaderBFloat16CooperativeMatrix = VK_FALSE;
};

// VK_NV_cooperative_matrix2, of headers 1.3.300 and newer.

constexpr const char* kCooperativeMatrix2Extension = "VK_NV_cooperative_matrix2";

struct CooperativeMatrix2Features {
  VkStructureType sType = static_cast<VkStructureType>(1000593000);
  void* pNext = nullptr;
  VkBool32 cooperativeMatrixWorkgroupScope = VK_FALSE;
  VkBool32 cooperativeMatrixFlexibleDimensions = VK_FALSE;
  VkBool32 cooperativeMatrixReductions = VK_FALSE;
  VkBool32 cooperativeMatrixConversions = VK_FALSE;
  VkBool32 cooperativeMatrixPerElementOperations = VK_FALSE;
  VkBool32 cooperativeMatrixTensorAddressing = VK_FALSE;
  VkBool32 cooperativeMatrixBlockLoads = VK_FALSE;
};

struct CooperativeMatrix2Properties {
  VkStructureType sType = static_cast<VkStructureType>(1000593002);
  void* pNext = nullptr;
  std::uint32_t cooperativeMatrixWorkgroupScopeMaxWorkgroupSize = 0;
  std::uint32_t cooperativeMatrixFlexibleDimensionsMaxDimension = 0;
  std::uint32_t cooperativeMatrixWorkgroupScopeReservedSharedMemory = 0;
};

struct CooperativeMatrixFlexibleDimensionsProperties {
  VkStructureType sType = static_cast<VkStructureType>(1000593001);
  void* pNext = nullptr;
  std::uint32_t MGranularity = 0, NGranularity = 0, KGranularity = 0;
  std::int32_t AType = 0, BType = 0, CType = 0, ResultType = 0;  ///< VkComponentTypeKHR
  VkBool32 saturatingAccumulation = VK_FALSE;
  std::int32_t scope = 0;  ///< VkScopeKHR
  std::uint32_t workgroupInvocations = 0;
};

using GetCooperativeMatrixFlexibleDimensionsProperties = VkResult(VKAPI_PTR*)(
    VkPhysicalDevice, std::uint32_t*, CooperativeMatrixFlexibleDimensionsProperties*);

}  // namespace gpubench
