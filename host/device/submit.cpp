// submit.cpp — records and times one submission. Barriers keep dispatches from overlapping: without
// them back-to-back dispatches run together and each looks faster than it is.
#include <fmt/format.h>

#include <array>
#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "base/timestamps.h"
#include "device/vulkan_device.h"

namespace gpubench {
namespace {

void barrier(VkCommandBuffer commands, VkPipelineStageFlags before, VkPipelineStageFlags after) {
  VkMemoryBarrier memory{VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  memory.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT;
  memory.dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
  vkCmdPipelineBarrier(commands, before, after, 0, 1, &memory, 0, nullptr, 0, nullptr);
}

}  // namespace

Result<VkCommandBuffer> VulkanDevice::begin_commands() {
  VkCommandBufferBeginInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  const VkResult result = vkBeginCommandBuffer(commands_, &info);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkBeginCommandBuffer");
  barrier(commands_, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT,
          VK_PIPELINE_STAGE_ALL_COMMANDS_BIT);
  return commands_;
}

Outcome VulkanDevice::end_and_wait() {
  barrier(commands_, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_HOST_BIT);
  VkResult result = vkEndCommandBuffer(commands_);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkEndCommandBuffer");
  VkSubmitInfo info{VK_STRUCTURE_TYPE_SUBMIT_INFO};
  info.commandBufferCount = 1;
  info.pCommandBuffers = &commands_;
  result = vkQueueSubmit(queue_, 1, &info, fence_);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkQueueSubmit");
  const auto timeout_ns = static_cast<std::uint64_t>(options_.submit_timeout_s * 1e9);
  result = vkWaitForFences(device_, 1, &fence_, VK_TRUE, timeout_ns);
  if (result == VK_TIMEOUT) {
    abandoned_ = true;
    return Error{ErrorKind::timeout, "the device did not finish a submission within " +
                                         format_seconds(options_.submit_timeout_s)};
  }
  if (result != VK_SUCCESS) return vulkan_error(result, "waiting for the device");
  result = vkResetFences(device_, 1, &fence_);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkResetFences");
  return Done{};
}

void VulkanDevice::record_dispatch(VkCommandBuffer commands, const Dispatch& dispatch,
                                   VkDescriptorSet texels) const {
  const auto& pipeline = static_cast<const VulkanPipeline&>(*dispatch.pipeline);
  assert(dispatch.push.size() == pipeline.push_bytes() && "push block has another size");
  vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle());
  if (texels != VK_NULL_HANDLE) {
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.interface().layout,
                            0, 1, &texels, 0, nullptr);
  }
  if (!dispatch.push.empty()) {
    vkCmdPushConstants(commands, pipeline.interface().layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                       static_cast<std::uint32_t>(dispatch.push.size()), dispatch.push.data());
  }
  vkCmdDispatch(commands, dispatch.groups[0], dispatch.groups[1], dispatch.groups[2]);
  barrier(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT);
}

/// NaN when the queue has no timestamps.
Result<double> VulkanDevice::elapsed_seconds() {
  if (queries_ == VK_NULL_HANDLE) return std::numeric_limits<double>::quiet_NaN();
  std::array<std::uint64_t, 2> ticks{};
  const VkResult result =
      vkGetQueryPoolResults(device_, queries_, 0, 2, sizeof ticks, ticks.data(), sizeof ticks[0],
                            VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
  if (result != VK_SUCCESS) return vulkan_error(result, "reading timestamps");
  return timestamp_seconds(ticks[0], ticks[1], traits_.timestamp_valid_bits,
                           traits_.timestamp_period_ns);
}

Result<SubmitTime> VulkanDevice::submit_timed(
    const std::function<void(VkCommandBuffer commands)>& record) {
  auto commands = begin_commands();
  if (!commands) return commands.error();
  if (queries_ != VK_NULL_HANDLE) {
    vkCmdResetQueryPool(*commands, queries_, 0, 2);
    vkCmdWriteTimestamp(*commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries_, 0);
  }
  record(*commands);
  if (queries_ != VK_NULL_HANDLE) {
    vkCmdWriteTimestamp(*commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries_, 1);
  }
  const auto start = std::chrono::steady_clock::now();
  if (auto finished = end_and_wait(); !finished) return finished.error();
  const std::chrono::duration<double> host = std::chrono::steady_clock::now() - start;
  const auto gpu_s = elapsed_seconds();
  if (!gpu_s) return gpu_s.error();
  return SubmitTime{*gpu_s, host.count()};
}

Result<SubmitTime> VulkanDevice::submit(std::span<const Dispatch> dispatches) {
  const auto pool = create_texel_pool(dispatches);
  if (!pool) return pool.error();
  const auto time = submit_with(*pool, dispatches);
  if (!abandoned_) vkDestroyDescriptorPool(device_, *pool, nullptr);
  return time;
}

Result<SubmitTime> VulkanDevice::submit_with(VkDescriptorPool texels,
                                             std::span<const Dispatch> dispatches) {
  const auto sets = texel_sets(texels, dispatches);
  if (!sets) return sets.error();
  return submit_timed([&](VkCommandBuffer commands) {
    for (std::size_t i = 0; i < dispatches.size(); ++i) {
      record_dispatch(commands, dispatches[i], (*sets)[i]);
    }
  });
}

Result<SubmitTime> VulkanDevice::copy(Buffer& from, Buffer& to) {
  assert(from.bytes() <= to.bytes() && "the copy has no room");
  const VkBufferCopy whole{kGuardBytes, kGuardBytes, from.bytes()};
  return submit_timed([&](VkCommandBuffer commands) {
    vkCmdCopyBuffer(commands, static_cast<VulkanBuffer&>(from).handle(),
                    static_cast<VulkanBuffer&>(to).handle(), 1, &whole);
    barrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT);
  });
}

}  // namespace gpubench
