// vulkan_device.cpp — opens a device with the features gpubench uses, and closes it again.
#include "device/vulkan_device.h"

#include <fmt/format.h>

#include "device/features.h"
#include "device/newer_vulkan.h"
#include "device/traits.h"

namespace gpubench {
namespace {

VkBool32 bit(bool value) {
  return value ? VK_TRUE : VK_FALSE;
}

/// What shaders use of matrix units, as far as the device has them: structures in front of a chain,
/// and the extensions that they belong to. It points into itself, so it does not move.
class MatrixFeatures {
 public:
  MatrixFeatures(const DeviceTraits& traits, void* chain) : first_(chain) {
    if (traits.cooperative_matrix != CooperativeMatrixSupport::supported) return;
    matrices_.cooperativeMatrix = VK_TRUE;
    add(matrices_);
    extensions_.push_back(kCooperativeMatrixExtension);
    if (traits.bfloat16.is_listed) {
      bfloat16_.shaderBFloat16Type = bit(traits.bfloat16.type);
      bfloat16_.shaderBFloat16CooperativeMatrix = bit(traits.bfloat16.cooperative_matrix);
      add(bfloat16_);
      extensions_.push_back(kShaderBfloat16Extension);
    }
    const CooperativeMatrix2& more = traits.cooperative_matrix_2;
    if (!more.is_listed || traits.api_version.starts_with("1.2.")) return;
    matrices2_.cooperativeMatrixWorkgroupScope = bit(more.workgroup_scope);
    matrices2_.cooperativeMatrixFlexibleDimensions = bit(more.flexible_dimensions);
    matrices2_.cooperativeMatrixPerElementOperations = bit(more.per_element_operations);
    matrices2_.cooperativeMatrixTensorAddressing = bit(more.tensor_addressing);
    add(matrices2_);
    extensions_.push_back(kCooperativeMatrix2Extension);
    maintenance4_.maintenance4 = VK_TRUE;  // LocalSizeId, which SPIR-V of Vulkan 1.3 has
    add(maintenance4_);
  }
  MatrixFeatures(const MatrixFeatures&) = delete;
  MatrixFeatures& operator=(const MatrixFeatures&) = delete;

  [[nodiscard]] const void* first() const { return first_; }
  [[nodiscard]] const std::vector<const char*>& extensions() const { return extensions_; }

 private:
  template <typename Features>
  void add(Features& features) {
    features.pNext = first_;
    first_ = &features;
  }

  CooperativeMatrixFeatures matrices_;
  ShaderBfloat16Features bfloat16_;
  CooperativeMatrix2Features matrices2_;
  VkPhysicalDeviceMaintenance4Features maintenance4_{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES};
  void* first_;
  std::vector<const char*> extensions_;
};

}  // namespace

VulkanDevice::VulkanDevice(InstancePtr instance, VkPhysicalDevice physical,
                           const DeviceOptions& options)
    : instance_(std::move(instance)), physical_(physical), options_(options) {}

VulkanDevice::~VulkanDevice() {
  if (device_ == VK_NULL_HANDLE || abandoned_) return;
  vkDeviceWaitIdle(device_);
  pipelines_.clear();
  if (cache_) cache_->save();
  cache_.reset();
  destroy(staging_);
  vkDestroyQueryPool(device_, queries_, nullptr);
  vkDestroyFence(device_, fence_, nullptr);
  vkDestroyCommandPool(device_, pool_, nullptr);
  vkDestroyDevice(device_, nullptr);
}

Outcome VulkanDevice::open() {
  traits_ = read_traits(instance_->handle(), physical_);
  vkGetPhysicalDeviceMemoryProperties(physical_, &memory_);
  if (auto created = create_device(); !created) return created;
  if (auto commands = create_commands(); !commands) return commands;
  VkPhysicalDeviceProperties properties{};
  vkGetPhysicalDeviceProperties(physical_, &properties);
  auto cache = PipelineCache::open(device_, properties, options_.cache_dir);
  if (!cache) return cache.error();
  cache_.emplace(std::move(cache).value());
  return Done{};
}

Outcome VulkanDevice::create_device() {
  const auto family = compute_queue_family(physical_);
  if (!family) return Error{ErrorKind::no_device, traits_.name + ": no compute queue"};
  FeatureChain features;
  features.query(physical_);
  features.keep_used();
  std::vector<const char*> extensions;
  // Part of Vulkan 1.3; before that an extension that drivers list.
  if (has_extension(physical_, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME)) {
    extensions.push_back(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME);
  } else {
    features.vulkan12.pNext = nullptr;
  }
  const MatrixFeatures matrices(traits_, &features.core);
  extensions.insert(extensions.end(), matrices.extensions().begin(), matrices.extensions().end());
  // A device that lists it wants it. By its name, as the macro is one of beta extensions.
  constexpr const char* kPortabilitySubset = "VK_KHR_portability_subset";
  if (has_extension(physical_, kPortabilitySubset)) extensions.push_back(kPortabilitySubset);
  if (traits_.memory_budget) extensions.push_back(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);

  constexpr float kPriority = 1.0F;
  VkDeviceQueueCreateInfo queue{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
  queue.queueFamilyIndex = *family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &kPriority;
  VkDeviceCreateInfo info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
  info.pNext = matrices.first();
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  const VkResult result = vkCreateDevice(physical_, &info, nullptr, &device_);
  if (result != VK_SUCCESS) return vulkan_error(result, "opening " + traits_.name);
  volkLoadDevice(device_);
  vkGetDeviceQueue(device_, *family, 0, &queue_);
  return Done{};
}

Outcome VulkanDevice::create_commands() {
  VkCommandPoolCreateInfo pool{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
  pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
  pool.queueFamilyIndex = compute_queue_family(physical_).value_or(0);
  VkResult result = vkCreateCommandPool(device_, &pool, nullptr, &pool_);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateCommandPool");

  VkCommandBufferAllocateInfo buffer{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
  buffer.commandPool = pool_;
  buffer.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  buffer.commandBufferCount = 1;
  result = vkAllocateCommandBuffers(device_, &buffer, &commands_);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkAllocateCommandBuffers");

  const VkFenceCreateInfo fence{VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  result = vkCreateFence(device_, &fence, nullptr, &fence_);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateFence");
  if (!traits_.timestamps) return Done{};

  VkQueryPoolCreateInfo queries{VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO};
  queries.queryType = VK_QUERY_TYPE_TIMESTAMP;
  queries.queryCount = 2;
  result = vkCreateQueryPool(device_, &queries, nullptr, &queries_);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateQueryPool");
  return Done{};
}

std::vector<std::string> VulkanDevice::take_validation_messages() {
  return instance_->take_messages();
}

std::vector<DeviceCandidate> list_devices(const Instance& instance) {
  std::vector<DeviceCandidate> candidates;
  for (std::uint32_t i = 0; i < instance.devices().size(); ++i) {
    VkPhysicalDevice device = instance.devices()[i];
    candidates.push_back({i, read_traits(instance.handle(), device), refusals(device)});
  }
  return candidates;
}

Result<std::unique_ptr<Device>> open_device(const InstancePtr& instance, std::uint32_t index,
                                            const DeviceOptions& options) {
  if (index >= instance->devices().size()) {
    return Error{ErrorKind::usage, fmt::format("there is no device {}", index)};
  }
  auto device = std::make_unique<VulkanDevice>(instance, instance->devices()[index], options);
  if (auto opened = device->open(); !opened) return opened.error();
  return std::unique_ptr<Device>(std::move(device));
}

}  // namespace gpubench
