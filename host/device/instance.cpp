#include "device/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace gpubench {
namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

// Of the validation layer, as VK_MAKE_API_VERSION; 0 if there is none.
std::uint32_t validation_layer_version() {
  std::uint32_t count = 0;
  vkEnumerateInstanceLayerProperties(&count, nullptr);
  std::vector<VkLayerProperties> layers(count);
  vkEnumerateInstanceLayerProperties(&count, layers.data());
  const auto found = std::ranges::find_if(layers, [](const VkLayerProperties& layer) {
    return std::string_view(layer.layerName) == kValidationLayer;
  });
  return found == layers.end() ? 0 : found->specVersion;
}

bool loader_knows(std::string_view extension) {
  std::uint32_t count = 0;
  vkEnumerateInstanceExtensionProperties(nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> extensions(count);
  vkEnumerateInstanceExtensionProperties(nullptr, &count, extensions.data());
  return std::ranges::any_of(extensions, [&](const VkExtensionProperties& known) {
    return extension == known.extensionName;
  });
}

// Shaders are instrumented to check every device address only by layers that do it right: 1.3.239
// (Debian 12) breaks the loops of softmax/naive.comp and then reports the first address of a buffer
// as out of bounds; 1.4.309 (Debian 13) is right.
std::vector<VkValidationFeatureEnableEXT> extra_checks() {
  std::vector checks = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
  if (validation_layer_version() >= VK_MAKE_API_VERSION(0, 1, 4, 309)) {
    checks.push_back(VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_EXT);
  }
  return checks;
}

// What the layer says of itself is no misuse of the API: advice against two kinds of checks at
// once, limits that it lowers to make room for its own descriptors.
bool is_about_the_layer(const char* message_id) {
  constexpr std::array<std::string_view, 3> kOwn = {
      "VALIDATION-SETTINGS", "WARNING-GPU-Assisted-Validation", "WARNING-Setting-Limit-Adjusted"};
  return message_id != nullptr && std::ranges::find(kOwn, message_id) != kOwn.end();
}

VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                          VkDebugUtilsMessageTypeFlagsEXT,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data,
                                          void* instance) {
  if (is_about_the_layer(data->pMessageIdName)) return VK_FALSE;
  static_cast<Instance*>(instance)->add_message(data->pMessage);
  return VK_FALSE;
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info(Instance* instance) {
  VkDebugUtilsMessengerCreateInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT};
  info.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                         VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT |
                     VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT;
  info.pfnUserCallback = on_message;
  info.pUserData = instance;
  return info;
}

VkApplicationInfo application_info() {
  VkApplicationInfo info{VK_STRUCTURE_TYPE_APPLICATION_INFO};
  info.pApplicationName = "gpubench";
  info.apiVersion = VK_API_VERSION_1_3;
  return info;
}

Error no_loader() {
  return {ErrorKind::no_device,
          "no Vulkan loader: libvulkan.so.1 could not be loaded; install libvulkan1 (Debian, "
          "Ubuntu) and a driver, such as mesa-vulkan-drivers or the GPU vendor's"};
}

Error no_driver() {
  return {ErrorKind::no_device,
          "no Vulkan driver: the loader found no usable ICD; install mesa-vulkan-drivers (it has "
          "the software device too) or the GPU vendor's driver, and see that VK_DRIVER_FILES and "
          "VK_ICD_FILENAMES do not hide it"};
}

}  // namespace

Instance::~Instance() {
  if (messenger_ != VK_NULL_HANDLE) {
    vkDestroyDebugUtilsMessengerEXT(handle_, messenger_, nullptr);
  }
  if (handle_ != VK_NULL_HANDLE) vkDestroyInstance(handle_, nullptr);
}

void Instance::add_message(std::string message) {
  const std::lock_guard lock(mutex_);
  messages_.push_back(std::move(message));
}

std::vector<std::string> Instance::take_messages() {
  const std::lock_guard lock(mutex_);
  return std::exchange(messages_, {});
}

Outcome Instance::create(ApiValidation validation) {
  const VkApplicationInfo application = application_info();
  VkInstanceCreateInfo info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  info.pApplicationInfo = &application;

  std::vector<const char*> extensions;
  // Else the loader hides drivers that stand on another API, such as MoltenVK.
  if (loader_knows(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME)) {
    extensions.push_back(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME);
    info.flags |= VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
  }
  VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info(this);
  VkValidationFeaturesEXT features{VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT};
  features.pNext = &messenger;
  std::vector<VkValidationFeatureEnableEXT> checks;
  if (validation == ApiValidation::on) {
    checks = extra_checks();
    features.enabledValidationFeatureCount = static_cast<std::uint32_t>(checks.size());
    features.pEnabledValidationFeatures = checks.data();
    info.pNext = &features;
    info.enabledLayerCount = 1;
    info.ppEnabledLayerNames = &kValidationLayer;
    extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    extensions.push_back(VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME);
  }
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  const VkResult result = vkCreateInstance(&info, nullptr, &handle_);
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER) return no_driver();
  if (result != VK_SUCCESS) return vulkan_error(result, "creating the Vulkan instance");
  volkLoadInstance(handle_);
  if (validation == ApiValidation::off) return Done{};
  messenger.pNext = nullptr;
  const VkResult listening =
      vkCreateDebugUtilsMessengerEXT(handle_, &messenger, nullptr, &messenger_);
  if (listening != VK_SUCCESS) return vulkan_error(listening, "vkCreateDebugUtilsMessengerEXT");
  return Done{};
}

Outcome Instance::enumerate() {
  std::uint32_t count = 0;
  VkResult result = vkEnumeratePhysicalDevices(handle_, &count, nullptr);
  devices_.resize(count);
  if (result == VK_SUCCESS && count > 0) {
    result = vkEnumeratePhysicalDevices(handle_, &count, devices_.data());
    devices_.resize(count);
  }
  if (devices_.empty()) return no_driver();
  if (result != VK_SUCCESS) return vulkan_error(result, "listing the Vulkan devices");
  return Done{};
}

Result<InstancePtr> open_instance(ApiValidation validation) {
  if (volkInitialize() != VK_SUCCESS) return no_loader();
  if (validation == ApiValidation::on && validation_layer_version() == 0) {
    return Error{ErrorKind::usage, fmt::format("--validate-api needs the layer {}; install "
                                               "vulkan-validationlayers",
                                               kValidationLayer)};
  }
  auto instance = std::make_shared<Instance>();
  instance->loader_version_ = volkGetInstanceVersion();
  if (auto created = instance->create(validation); !created) return created.error();
  if (auto listed = instance->enumerate(); !listed) return listed.error();
  return instance;
}

}  // namespace gpubench
