#include "record/telemetry.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/hash.h"
#include "base/text.h"
#include "record/amdgpu.h"
#include "record/nvml.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kNvidia = 0x10de;
constexpr std::uint32_t kAmd = 0x1002;

// Enough digits that two settings never share an id in one fleet, and short enough to compare.
constexpr std::size_t kEnvIdDigits = 16;

class NoTelemetry : public TelemetrySource {
 public:
  TelemetryReading read() override { return {}; }
  DeviceSettings settings() override { return {}; }
};

/// The values of one member in the readings that have it.
template <class T>
std::vector<T> present(std::span<const TelemetryReading> readings,
                       std::optional<T> TelemetryReading::*member) {
  std::vector<T> values;
  for (const TelemetryReading& reading : readings) {
    if (reading.*member) values.push_back(*(reading.*member));
  }
  return values;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> highest(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return *std::max_element(values.begin(), values.end());
}

bool says_anything(const TelemetryReading& reading) {
  return reading.clock_mhz || reading.power_w || reading.temp_c || reading.throttled;
}

std::optional<double> share_of_true(const std::vector<bool>& values) {
  if (values.empty()) return std::nullopt;
  const auto count = std::count(values.begin(), values.end(), true);
  return static_cast<double>(count) / static_cast<double>(values.size());
}

}  // namespace

std::unique_ptr<TelemetrySource> open_telemetry(const DeviceTraits& device,
                                                const TelemetryPaths& paths) {
  std::unique_ptr<TelemetrySource> source;
  if (!device.pci_address.empty() && device.vendor_id == kNvidia) {
    source = open_nvml(paths.nvml, device.pci_address);
  }
  if (!device.pci_address.empty() && device.vendor_id == kAmd) {
    source = open_amdgpu(paths.sysfs, device.pci_address);
  }
  return source ? std::move(source) : std::make_unique<NoTelemetry>();
}

std::string env_id(const DeviceTraits& device, const DeviceSettings& settings) {
  const std::string power = settings.power_limit_w ? shortest(*settings.power_limit_w) : "";
  const std::string ecc = settings.ecc ? (*settings.ecc ? "on" : "off") : "";
  // A separator that no driver writes keeps neighbouring fields apart.
  const std::string text =
      fmt::format("{}\x1f{:x}\x1f{:x}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", device.name,
                  device.vendor_id, device.device_id, device.driver_id, device.driver_version,
                  device.driver_info, device.api_version, power, ecc);
  return content_hash(text).substr(0, kEnvIdDigits);
}

Telemetry summarise(std::span<const TelemetryReading> readings) {
  Telemetry all{.clock_mhz_median = median(present(readings, &TelemetryReading::clock_mhz)),
                .power_w_mean = mean(present(readings, &TelemetryReading::power_w)),
                .temp_c_max = highest(present(readings, &TelemetryReading::temp_c)),
                .throttle_ratio = share_of_true(present(readings, &TelemetryReading::throttled))};
  std::copy_if(readings.begin(), readings.end(), std::back_inserter(all.course), says_anything);
  return all;
}

TelemetrySampler::TelemetrySampler(TelemetrySource& source, std::chrono::milliseconds interval)
    : source_(source), thread_([this, interval] { loop(interval); }) {}

TelemetrySampler::~TelemetrySampler() {
  join();
}

Telemetry TelemetrySampler::stop() {
  join();
  return summarise(readings_);
}

void TelemetrySampler::loop(std::chrono::milliseconds interval) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    TelemetryReading reading = source_.read();
    reading.at_s = std::chrono::duration<double>(Clock::now() - began).count();
    readings_.push_back(reading);
    lock.lock();
  } while (!wake_.wait_for(lock, interval, [this] { return stopping_; }));
}

void TelemetrySampler::join() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

}  // namespace gpubench
