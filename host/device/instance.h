// instance.h — the Vulkan instance: loader, validation layer and its messages.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/vulkan.h"

namespace gpubench {

class Instance {
 public:
  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  [[nodiscard]] VkInstance handle() const { return handle_; }
  [[nodiscard]] const std::vector<VkPhysicalDevice>& devices() const { return devices_; }
  [[nodiscard]] std::uint32_t loader_version() const { return loader_version_; }

  std::vector<std::string> take_messages();
  void add_message(std::string message);

 private:
  friend Result<InstancePtr> open_instance(ApiValidation validation);
  Outcome create(ApiValidation validation);
  Outcome enumerate();

  VkInstance handle_ = VK_NULL_HANDLE;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  std::uint32_t loader_version_ = 0;
  std::vector<VkPhysicalDevice> devices_;
  std::mutex mutex_;  // the layer may call back from any thread that calls Vulkan
  std::vector<std::string> messages_;
};

}  // namespace gpubench
