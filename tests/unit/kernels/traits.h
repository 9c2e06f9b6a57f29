// traits.h — made-up devices for the tests of the kernels room.
#pragma once

#include "base/device_traits.h"

namespace gpubench {

/// A GPU with every feature and the limits of a common desktop card.
inline DeviceTraits desktop_gpu() {
  DeviceTraits traits;
  traits.name = "desktop";
  traits.type = DeviceType::discrete;
  traits.vendor_id = 0x10DE;
  traits.shader_float16 = traits.storage_16bit = traits.shader_int64 = true;
  traits.subgroup_size_control = true;
  traits.subgroup_size = traits.min_subgroup_size = traits.max_subgroup_size = 32;
  traits.max_workgroup_invocations = 1024;
  traits.max_workgroup_size = {1024, 1024, 64};
  traits.max_workgroup_count = {65535, 65535, 65535};
  traits.max_shared_bytes = 49152;
  traits.max_push_bytes = 128;
  return traits;
}

inline DeviceTraits software_device() {
  DeviceTraits traits = desktop_gpu();
  traits.name = "llvmpipe";
  traits.type = DeviceType::cpu;
  traits.vendor_id = 0x10005;
  traits.driver_id = "MESA_LLVMPIPE";
  traits.max_loop_rounds = 65535;
  traits.subgroup_size = traits.min_subgroup_size = traits.max_subgroup_size = 8;
  traits.max_shared_bytes = 32768;
  return traits;
}

}  // namespace gpubench
