#include "device/cooperative_matrix.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "device/newer_vulkan.h"
#include "device/traits.h"

namespace gpubench {
namespace {

std::string component_name(std::int32_t type) {
  constexpr std::array kNames = {"float16", "float32", "float64", "sint8",  "sint16", "sint32",
                                 "sint64",  "uint8",   "uint16",  "uint32", "uint64"};
  if (type == kComponentTypeBfloat16) return "bfloat16";
  const auto index = static_cast<std::size_t>(type);
  return type >= 0 && index < kNames.size() ? kNames.at(index) : fmt::format("type{}", type);
}

std::string scope_name(std::int32_t scope) {
  constexpr std::array kNames = {"", "device", "workgroup", "subgroup"};
  const auto index = static_cast<std::size_t>(scope);
  return scope > 0 && index < kNames.size() ? kNames.at(index) : fmt::format("scope{}", scope);
}

CooperativeMatrixShape shape_of(const CooperativeMatrixProperties& p) {
  return {p.MSize,
          p.NSize,
          p.KSize,
          component_name(p.AType),
          component_name(p.BType),
          component_name(p.CType),
          component_name(p.ResultType),
          scope_name(p.scope)};
}

FlexibleMatrixShape shape_of(const CooperativeMatrixFlexibleDimensionsProperties& p) {
  return {{p.MGranularity, p.NGranularity, p.KGranularity, component_name(p.AType),
           component_name(p.BType), component_name(p.CType), component_name(p.ResultType),
           scope_name(p.scope)},
          p.workgroupInvocations};
}

/// What `name` lists of a device, by the usual two calls; empty where the driver lacks the
/// function.
template <typename Query, typename Properties>
std::vector<Properties> listed(VkInstance instance, const char* name, VkPhysicalDevice device) {
  const auto query = reinterpret_cast<Query>(vkGetInstanceProcAddr(instance, name));
  std::uint32_t count = 0;
  if (query == nullptr || query(device, &count, nullptr) != VK_SUCCESS) return {};
  std::vector<Properties> properties(count);
  if (query(device, &count, properties.data()) != VK_SUCCESS) return {};
  return properties;
}

void read_features(VkPhysicalDevice device, CooperativeMatrix2& matrices) {
  CooperativeMatrix2Features features;
  VkPhysicalDeviceFeatures2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features};
  vkGetPhysicalDeviceFeatures2(device, &all);
  matrices.workgroup_scope = features.cooperativeMatrixWorkgroupScope == VK_TRUE;
  matrices.flexible_dimensions = features.cooperativeMatrixFlexibleDimensions == VK_TRUE;
  matrices.reductions = features.cooperativeMatrixReductions == VK_TRUE;
  matrices.conversions = features.cooperativeMatrixConversions == VK_TRUE;
  matrices.per_element_operations = features.cooperativeMatrixPerElementOperations == VK_TRUE;
  matrices.tensor_addressing = features.cooperativeMatrixTensorAddressing == VK_TRUE;
  matrices.block_loads = features.cooperativeMatrixBlockLoads == VK_TRUE;
}

void read_limits(VkPhysicalDevice device, CooperativeMatrix2& matrices) {
  CooperativeMatrix2Properties limits;
  VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &limits};
  vkGetPhysicalDeviceProperties2(device, &all);
  matrices.max_dimension = limits.cooperativeMatrixFlexibleDimensionsMaxDimension;
  matrices.max_workgroup_invocations = limits.cooperativeMatrixWorkgroupScopeMaxWorkgroupSize;
  matrices.reserved_shared_bytes = limits.cooperativeMatrixWorkgroupScopeReservedSharedMemory;
}

}  // namespace

CooperativeMatrixSupport cooperative_matrix_support(VkPhysicalDevice device) {
  if (!has_extension(device, kCooperativeMatrixExtension)) {
    return CooperativeMatrixSupport::not_listed;
  }
  CooperativeMatrixFeatures features;
  VkPhysicalDeviceFeatures2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features};
  vkGetPhysicalDeviceFeatures2(device, &all);
  return features.cooperativeMatrix == VK_TRUE ? CooperativeMatrixSupport::supported
                                               : CooperativeMatrixSupport::no_feature;
}

std::vector<CooperativeMatrixShape> cooperative_matrix_shapes(VkInstance instance,
                                                              VkPhysicalDevice device) {
  if (cooperative_matrix_support(device) != CooperativeMatrixSupport::supported) return {};
  std::vector<CooperativeMatrixShape> shapes;
  for (const auto& p : listed<GetCooperativeMatrixProperties, CooperativeMatrixProperties>(
           instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR", device)) {
    shapes.push_back(shape_of(p));
  }
  return shapes;
}

CooperativeMatrix2 cooperative_matrix_2(VkInstance instance, VkPhysicalDevice device) {
  CooperativeMatrix2 matrices;
  matrices.is_listed = has_extension(device, kCooperativeMatrix2Extension);
  if (!matrices.is_listed ||
      cooperative_matrix_support(device) != CooperativeMatrixSupport::supported) {
    return matrices;
  }
  read_features(device, matrices);
  read_limits(device, matrices);
  if (!matrices.flexible_dimensions) return matrices;
  for (const auto& p : listed<GetCooperativeMatrixFlexibleDimensionsProperties,
                              CooperativeMatrixFlexibleDimensionsProperties>(
           instance, "vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV",
           device)) {
    matrices.flexible_shapes.push_back(shape_of(p));
  }
  return matrices;
}

Bfloat16 shader_bfloat16(VkPhysicalDevice device) {
  Bfloat16 bfloat16;
  bfloat16.is_listed = has_extension(device, kShaderBfloat16Extension);
  if (!bfloat16.is_listed) return bfloat16;
  ShaderBfloat16Features features;
  VkPhysicalDeviceFeatures2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features};
  vkGetPhysicalDeviceFeatures2(device, &all);
  bfloat16.type = features.shaderBFloat16Type == VK_TRUE;
  bfloat16.cooperative_matrix = features.shaderBFloat16CooperativeMatrix == VK_TRUE;
  return bfloat16;
}

}  // namespace gpubench
