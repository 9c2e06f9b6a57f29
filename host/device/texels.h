// texels.h — the layout of a set of texel buffers.
#pragma once

#include <cstddef>

#include "device/vulkan.h"

namespace gpubench {

/// Bindings 0 to `buffers` - 1, for compute shaders.
Result<VkDescriptorSetLayout> create_texel_layout(VkDevice device, std::size_t buffers);

}  // namespace gpubench
