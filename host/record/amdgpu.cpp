// Files and units follow the kernel's amdgpu thermal and power documentation: hwmon gives µW, m°C
// and Hz; pp_dpm_sclk lists the levels of the core clock, the present one with a star. The driver
// shows no portable throttle flag and no ECC mode as a file, so those stay empty.
#include "record/amdgpu.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

#include "base/text.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

/// The first line of a file without its end; empty if it cannot be read.
std::string first_line(const std::string& path) {
  const auto content = read_file(path);
  return content ? content->substr(0, content->find('\n')) : "";
}

std::optional<double> number_in(const std::string& path, double unit) {
  const auto value = parse_double(first_line(path));
  if (!value) return std::nullopt;
  return *value * unit;
}

/// "1: 1200Mhz *" is the present level.
std::optional<double> starred_mhz(const std::string& levels) {
  std::istringstream lines(levels);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || line.find('*') == std::string::npos) continue;
    const auto begin = line.find_first_not_of(' ', colon + 1);
    if (begin == std::string::npos) continue;
    const auto end = lowercase(line).find("mhz", begin);
    if (end != std::string::npos) return parse_double(line.substr(begin, end - begin));
  }
  return std::nullopt;
}

class AmdgpuSource : public TelemetrySource {
 public:
  AmdgpuSource(std::string device, std::string hwmon)
      : device_(std::move(device)), hwmon_(std::move(hwmon)) {}

  TelemetryReading read() override {
    TelemetryReading reading;
    reading.clock_mhz = number_in(hwmon_ + "/freq1_input", 1e-6);
    if (!reading.clock_mhz) {
      const auto levels = read_file(device_ + "/pp_dpm_sclk");
      if (levels) reading.clock_mhz = starred_mhz(*levels);
    }
    reading.power_w = number_in(hwmon_ + "/power1_average", 1e-6);
    if (!reading.power_w) reading.power_w = number_in(hwmon_ + "/power1_input", 1e-6);
    reading.temp_c = number_in(hwmon_ + "/temp1_input", 1e-3);
    return reading;
  }

  DeviceSettings settings() override {
    return {number_in(hwmon_ + "/power1_cap", 1e-6), std::nullopt};
  }

 private:
  std::string device_;
  std::string hwmon_;
};

}  // namespace

std::unique_ptr<TelemetrySource> open_amdgpu(const std::string& sysfs,
                                             const std::string& pci_address) {
  const std::string device = sysfs + "/bus/pci/devices/" + pci_address;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(device + "/hwmon", missing)) {
    const std::string hwmon = entry.path().string();
    if (first_line(hwmon + "/name") == "amdgpu") {
      return std::make_unique<AmdgpuSource>(device, hwmon);
    }
  }
  return nullptr;
}

}  // namespace gpubench
