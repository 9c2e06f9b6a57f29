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
  constexpr std::int32_t kBfloat16 = 1000141000;
  if (type == kBfloat16) return "bfloat16";
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
  const auto query = reinterpret_cast<GetCooperativeMatrixProperties>(
      vkGetInstanceProcAddr(instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
  if (query == nullptr) return {};
  std::uint32_t count = 0;
  if (query(device, &count, nullptr) != VK_SUCCESS) return {};
  std::vector<CooperativeMatrixProperties> properties(count);
  if (query(device, &count, properties.data()) != VK_SUCCESS) return {};
  std::vector<CooperativeMatrixShape> shapes;
  for (const CooperativeMatrixProperties& p : properties) shapes.push_back(shape_of(p));
  return shapes;
}

}  // namespace gpubench
