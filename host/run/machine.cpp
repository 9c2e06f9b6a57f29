#include "run/machine.h"

namespace gpubench {

Result<Machine> find_machine(ApiValidation validation, const std::string& device_selector) {
  auto instance = open_instance(validation);
  if (!instance) return instance.error();
  const std::vector<DeviceCandidate> candidates = list_devices(**instance);
  const auto chosen = select_devices(candidates, device_selector);
  if (!chosen) return chosen.error();
  Machine machine{*instance, {}};
  for (const std::uint32_t index : *chosen) {
    const DeviceTraits& traits = candidates.at(index).traits;
    const DeviceSettings settings = open_telemetry(traits)->settings();
    machine.devices.push_back({index, traits, env_id(traits, settings)});
  }
  return machine;
}

std::vector<DeviceDocument> device_documents(const Machine& machine) {
  std::vector<DeviceDocument> documents;
  for (const RunDevice& device : machine.devices) {
    documents.push_back(
        {device.traits.uuid, device.env_id, describe_device(*machine.instance, device.index)});
  }
  return documents;
}

}  // namespace gpubench
