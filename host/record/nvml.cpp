// The few entry points used are declared here, so that neither building nor running needs NVIDIA's
// packages. Their signatures and numbers are those of the public NVML reference.
#include "record/nvml.h"

#include <dlfcn.h>

namespace gpubench {
namespace {

using NvmlReturn = int;
using NvmlDevice = void*;

constexpr NvmlReturn kSuccess = 0;
constexpr int kClockSm = 1;
constexpr int kTemperatureGpu = 0;

// Bits of the reasons why a clock is not higher: software power cap, hardware slowdown, software
// and hardware thermal slowdown, power brake. Idling and user settings are other bits.
constexpr unsigned long long kHeldDown = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;

/// Functions of the library; each may be missing in an old one.
struct Nvml {
  NvmlReturn (*init)() = nullptr;
  NvmlReturn (*shutdown)() = nullptr;
  NvmlReturn (*handle_by_pci)(const char*, NvmlDevice*) = nullptr;
  NvmlReturn (*clock)(NvmlDevice, int, unsigned*) = nullptr;
  NvmlReturn (*power)(NvmlDevice, unsigned*) = nullptr;
  NvmlReturn (*temperature)(NvmlDevice, int, unsigned*) = nullptr;
  NvmlReturn (*throttle_reasons)(NvmlDevice, unsigned long long*) = nullptr;
  NvmlReturn (*power_limit)(NvmlDevice, unsigned*) = nullptr;
  NvmlReturn (*ecc)(NvmlDevice, int*, int*) = nullptr;
};

template <class Function>
void load(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
}

Nvml load_functions(void* library) {
  Nvml nvml;
  load(library, "nvmlInit_v2", nvml.init);
  load(library, "nvmlShutdown", nvml.shutdown);
  load(library, "nvmlDeviceGetHandleByPciBusId_v2", nvml.handle_by_pci);
  load(library, "nvmlDeviceGetClockInfo", nvml.clock);
  load(library, "nvmlDeviceGetPowerUsage", nvml.power);
  load(library, "nvmlDeviceGetTemperature", nvml.temperature);
  load(library, "nvmlDeviceGetCurrentClocksThrottleReasons", nvml.throttle_reasons);
  load(library, "nvmlDeviceGetPowerManagementLimit", nvml.power_limit);
  load(library, "nvmlDeviceGetEccMode", nvml.ecc);
  return nvml;
}

class NvmlSource : public TelemetrySource {
 public:
  NvmlSource(void* library, const Nvml& nvml, NvmlDevice device)
      : library_(library), nvml_(nvml), device_(device) {}
  ~NvmlSource() override {
    nvml_.shutdown();
    ::dlclose(library_);
  }
  NvmlSource(const NvmlSource&) = delete;
  NvmlSource& operator=(const NvmlSource&) = delete;

  TelemetryReading read() override {
    TelemetryReading reading;
    unsigned value = 0;
    if (nvml_.clock && nvml_.clock(device_, kClockSm, &value) == kSuccess) {
      reading.clock_mhz = value;
    }
    reading.power_w = watts(nvml_.power);
    if (nvml_.temperature && nvml_.temperature(device_, kTemperatureGpu, &value) == kSuccess) {
      reading.temp_c = value;
    }
    unsigned long long reasons = 0;
    if (nvml_.throttle_reasons && nvml_.throttle_reasons(device_, &reasons) == kSuccess) {
      reading.throttled = (reasons & kHeldDown) != 0;
    }
    return reading;
  }

  DeviceSettings settings() override {
    DeviceSettings settings;
    settings.power_limit_w = watts(nvml_.power_limit);
    int current = 0;
    int pending = 0;
    if (nvml_.ecc && nvml_.ecc(device_, &current, &pending) == kSuccess) {
      settings.ecc = current != 0;
    }
    return settings;
  }

 private:
  /// NVML counts in milliwatts.
  std::optional<double> watts(NvmlReturn (*function)(NvmlDevice, unsigned*)) const {
    unsigned milliwatts = 0;
    if (!function || function(device_, &milliwatts) != kSuccess) return std::nullopt;
    return milliwatts / 1000.0;
  }

  void* library_;
  Nvml nvml_;
  NvmlDevice device_;
};

}  // namespace

std::unique_ptr<TelemetrySource> open_nvml(const std::string& library,
                                           const std::string& pci_address) {
  void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return nullptr;
  const Nvml nvml = load_functions(handle);
  const bool usable = nvml.init && nvml.shutdown && nvml.handle_by_pci && nvml.init() == kSuccess;
  NvmlDevice device = nullptr;
  if (usable && nvml.handle_by_pci(pci_address.c_str(), &device) == kSuccess) {
    return std::make_unique<NvmlSource>(handle, nvml, device);
  }
  if (usable) nvml.shutdown();
  ::dlclose(handle);
  return nullptr;
}

}  // namespace gpubench
