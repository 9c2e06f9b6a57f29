// vulkan_device.h — the Vulkan side of Device: handles, memory, pipelines and the one queue.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "device/device.h"
#include "device/instance.h"
#include "device/pipeline_cache.h"
#include "device/vulkan.h"

namespace gpubench {

/// Bytes in front of and behind each payload that no kernel may touch. Large enough that a stray
/// row of a tile lands in it, small beside any operand.
constexpr std::uint64_t kGuardBytes = 64 * 1024;
constexpr std::uint32_t kGuardPattern = 0xC5A3F00DU;

/// A VkBuffer with its own memory. Shared with no other buffer, so that addresses stay simple.
struct Allocation {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  std::byte* mapped = nullptr;  ///< Start of the memory, or null.
  VkDeviceAddress address = 0;
  std::uint64_t bytes = 0;
};

class VulkanDevice;

class VulkanBuffer final : public Buffer {
 public:
  VulkanBuffer(VulkanDevice& device, Allocation allocation, std::uint64_t payload_bytes);
  VulkanBuffer(const VulkanBuffer&) = delete;
  VulkanBuffer& operator=(const VulkanBuffer&) = delete;
  ~VulkanBuffer() override;

  [[nodiscard]] std::uint64_t bytes() const override { return payload_bytes_; }
  [[nodiscard]] std::uint64_t address() const override { return allocation_.address + kGuardBytes; }
  [[nodiscard]] std::span<std::byte> mapped() override;
  [[nodiscard]] VkBuffer handle() const { return allocation_.buffer; }
  [[nodiscard]] std::uint64_t allocated_bytes() const { return allocation_.bytes; }
  /// The payload as texels; made at the first call for each format.
  Result<VkBufferView> texels(TexelFormat format);

 private:
  VulkanDevice& device_;
  Allocation allocation_;
  std::uint64_t payload_bytes_;
  std::map<TexelFormat, VkBufferView> texels_;
};

/// What a pipeline may be given: push constants, and a set of texel buffers unless it has none.
struct PipelineInterface {
  VkPipelineLayout layout = VK_NULL_HANDLE;
  VkDescriptorSetLayout texels = VK_NULL_HANDLE;
};

class VulkanPipeline final : public Pipeline {
 public:
  VulkanPipeline(VkDevice device, VkPipeline pipeline, PipelineInterface interface,
                 const PipelineSpec& spec)
      : device_(device),
        pipeline_(pipeline),
        interface_(interface),
        push_bytes_(spec.push_bytes),
        texels_(spec.texels) {}
  VulkanPipeline(const VulkanPipeline&) = delete;
  VulkanPipeline& operator=(const VulkanPipeline&) = delete;
  ~VulkanPipeline() override;

  [[nodiscard]] VkPipeline handle() const { return pipeline_; }
  [[nodiscard]] const PipelineInterface& interface() const { return interface_; }
  [[nodiscard]] std::uint32_t push_bytes() const { return push_bytes_; }
  [[nodiscard]] const std::vector<TexelBuffer>& texels() const { return texels_; }

 private:
  VkDevice device_;
  VkPipeline pipeline_;
  PipelineInterface interface_;
  std::uint32_t push_bytes_;
  std::vector<TexelBuffer> texels_;
};

class VulkanDevice final : public Device {
 public:
  VulkanDevice(InstancePtr instance, VkPhysicalDevice physical, const DeviceOptions& options);
  VulkanDevice(const VulkanDevice&) = delete;
  VulkanDevice& operator=(const VulkanDevice&) = delete;
  ~VulkanDevice() override;
  Outcome open();

  [[nodiscard]] const DeviceTraits& traits() const override { return traits_; }
  [[nodiscard]] MemoryBudget memory() const override;
  Result<BufferPtr> allocate(std::uint64_t bytes) override;
  Outcome upload(Buffer& to, std::uint64_t offset, std::span<const std::byte> from) override;
  Outcome download(Buffer& from, std::uint64_t offset, std::span<std::byte> to) override;
  Outcome fill(Buffer& to, std::uint32_t pattern) override;
  Result<bool> guards_intact(Buffer& buffer, std::string* where) override;
  Result<PipelinePtr> pipeline(std::span<const std::uint32_t> spirv,
                               const PipelineSpec& spec) override;
  void set_submit_timeout_s(double seconds) override { options_.submit_timeout_s = seconds; }
  Result<SubmitTime> submit(std::span<const Dispatch> dispatches) override;
  Result<SubmitTime> copy(Buffer& from, Buffer& to) override;
  std::vector<std::string> take_validation_messages() override;

 private:
  friend class VulkanBuffer;
  enum class MemoryUse : std::uint8_t { payload, staging };

  Outcome create_device();
  Outcome create_commands();
  [[nodiscard]] std::optional<std::uint32_t> memory_type(std::uint32_t allowed,
                                                         MemoryUse use) const;
  [[nodiscard]] bool is_mapped_type(std::uint32_t type) const;
  [[nodiscard]] Outcome check_fits(std::uint64_t bytes) const;
  Result<Allocation> create_allocation(std::uint64_t bytes, MemoryUse use);
  Outcome bind_memory(Allocation& allocation, MemoryUse use);
  void destroy(const Allocation& allocation) const;
  Outcome write_guards(VulkanBuffer& buffer);
  Outcome copy_through_staging(const VulkanBuffer& buffer, std::uint64_t offset,
                               std::span<const std::byte> from, std::span<std::byte> to);
  Result<std::vector<std::byte>> read_raw(VulkanBuffer& buffer, std::uint64_t offset,
                                          std::uint64_t bytes);

  Result<VkCommandBuffer> begin_commands();
  Outcome end_and_wait();
  Result<VkDescriptorPool> create_texel_pool(std::span<const Dispatch> dispatches) const;
  Result<VkDescriptorSet> texel_set(VkDescriptorPool pool, const Dispatch& dispatch) const;
  Result<std::vector<VkDescriptorSet>> texel_sets(VkDescriptorPool pool,
                                                  std::span<const Dispatch> dispatches) const;
  void record_dispatch(VkCommandBuffer commands, const Dispatch& dispatch,
                       VkDescriptorSet texels) const;
  Result<SubmitTime> submit_with(VkDescriptorPool texels, std::span<const Dispatch> dispatches);
  Result<SubmitTime> submit_timed(const std::function<void(VkCommandBuffer commands)>& record);
  Result<double> elapsed_seconds();
  Result<PipelineInterface> create_interface(const PipelineSpec& spec);
  void destroy(const PipelineInterface& interface) const;
  Result<VkPipeline> create_pipeline(VkShaderModule module, VkPipelineLayout layout,
                                     const PipelineSpec& spec);

  InstancePtr instance_;
  VkPhysicalDevice physical_;
  DeviceOptions options_;
  DeviceTraits traits_;
  VkPhysicalDeviceMemoryProperties memory_{};
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;
  VkFence fence_ = VK_NULL_HANDLE;
  VkQueryPool queries_ = VK_NULL_HANDLE;
  Allocation staging_;
  std::optional<PipelineCache> cache_;
  std::unordered_map<std::string, PipelinePtr> pipelines_;
  bool abandoned_ = false;  ///< Work may still run: nothing may be destroyed any more.
};

}  // namespace gpubench
