#include "device/traits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "device/cooperative_matrix.h"
#include "device/features.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kNvidia = 0x10DE;
// LP_MAX_TGSI_LOOP_ITERATIONS of Mesa, which no property tells. Seen in 22.3.6, and no longer
// in 25.0.7; what lies between is taken to have it. tests/gpu/rounds_test.cpp looks.
constexpr std::uint32_t kLlvmpipeLoopRounds = 65535;
constexpr std::uint32_t kFirstMesaWithout = 25;
// With 512-bit vectors (LP_NATIVE_VECTOR_WIDTH=512), 16 lanes, llvmpipe fetched wrong texels in
// Mesa 25.0.7 and overwrote its stack in 26.1.6; 22.3.6 was right.
constexpr std::uint32_t kFirstMesaWithWrongTexels = 25, kMostTexelLanes = 8;

std::string version_text(std::uint32_t version) {
  return fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                     VK_API_VERSION_PATCH(version));
}

/// NVIDIA packs 10.8.8.6 bits; the others use Vulkan's own packing.
std::string driver_version_text(const VkPhysicalDeviceProperties& properties) {
  const std::uint32_t version = properties.driverVersion;
  if (properties.vendorID != kNvidia) return version_text(version);
  return fmt::format("{}.{}.{}", version >> 22, (version >> 14) & 0xFF, (version >> 6) & 0xFF);
}

std::string driver_name(VkDriverId id) {
  constexpr std::array kNames = {"",
                                 "AMD_PROPRIETARY",
                                 "AMD_OPEN_SOURCE",
                                 "MESA_RADV",
                                 "NVIDIA_PROPRIETARY",
                                 "INTEL_PROPRIETARY_WINDOWS",
                                 "INTEL_OPEN_SOURCE_MESA",
                                 "IMAGINATION_PROPRIETARY",
                                 "QUALCOMM_PROPRIETARY",
                                 "ARM_PROPRIETARY",
                                 "GOOGLE_SWIFTSHADER",
                                 "GGP_PROPRIETARY",
                                 "BROADCOM_PROPRIETARY",
                                 "MESA_LLVMPIPE",
                                 "MOLTENVK",
                                 "COREAVI_PROPRIETARY",
                                 "JUICE_PROPRIETARY",
                                 "VERISILICON_PROPRIETARY",
                                 "MESA_TURNIP",
                                 "MESA_V3DV",
                                 "MESA_PANVK",
                                 "SAMSUNG_PROPRIETARY",
                                 "MESA_VENUS",
                                 "MESA_DOZEN",
                                 "MESA_NVK",
                                 "IMAGINATION_OPEN_SOURCE_MESA",
                                 "MESA_HONEYKRISP"};
  const auto index = static_cast<std::size_t>(id);
  return index < kNames.size() ? kNames.at(index) : fmt::format("driver{}", index);
}

std::string uuid_text(std::span<const std::uint8_t, VK_UUID_SIZE> uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", uuid[i]);
  }
  return text;
}

DeviceType device_type(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return DeviceType::discrete;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return DeviceType::integrated;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return DeviceType::virtual_gpu;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return DeviceType::cpu;
    default:
      return DeviceType::other;
  }
}

/// The properties of one device, as one chain to query.
struct PropertyChain {
  VkPhysicalDeviceProperties2 core{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
  VkPhysicalDeviceVulkan11Properties vulkan11{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES};
  VkPhysicalDeviceVulkan12Properties vulkan12{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES};
  VkPhysicalDeviceSubgroupSizeControlProperties subgroup_size{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES};
  VkPhysicalDeviceMaintenance4Properties maintenance4{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES};
  VkPhysicalDevicePCIBusInfoPropertiesEXT pci{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT};

  explicit PropertyChain(VkPhysicalDevice device) {
    core.pNext = &vulkan11;
    vulkan11.pNext = &vulkan12;
    vulkan12.pNext = &subgroup_size;
    subgroup_size.pNext = &maintenance4;
    if (has_extension(device, VK_EXT_PCI_BUS_INFO_EXTENSION_NAME)) maintenance4.pNext = &pci;
    vkGetPhysicalDeviceProperties2(device, &core);
  }
  PropertyChain(const PropertyChain&) = delete;
  PropertyChain& operator=(const PropertyChain&) = delete;
};

void read_identity(const PropertyChain& chain, DeviceTraits& traits) {
  const VkPhysicalDeviceProperties& p = chain.core.properties;
  traits.name = p.deviceName;
  traits.type = device_type(p.deviceType);
  traits.uuid = uuid_text(chain.vulkan11.deviceUUID);
  traits.vendor_id = p.vendorID;
  traits.device_id = p.deviceID;
  traits.driver_id = driver_name(chain.vulkan12.driverID);
  traits.driver_version = driver_version_text(p);
  for (const std::uint8_t byte : p.pipelineCacheUUID) {
    traits.pipeline_cache_uuid += fmt::format("{:02x}", byte);
  }
  traits.driver_info = chain.vulkan12.driverInfo;
  traits.api_version = version_text(p.apiVersion);
  if (chain.maintenance4.pNext != nullptr) {
    traits.pci_address = fmt::format("{:04x}:{:02x}:{:02x}.{}", chain.pci.pciDomain,
                                     chain.pci.pciBus, chain.pci.pciDevice, chain.pci.pciFunction);
  }
}

void read_features(VkPhysicalDevice device, DeviceTraits& traits) {
  FeatureChain features;
  features.query(device);
  traits.shader_float16 = features.vulkan12.shaderFloat16 == VK_TRUE;
  traits.storage_16bit = features.vulkan11.storageBuffer16BitAccess == VK_TRUE;
  traits.shader_int64 = features.core.features.shaderInt64 == VK_TRUE;
  traits.shader_float64 = features.core.features.shaderFloat64 == VK_TRUE;
  traits.subgroup_size_control = features.subgroup_size.subgroupSizeControl == VK_TRUE;
  traits.full_subgroups = features.subgroup_size.computeFullSubgroups == VK_TRUE;
  traits.vulkan_memory_model = features.vulkan12.vulkanMemoryModel == VK_TRUE;
  traits.pipeline_robustness = has_extension(device, "VK_EXT_pipeline_robustness");
  traits.memory_budget = has_extension(device, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
}

void read_limits(const PropertyChain& chain, DeviceTraits& traits) {
  const VkPhysicalDeviceLimits& limits = chain.core.properties.limits;
  traits.subgroup_ballot =
      (chain.vulkan11.subgroupSupportedOperations & VK_SUBGROUP_FEATURE_BALLOT_BIT) != 0;
  traits.subgroup_arithmetic =
      (chain.vulkan11.subgroupSupportedOperations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT) != 0;
  // The feature alone does not say for which stages.
  traits.subgroup_size_control =
      traits.subgroup_size_control &&
      (chain.subgroup_size.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
  traits.subgroup_size = chain.vulkan11.subgroupSize;
  traits.min_subgroup_size = chain.subgroup_size.minSubgroupSize;
  traits.max_subgroup_size = chain.subgroup_size.maxSubgroupSize;
  traits.max_workgroup_invocations = limits.maxComputeWorkGroupInvocations;
  std::copy_n(limits.maxComputeWorkGroupSize, 3, traits.max_workgroup_size.begin());
  std::copy_n(limits.maxComputeWorkGroupCount, 3, traits.max_workgroup_count.begin());
  traits.max_shared_bytes = limits.maxComputeSharedMemorySize;
  traits.max_push_bytes = limits.maxPushConstantsSize;
  traits.max_loop_rounds = loop_rounds_of_driver(traits);
  traits.max_allocation_bytes = chain.vulkan11.maxMemoryAllocationSize;
  traits.max_buffer_bytes = chain.maintenance4.maxBufferSize;
  traits.max_storage_buffer_range_bytes = limits.maxStorageBufferRange;
  traits.max_texels = texels_of_driver(traits, limits.maxTexelBufferElements);
  traits.timestamp_period_ns = static_cast<double>(limits.timestampPeriod);
}

FloatControls controls(std::array<VkBool32, 5> bits) {
  return {bits[0] == VK_TRUE, bits[1] == VK_TRUE, bits[2] == VK_TRUE, bits[3] == VK_TRUE,
          bits[4] == VK_TRUE};
}

void read_float_controls(const VkPhysicalDeviceVulkan12Properties& p, DeviceTraits& traits) {
  traits.float16_controls =
      controls({p.shaderRoundingModeRTEFloat16, p.shaderRoundingModeRTZFloat16,
                p.shaderDenormPreserveFloat16, p.shaderDenormFlushToZeroFloat16,
                p.shaderSignedZeroInfNanPreserveFloat16});
  traits.float32_controls =
      controls({p.shaderRoundingModeRTEFloat32, p.shaderRoundingModeRTZFloat32,
                p.shaderDenormPreserveFloat32, p.shaderDenormFlushToZeroFloat32,
                p.shaderSignedZeroInfNanPreserveFloat32});
  traits.float64_controls =
      controls({p.shaderRoundingModeRTEFloat64, p.shaderRoundingModeRTZFloat64,
                p.shaderDenormPreserveFloat64, p.shaderDenormFlushToZeroFloat64,
                p.shaderSignedZeroInfNanPreserveFloat64});
  traits.independent_rounding =
      p.roundingModeIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_ALL;
  traits.independent_denorms =
      p.denormBehaviorIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_ALL;
}

void read_memory(VkPhysicalDevice device, DeviceTraits& traits) {
  VkPhysicalDeviceMemoryProperties memory{};
  vkGetPhysicalDeviceMemoryProperties(device, &memory);
  for (const VkMemoryHeap& heap : std::span(memory.memoryHeaps, memory.memoryHeapCount)) {
    if ((heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0) {
      traits.device_local_bytes = std::max(traits.device_local_bytes, heap.size);
    }
  }
}

std::vector<VkQueueFamilyProperties> queue_families(VkPhysicalDevice device) {
  std::uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
  return families;
}

void read_timestamps(VkPhysicalDevice device, DeviceTraits& traits) {
  const auto family = compute_queue_family(device);
  if (!family) return;
  traits.timestamp_valid_bits = queue_families(device).at(*family).timestampValidBits;
  traits.timestamps = traits.timestamp_valid_bits > 0 && traits.timestamp_period_ns > 0;
}

}  // namespace

std::vector<std::string> device_extensions(VkPhysicalDevice device) {
  std::uint32_t count = 0;
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> properties(count);
  vkEnumerateDeviceExtensionProperties(device, nullptr, &count, properties.data());
  std::vector<std::string> names;
  for (const VkExtensionProperties& property : properties)
    names.emplace_back(property.extensionName);
  return names;
}

bool has_extension(VkPhysicalDevice device, std::string_view name) {
  const std::vector<std::string> names = device_extensions(device);
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<std::uint32_t> compute_queue_family(VkPhysicalDevice device) {
  const std::vector<VkQueueFamilyProperties> families = queue_families(device);
  std::optional<std::uint32_t> with_graphics;
  for (std::uint32_t i = 0; i < families.size(); ++i) {
    const VkQueueFlags flags = families[i].queueFlags;
    if ((flags & VK_QUEUE_COMPUTE_BIT) == 0) continue;
    if ((flags & VK_QUEUE_GRAPHICS_BIT) == 0) return i;
    if (!with_graphics) with_graphics = i;
  }
  return with_graphics;
}

std::uint32_t loop_rounds_of_driver(const DeviceTraits& traits) {
  if (traits.driver_id != kLlvmpipe) return 0;
  return traits.llvmpipe_version() >= kFirstMesaWithout ? 0 : kLlvmpipeLoopRounds;
}

std::uint64_t texels_of_driver(const DeviceTraits& traits, std::uint64_t limit) {
  const bool wrong = traits.llvmpipe_version() >= kFirstMesaWithWrongTexels &&
                     traits.subgroup_size > kMostTexelLanes;
  return wrong ? 0 : limit;
}

DeviceTraits read_traits(VkInstance instance, VkPhysicalDevice device) {
  DeviceTraits traits;
  const PropertyChain chain(device);
  read_identity(chain, traits);
  read_features(device, traits);
  read_limits(chain, traits);
  read_float_controls(chain.vulkan12, traits);
  read_memory(device, traits);
  read_timestamps(device, traits);
  traits.cooperative_matrix = cooperative_matrix_support(device);
  traits.cooperative_matrices = cooperative_matrix_shapes(instance, device);
  traits.cooperative_matrix_2 = cooperative_matrix_2(instance, device);
  traits.bfloat16 = shader_bfloat16(device);
  return traits;
}

std::vector<std::string> refusals(VkPhysicalDevice device) {
  std::vector<std::string> reasons;
  VkPhysicalDeviceProperties properties{};
  vkGetPhysicalDeviceProperties(device, &properties);
  if (properties.apiVersion < VK_API_VERSION_1_2) {
    reasons.push_back(
        fmt::format("Vulkan {} is too old; 1.2 is needed", version_text(properties.apiVersion)));
  }
  if (!compute_queue_family(device)) reasons.emplace_back("no compute queue");
  FeatureChain features;
  features.query(device);
  if (features.vulkan12.bufferDeviceAddress != VK_TRUE) {
    reasons.emplace_back("no bufferDeviceAddress, which operands above the range limit need");
  }
  return reasons;
}

}  // namespace gpubench
