// describe.cpp — all facts about one device as JSON: for people who file driver bugs and for
// run.json, which must say under which limits and features a number was made.
#include <span>

#include "device/describe_tables.h"
#include "device/features.h"
#include "device/instance.h"
#include "device/traits.h"

namespace gpubench {
namespace {

using nlohmann::ordered_json;

ordered_json identity_json(const DeviceTraits& t) {
  return {{"name", t.name},
          {"type", to_string(t.type)},
          {"uuid", t.uuid},
          {"pci_address", t.pci_address},
          {"vendor_id", t.vendor_id},
          {"device_id", t.device_id},
          {"driver_id", t.driver_id},
          {"driver_version", t.driver_version},
          {"driver_info", t.driver_info},
          {"api_version", t.api_version}};
}

ordered_json controls_json(const FloatControls& c) {
  return {{"round_to_even", c.round_to_even},
          {"round_to_zero", c.round_to_zero},
          {"denorm_preserve", c.denorm_preserve},
          {"denorm_flush", c.denorm_flush},
          {"signed_zero_inf_nan_preserve", c.signed_zero_inf_nan_preserve}};
}

ordered_json compute_json(const DeviceTraits& t) {
  return {{"shader_float16", t.shader_float16},
          {"storage_16bit", t.storage_16bit},
          {"subgroup_size", t.subgroup_size},
          {"min_subgroup_size", t.min_subgroup_size},
          {"max_subgroup_size", t.max_subgroup_size},
          {"max_shared_bytes", t.max_shared_bytes},
          {"max_loop_rounds", t.max_loop_rounds},
          {"max_allocation_bytes", t.max_allocation_bytes},
          {"max_buffer_bytes", t.max_buffer_bytes},
          {"device_local_bytes", t.device_local_bytes},
          {"timestamps", t.timestamps},
          {"timestamp_valid_bits", t.timestamp_valid_bits},
          {"timestamp_period_ns", t.timestamp_period_ns},
          {"memory_budget", t.memory_budget},
          {"float16_controls", controls_json(t.float16_controls)},
          {"float32_controls", controls_json(t.float32_controls)},
          {"float64_controls", controls_json(t.float64_controls)}};
}

ordered_json shape_json(const CooperativeMatrixShape& s) {
  return {{"m", s.m},
          {"n", s.n},
          {"k", s.k},
          {"a_type", s.a_type},
          {"b_type", s.b_type},
          {"c_type", s.c_type},
          {"result_type", s.result_type},
          {"scope", s.scope}};
}

ordered_json matrices_json(const DeviceTraits& traits) {
  ordered_json list = ordered_json::array();
  for (const CooperativeMatrixShape& s : traits.cooperative_matrices) list.push_back(shape_json(s));
  return list;
}

ordered_json matrices2_json(const CooperativeMatrix2& matrices) {
  ordered_json list = ordered_json::array();
  for (const auto& [granule, invocations] : matrices.flexible_shapes) {
    ordered_json shape = shape_json(granule);
    shape["workgroup_invocations"] = invocations;
    list.push_back(std::move(shape));
  }
  return {{"listed", matrices.is_listed},
          {"workgroup_scope", matrices.workgroup_scope},
          {"flexible_dimensions", matrices.flexible_dimensions},
          {"reductions", matrices.reductions},
          {"conversions", matrices.conversions},
          {"per_element_operations", matrices.per_element_operations},
          {"tensor_addressing", matrices.tensor_addressing},
          {"block_loads", matrices.block_loads},
          {"max_dimension", matrices.max_dimension},
          {"max_workgroup_invocations", matrices.max_workgroup_invocations},
          {"reserved_shared_bytes", matrices.reserved_shared_bytes},
          {"flexible_shapes", std::move(list)}};
}

ordered_json bfloat16_json(const Bfloat16& bfloat16) {
  return {{"listed", bfloat16.is_listed},
          {"type", bfloat16.type},
          {"cooperative_matrix", bfloat16.cooperative_matrix}};
}

ordered_json memory_json(VkPhysicalDevice device) {
  VkPhysicalDeviceMemoryProperties memory{};
  vkGetPhysicalDeviceMemoryProperties(device, &memory);
  ordered_json heaps = ordered_json::array();
  for (const VkMemoryHeap& heap : std::span(memory.memoryHeaps, memory.memoryHeapCount)) {
    heaps.push_back({{"size_bytes", heap.size}, {"flags", heap.flags}});
  }
  ordered_json types = ordered_json::array();
  for (const VkMemoryType& type : std::span(memory.memoryTypes, memory.memoryTypeCount)) {
    types.push_back({{"heap", type.heapIndex}, {"flags", type.propertyFlags}});
  }
  return {{"heaps", heaps}, {"types", types}};
}

ordered_json features_of(const FeatureChain& chain, const DeviceTraits& traits) {
  const bool has_matrices = traits.cooperative_matrix == CooperativeMatrixSupport::supported;
  return {{"core", features_json(chain.core.features)},
          {"vulkan11", features_json(chain.vulkan11)},
          {"vulkan12", features_json(chain.vulkan12)},
          {"subgroup_size_control", chain.subgroup_size.subgroupSizeControl == VK_TRUE},
          {"full_subgroups", chain.subgroup_size.computeFullSubgroups == VK_TRUE},
          {"cooperative_matrix", has_matrices}};
}

}  // namespace

std::string describe_device(const Instance& instance, std::uint32_t index) {
  VkPhysicalDevice device = instance.devices().at(index);
  const DeviceTraits traits = read_traits(instance.handle(), device);
  VkPhysicalDeviceProperties properties{};
  vkGetPhysicalDeviceProperties(device, &properties);
  FeatureChain supported;
  supported.query(device);
  FeatureChain used;
  used.query(device);
  used.keep_used();
  const ordered_json all = {{"index", index},
                            {"identity", identity_json(traits)},
                            {"compute", compute_json(traits)},
                            {"cooperative_matrices", matrices_json(traits)},
                            {"cooperative_matrix_2", matrices2_json(traits.cooperative_matrix_2)},
                            {"bfloat16", bfloat16_json(traits.bfloat16)},
                            {"memory", memory_json(device)},
                            {"limits", limits_json(properties.limits)},
                            {"features_supported", features_of(supported, traits)},
                            {"features_used", features_of(used, traits)},
                            {"extensions", device_extensions(device)},
                            {"refusals", refusals(device)}};
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace gpubench
