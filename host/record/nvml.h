// nvml.h — readings from NVIDIA's management library, loaded at run time.
#pragma once

#include <memory>
#include <string>

#include "record/telemetry.h"

namespace gpubench {

/// Null when the library is not there, is not NVML, or does not know the device.
std::unique_ptr<TelemetrySource> open_nvml(const std::string& library,
                                           const std::string& pci_address);

}  // namespace gpubench
