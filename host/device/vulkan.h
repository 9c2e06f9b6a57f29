// vulkan.h — what every file of this room needs of Vulkan: the functions, and errors in words.
#pragma once

#include <volk.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace gpubench {

/// "VK_ERROR_DEVICE_LOST"
std::string result_name(VkResult result);
/// `what` is the call or step that failed.
Error vulkan_error(VkResult result, std::string_view what);

}  // namespace gpubench
