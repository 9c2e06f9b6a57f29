#include "device/cooperative_matrix.h"

#include <fmt/format.h>

#include "device/traits.h"

namespace gpubench {
namespace {

// Values and layout as the Vulkan registry gives them for VK_KHR_cooperative_matrix.
constexpr auto kPropertiesType = static_cast<VkStructureType>(1000506001);

struct CooperativeMatrixProperties {
  VkStructureType type = kPropertiesType;
  void* next = nullptr;
  std::uint32_t m = 0, n = 0, k = 0;
  std::int32_t a_type = 0, b_type = 0, c_type = 0, result_type = 0;
  VkBool32 saturating = VK_FALSE;
  std::int32_t scope = 0;
};

using GetProperties = VkResult(VKAPI_PTR*)(VkPhysicalDevice, std::uint32_t*,
                                           CooperativeMatrixProperties*);

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
  return {p.m,
          p.n,
          p.k,
          component_name(p.a_type),
          component_name(p.b_type),
          component_name(p.c_type),
          component_name(p.result_type),
          scope_name(p.scope)};
}

}  // namespace

std::vector<CooperativeMatrixShape> cooperative_matrix_shapes(VkInstance instance,
                                                              VkPhysicalDevice device) {
  if (!has_extension(device, "VK_KHR_cooperative_matrix")) return {};
  const auto query = reinterpret_cast<GetProperties>(
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
