// pipeline_cache.h — keeps compiled pipelines on disk between runs. A damaged or foreign file is
// ignored: the cache saves time and decides nothing.
#pragma once

#include <string>

#include "device/vulkan.h"

namespace gpubench {

class PipelineCache {
 public:
  /// `folder` empty: kept in memory only.
  static Result<PipelineCache> open(VkDevice device, const VkPhysicalDeviceProperties& properties,
                                    const std::string& folder);
  PipelineCache(PipelineCache&& other) noexcept;
  PipelineCache& operator=(PipelineCache&&) = delete;
  ~PipelineCache();

  [[nodiscard]] VkPipelineCache handle() const { return handle_; }
  /// Writes the file if its content changed; a failure is silent, as the next run just compiles.
  void save();

 private:
  PipelineCache(VkDevice device, VkPipelineCache handle, std::string file, std::string saved_hash);

  VkDevice device_;
  VkPipelineCache handle_;
  std::string file_;
  std::string saved_hash_;
};

}  // namespace gpubench
