#include "base/device_traits.h"

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

}  // namespace gpubench
