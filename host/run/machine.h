// machine.h — the devices that a request names, found and described but not yet opened.
#pragma once

#include <string>
#include <vector>

#include "device/device.h"
#include "record/run_document.h"
#include "record/telemetry.h"

namespace gpubench {

struct RunDevice {
  std::uint32_t index = 0;  ///< As in DeviceCandidate.
  DeviceTraits traits;
  std::string env_id;
};

struct Machine {
  InstancePtr instance;
  std::vector<RunDevice> devices;  ///< At least one.
};

Result<Machine> find_machine(ApiValidation validation, const std::string& device_selector);

std::vector<DeviceDocument> device_documents(const Machine& machine);

}  // namespace gpubench
