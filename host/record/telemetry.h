// telemetry.h — clock, power, temperature and throttling of a device while it works, and its
// settings. Sources that are not there (no NVML, no amdgpu) give empty readings, never an error.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/device_traits.h"
#include "record/row.h"

namespace gpubench {

/// What an administrator sets, and what changes results.
struct DeviceSettings {
  std::optional<double> power_limit_w;
  std::optional<bool> ecc;
};

class TelemetrySource {
 public:
  virtual ~TelemetrySource() = default;
  virtual TelemetryReading read() = 0;
  virtual DeviceSettings settings() = 0;
};

/// Where the sources are looked for; tests give a made tree and library.
struct TelemetryPaths {
  std::string sysfs = "/sys";
  std::string nvml = "libnvidia-ml.so.1";
};

/// By PCI address: NVML for NVIDIA, sysfs for AMD, else a source of empty readings. Never null.
std::unique_ptr<TelemetrySource> open_telemetry(const DeviceTraits& device,
                                                const TelemetryPaths& paths = {});

/// Identity of what results depend on: model of the device, driver and settings; the same in every
/// run, and for every device of the model, until one of them changes. 16 hex digits.
std::string env_id(const DeviceTraits& device, const DeviceSettings& settings);

/// Median clock, mean power, highest temperature, share of throttled readings, and their course.
Telemetry summarise(std::span<const TelemetryReading> readings);

/// Reads a source on its own thread from construction until stop(), at a rate too low to disturb
/// what is measured.
class TelemetrySampler {
 public:
  explicit TelemetrySampler(TelemetrySource& source,
                            std::chrono::milliseconds interval = std::chrono::milliseconds(100));
  ~TelemetrySampler();
  TelemetrySampler(const TelemetrySampler&) = delete;
  TelemetrySampler& operator=(const TelemetrySampler&) = delete;

  /// At least one reading went into the answer. May be called once.
  Telemetry stop();

 private:
  void loop(std::chrono::milliseconds interval);
  void join();

  TelemetrySource& source_;
  std::vector<TelemetryReading> readings_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gpubench
