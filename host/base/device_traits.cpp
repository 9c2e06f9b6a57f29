#include "base/device_traits.h"

#include <charconv>

namespace gpubench {

const char* to_string(DeviceType type) {
  switch (type) {
    case DeviceType::discrete:
      return "discrete";
    case DeviceType::integrated:
      return "integrated";
    case DeviceType::virtual_gpu:
      return "virtual";
    case DeviceType::cpu:
      return "software";
    case DeviceType::other:
      return "other";
  }
  return "other";
}

std::uint32_t DeviceTraits::llvmpipe_version() const {
  constexpr std::string_view kMesa = "Mesa ";
  std::uint32_t major = 0;
  if (driver_id == kLlvmpipe && driver_info.starts_with(kMesa)) {
    const std::string_view version = std::string_view(driver_info).substr(kMesa.size());
    std::from_chars(version.data(), version.data() + version.size(), major);
  }
  return major;
}

}  // namespace gpubench
