// amdgpu.h — readings from the files of the amdgpu kernel driver.
#pragma once

#include <memory>
#include <string>

#include "record/telemetry.h"

namespace gpubench {

/// `sysfs` is "/sys". Null when the device's folder has no hwmon of amdgpu.
std::unique_ptr<TelemetrySource> open_amdgpu(const std::string& sysfs,
                                             const std::string& pci_address);

}  // namespace gpubench
