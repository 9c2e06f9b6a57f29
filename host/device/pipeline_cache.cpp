// The file is the content hash (32 hex digits) followed by the driver's data. The hash is checked
// because a driver checks its own header only: a file cut short by a full disk must not reach it.
#include "device/pipeline_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 32;

std::string cache_file(const VkPhysicalDeviceProperties& properties, const std::string& folder) {
  std::string uuid;
  for (const std::uint8_t byte : properties.pipelineCacheUUID) uuid += fmt::format("{:02x}", byte);
  return (fs::path(folder) / fmt::format("pipelines-{:04x}-{:04x}-{:08x}-{}.bin",
                                         properties.vendorID, properties.deviceID,
                                         properties.driverVersion, uuid))
      .string();
}

std::string read_checked(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (text.size() <= kHashDigits) return {};
  std::string data = text.substr(kHashDigits);
  return content_hash(data) == text.substr(0, kHashDigits) ? data : std::string();
}

}  // namespace

PipelineCache::PipelineCache(VkDevice device, VkPipelineCache handle, std::string file,
                             std::string saved_hash)
    : device_(device),
      handle_(handle),
      file_(std::move(file)),
      saved_hash_(std::move(saved_hash)) {}

PipelineCache::PipelineCache(PipelineCache&& other) noexcept
    : device_(other.device_),
      handle_(std::exchange(other.handle_, VK_NULL_HANDLE)),
      file_(std::move(other.file_)),
      saved_hash_(std::move(other.saved_hash_)) {}

PipelineCache::~PipelineCache() {
  if (handle_ != VK_NULL_HANDLE) vkDestroyPipelineCache(device_, handle_, nullptr);
}

Result<PipelineCache> PipelineCache::open(VkDevice device,
                                          const VkPhysicalDeviceProperties& properties,
                                          const std::string& folder) {
  const std::string file = folder.empty() ? std::string() : cache_file(properties, folder);
  const std::string data = file.empty() ? std::string() : read_checked(file);
  VkPipelineCacheCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
  info.initialDataSize = data.size();
  info.pInitialData = data.data();
  VkPipelineCache handle = VK_NULL_HANDLE;
  const VkResult result = vkCreatePipelineCache(device, &info, nullptr, &handle);
  if (result != VK_SUCCESS) return vulkan_error(result, "vkCreatePipelineCache");
  return PipelineCache(device, handle, file, data.empty() ? std::string() : content_hash(data));
}

void PipelineCache::save() {
  if (file_.empty()) return;
  std::size_t bytes = 0;
  if (vkGetPipelineCacheData(device_, handle_, &bytes, nullptr) != VK_SUCCESS) return;
  std::string data(bytes, '\0');
  if (vkGetPipelineCacheData(device_, handle_, &bytes, data.data()) != VK_SUCCESS) return;
  data.resize(bytes);
  const std::string hash = content_hash(data);
  if (hash == saved_hash_) return;
  std::error_code error;
  fs::create_directories(fs::path(file_).parent_path(), error);
  const std::string temporary = fmt::format("{}.{}", file_, ::getpid());
  {
    std::ofstream stream(temporary, std::ios::binary);
    stream << hash << data;
    if (!stream.flush()) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(temporary, file_, error);
  if (error) fs::remove(temporary, error);
  saved_hash_ = hash;
}

}  // namespace gpubench
