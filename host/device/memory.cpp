// memory.cpp — buffers of a VulkanDevice. Each has its own memory, a device address and guard
// bytes on both sides; data moves by mapping where that is fast and through staging elsewhere.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <fstream>
#include <span>

#include "base/parallel.h"
#include "base/text.h"
#include "device/vulkan_device.h"

namespace gpubench {
namespace {

// Large enough to reach the bus rate, small beside any operand that needs staging.
constexpr std::uint64_t kStagingBytes = 64ULL << 20;
constexpr std::size_t kCopyGrain = 4ULL << 20;

constexpr VkMemoryPropertyFlags kReadable = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                            VK_MEMORY_PROPERTY_HOST_COHERENT_BIT |
                                            VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
constexpr VkMemoryPropertyFlags kWritable =
    VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;

/// One core does not reach the memory bandwidth of a machine with many.
void parallel_copy(std::byte* to, const std::byte* from, std::size_t bytes) {
  parallel_for(bytes, kCopyGrain, [&](std::size_t begin, std::size_t end) {
    std::memcpy(to + begin, from + begin, end - begin);
  });
}

std::uint64_t round_up_to_word(std::uint64_t bytes) {
  return (bytes + 3) / 4 * 4;
}

/// MemAvailable: what the kernel could hand out without swapping. Empty when it cannot be read.
std::optional<std::uint64_t> host_available_bytes() {
  std::ifstream meminfo("/proc/meminfo");
  for (std::string line; std::getline(meminfo, line);) {
    if (!line.starts_with("MemAvailable:")) continue;
    const std::size_t digit = line.find_first_of("0123456789");
    const std::size_t end = line.find_first_not_of("0123456789", digit);
    if (const auto kib = parse_unsigned(line.substr(digit, end - digit))) return *kib * 1024;
  }
  return std::nullopt;
}

std::array<std::byte, 4> bytes_of(std::uint32_t word) {
  std::array<std::byte, 4> bytes{};
  std::memcpy(bytes.data(), &word, bytes.size());
  return bytes;
}

/// First byte of `guard` that is not the pattern. `phase`: offset of the guard from a word border.
std::optional<std::size_t> first_changed(std::span<const std::byte> guard, std::uint64_t phase) {
  const auto pattern = bytes_of(kGuardPattern);
  for (std::size_t i = 0; i < guard.size(); ++i) {
    if (guard[i] != pattern.at((i + phase) % 4)) return i;
  }
  return std::nullopt;
}

}  // namespace

VulkanBuffer::VulkanBuffer(VulkanDevice& device, Allocation allocation, std::uint64_t payload_bytes)
    : device_(device), allocation_(allocation), payload_bytes_(payload_bytes) {}

VulkanBuffer::~VulkanBuffer() {
  for (const auto& [format, view] : texels_) {
    if (!device_.abandoned_) vkDestroyBufferView(device_.device_, view, nullptr);
  }
  device_.destroy(allocation_);
}

std::span<std::byte> VulkanBuffer::mapped() {
  if (allocation_.mapped == nullptr) return {};
  return {allocation_.mapped + kGuardBytes, payload_bytes_};
}

MemoryBudget VulkanDevice::memory() const {
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
  VkPhysicalDeviceMemoryProperties2 properties{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2};
  if (traits_.memory_budget) properties.pNext = &budget;
  vkGetPhysicalDeviceMemoryProperties2(physical_, &properties);
  const auto type = memory_type(~0U, MemoryUse::payload);
  if (!type) return {};
  const std::uint32_t heap = memory_.memoryTypes[*type].heapIndex;
  MemoryBudget result{memory_.memoryHeaps[heap].size, memory_.memoryHeaps[heap].size};
  if (traits_.memory_budget) {
    result.free_bytes =
        budget.heapBudget[heap] - std::min(budget.heapUsage[heap], budget.heapBudget[heap]);
  }
  const auto available = host_available_bytes();
  if (!available) return result;
  // A software device allocates like any process: its heap size is a number the driver made up
  // (lavapipe says 2 GiB on every machine). An integrated GPU shares the host's memory, whose other
  // users a driver's budget may not count.
  if (traits_.type == DeviceType::cpu) {
    result.free_bytes = *available;
  } else if (traits_.type == DeviceType::integrated) {
    result.free_bytes = std::min(result.free_bytes, *available);
  }
  return result;
}

bool VulkanDevice::is_mapped_type(std::uint32_t type) const {
  return (memory_.memoryTypes[type].propertyFlags & kReadable) == kReadable;
}

/// Payloads live where the device is fastest; if that memory is also cached host memory (integrated
/// and software devices) it is mapped. Staging is host memory, cached if there is such.
std::optional<std::uint32_t> VulkanDevice::memory_type(std::uint32_t allowed, MemoryUse use) const {
  const auto best_with = [&](VkMemoryPropertyFlags wanted) -> std::optional<std::uint32_t> {
    for (std::uint32_t i = 0; i < memory_.memoryTypeCount; ++i) {
      const VkMemoryPropertyFlags flags = memory_.memoryTypes[i].propertyFlags;
      if ((allowed & (1U << i)) != 0 && (flags & wanted) == wanted) return i;
    }
    return std::nullopt;
  };
  if (use == MemoryUse::staging) {
    const auto cached = best_with(kReadable);
    return cached ? cached : best_with(kWritable);
  }
  if (traits_.type != DeviceType::discrete && options_.host_access == HostAccess::automatic) {
    const auto unified = best_with(VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | kReadable);
    if (unified) return unified;
  }
  const auto local = best_with(VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
  return local ? local : best_with(0);
}

Outcome VulkanDevice::check_fits(std::uint64_t bytes) const {
  const std::uint64_t limit =
      std::min(traits_.max_allocation_bytes == 0 ? ~0ULL : traits_.max_allocation_bytes,
               traits_.max_buffer_bytes == 0 ? ~0ULL : traits_.max_buffer_bytes);
  if (bytes > limit) {
    return Error{ErrorKind::unsupported,
                 fmt::format("one buffer needs {}, the device's limit is {}", format_bytes(bytes),
                             format_bytes(limit))};
  }
  const MemoryBudget budget = memory();
  if (bytes > budget.free_bytes) {
    return Error{ErrorKind::out_of_memory, fmt::format("needs {}, {} free", format_bytes(bytes),
                                                       format_bytes(budget.free_bytes))};
  }
  return Done{};
}

Outcome VulkanDevice::bind_memory(Allocation& allocation, MemoryUse use) {
  VkMemoryRequirements needs{};
  vkGetBufferMemoryRequirements(device_, allocation.buffer, &needs);
  const auto type = memory_type(needs.memoryTypeBits, use);
  if (!type) return Error{ErrorKind::unsupported, "no memory type fits a storage buffer"};
  VkMemoryAllocateFlagsInfo flags{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO};
  flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, &flags};
  info.allocationSize = needs.size;
  info.memoryTypeIndex = *type;
  VkResult result = vkAllocateMemory(device_, &info, nullptr, &allocation.memory);
  if (result != VK_SUCCESS) {
    return vulkan_error(result, "allocating " + format_bytes(allocation.bytes));
  }
  result = vkBindBufferMemory(device_, allocation.buffer, allocation.memory, 0);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkBindBufferMemory");
  const bool map = use == MemoryUse::staging ||
                   (options_.host_access == HostAccess::automatic && is_mapped_type(*type));
  if (!map) return Done{};
  void* mapped = nullptr;
  result = vkMapMemory(device_, allocation.memory, 0, VK_WHOLE_SIZE, 0, &mapped);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkMapMemory");
  allocation.mapped = static_cast<std::byte*>(mapped);
  return Done{};
}

Result<Allocation> VulkanDevice::create_allocation(std::uint64_t bytes, MemoryUse use) {
  Allocation allocation;
  allocation.bytes = bytes;
  VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  info.size = bytes;
  info.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
               VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT |
               VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  const VkResult result = vkCreateBuffer(device_, &info, nullptr, &allocation.buffer);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreateBuffer");
  if (auto bound = bind_memory(allocation, use); !bound) {
    destroy(allocation);
    return bound.error();
  }
  VkBufferDeviceAddressInfo address{VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};
  address.buffer = allocation.buffer;
  allocation.address = vkGetBufferDeviceAddress(device_, &address);
  return allocation;
}

void VulkanDevice::destroy(const Allocation& allocation) const {
  if (abandoned_) return;
  vkDestroyBuffer(device_, allocation.buffer, nullptr);
  vkFreeMemory(device_, allocation.memory, nullptr);
}

Result<BufferPtr> VulkanDevice::allocate(std::uint64_t bytes) {
  assert(bytes > 0 && "a buffer has at least one byte");
  const std::uint64_t total = kGuardBytes + round_up_to_word(bytes) + kGuardBytes;
  if (auto fits = check_fits(total); !fits) return fits.error();
  auto allocation = create_allocation(total, MemoryUse::payload);
  if (!allocation) return allocation.error();
  auto buffer = std::make_unique<VulkanBuffer>(*this, *allocation, bytes);
  if (auto guarded = write_guards(*buffer); !guarded) return guarded.error();
  return BufferPtr(std::move(buffer));
}

Outcome VulkanDevice::write_guards(VulkanBuffer& buffer) {
  auto commands = begin_commands();
  if (!commands) return commands.error();
  const std::uint64_t behind = kGuardBytes + buffer.bytes() / 4 * 4;
  vkCmdFillBuffer(*commands, buffer.handle(), 0, kGuardBytes, kGuardPattern);
  vkCmdFillBuffer(*commands, buffer.handle(), behind, buffer.allocated_bytes() - behind,
                  kGuardPattern);
  return end_and_wait();
}

Outcome VulkanDevice::copy_through_staging(const VulkanBuffer& buffer, std::uint64_t offset,
                                           std::span<const std::byte> from,
                                           std::span<std::byte> to) {
  if (staging_.buffer == VK_NULL_HANDLE) {
    auto created = create_allocation(kStagingBytes, MemoryUse::staging);
    if (!created) return created.error();
    staging_ = *created;
  }
  const bool is_upload = to.empty();
  const std::size_t total = is_upload ? from.size() : to.size();
  for (std::size_t done = 0; done < total; done += kStagingBytes) {
    const std::size_t part = std::min<std::size_t>(total - done, kStagingBytes);
    if (is_upload) parallel_copy(staging_.mapped, from.data() + done, part);
    auto commands = begin_commands();
    if (!commands) return commands.error();
    const VkBufferCopy upload{0, offset + done, part};
    const VkBufferCopy download{offset + done, 0, part};
    if (is_upload) {
      vkCmdCopyBuffer(*commands, staging_.buffer, buffer.handle(), 1, &upload);
    } else {
      vkCmdCopyBuffer(*commands, buffer.handle(), staging_.buffer, 1, &download);
    }
    if (auto done_copy = end_and_wait(); !done_copy) return done_copy;
    if (!is_upload) parallel_copy(to.data() + done, staging_.mapped, part);
  }
  return Done{};
}

Outcome VulkanDevice::upload(Buffer& to, std::uint64_t offset, std::span<const std::byte> from) {
  assert(offset + from.size() <= to.bytes() && "upload past the payload");
  if (from.empty()) return Done{};
  if (const auto mapped = to.mapped(); !mapped.empty()) {
    parallel_copy(mapped.data() + offset, from.data(), from.size());
    return Done{};
  }
  return copy_through_staging(static_cast<VulkanBuffer&>(to), kGuardBytes + offset, from, {});
}

Outcome VulkanDevice::download(Buffer& from, std::uint64_t offset, std::span<std::byte> to) {
  assert(offset + to.size() <= from.bytes() && "download past the payload");
  if (to.empty()) return Done{};
  if (const auto mapped = from.mapped(); !mapped.empty()) {
    parallel_copy(to.data(), mapped.data() + offset, to.size());
    return Done{};
  }
  return copy_through_staging(static_cast<VulkanBuffer&>(from), kGuardBytes + offset, {}, to);
}

Outcome VulkanDevice::fill(Buffer& to, std::uint32_t pattern) {
  auto& buffer = static_cast<VulkanBuffer&>(to);
  const std::uint64_t words = buffer.bytes() / 4 * 4;
  const std::uint64_t rest = buffer.bytes() - words;
  auto commands = begin_commands();
  if (!commands) return commands.error();
  if (words > 0) vkCmdFillBuffer(*commands, buffer.handle(), kGuardBytes, words, pattern);
  if (rest > 0) {
    // Fills come in words: the last one is half payload, half guard.
    const std::uint32_t payload_bits = (1U << (8 * rest)) - 1;
    const std::uint32_t word = (pattern & payload_bits) | (kGuardPattern & ~payload_bits);
    vkCmdFillBuffer(*commands, buffer.handle(), kGuardBytes + words, 4, word);
  }
  return end_and_wait();
}

Result<std::vector<std::byte>> VulkanDevice::read_raw(VulkanBuffer& buffer, std::uint64_t offset,
                                                      std::uint64_t bytes) {
  std::vector<std::byte> raw(bytes);
  if (const auto payload = buffer.mapped(); !payload.empty()) {
    std::memcpy(raw.data(), payload.data() - kGuardBytes + offset, bytes);
    return raw;
  }
  if (auto copied = copy_through_staging(buffer, offset, {}, raw); !copied) return copied.error();
  return raw;
}

Result<bool> VulkanDevice::guards_intact(Buffer& of, std::string* where) {
  auto& buffer = static_cast<VulkanBuffer&>(of);
  const auto front = read_raw(buffer, 0, kGuardBytes);
  if (!front) return front.error();
  const std::uint64_t behind = kGuardBytes + buffer.bytes();
  const auto back = read_raw(buffer, behind, buffer.allocated_bytes() - behind);
  if (!back) return back.error();
  if (const auto byte = first_changed(*front, 0)) {
    *where = fmt::format("{} bytes before the first", kGuardBytes - *byte);
    return false;
  }
  if (const auto byte = first_changed(*back, buffer.bytes() % 4)) {
    *where = fmt::format("{} bytes past the last", *byte + 1);
    return false;
  }
  return true;
}

}  // namespace gpubench
