#include "record/telemetry.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "sample_rows.h"

namespace gpubench {
namespace {

using namespace record_tests;

constexpr auto kLongInterval = std::chrono::hours(1);

DeviceTraits device_at(std::uint32_t vendor, const std::string& pci_address) {
  DeviceTraits device;
  device.name = "Test device";
  device.vendor_id = vendor;
  device.pci_address = pci_address;
  return device;
}

bool is_empty(const TelemetryReading& reading) {
  return !reading.clock_mhz && !reading.power_w && !reading.temp_c && !reading.throttled;
}

/// A device folder of amdgpu with the given hwmon files.
class AmdgpuTest : public testing::Test {
 protected:
  AmdgpuTest() {
    std::filesystem::create_directories(hwmon_);
    put(hwmon_ + "/name", "amdgpu\n");
  }
  std::unique_ptr<TelemetrySource> open() {
    TelemetryPaths paths;
    paths.sysfs = scratch_.path("sys");
    return open_telemetry(device_at(0x1002, "0000:03:00.0"), paths);
  }

  ScratchFolder scratch_;
  std::string device_ = scratch_.path("sys/bus/pci/devices/0000:03:00.0");
  std::string hwmon_ = device_ + "/hwmon/hwmon4";
};

TEST_F(AmdgpuTest, UnitsAreConverted) {
  put(hwmon_ + "/freq1_input", "2100000000\n");
  put(hwmon_ + "/power1_average", "215000000\n");
  put(hwmon_ + "/temp1_input", "64000\n");
  put(hwmon_ + "/power1_cap", "300000000\n");

  const auto source = open();

  const TelemetryReading reading = source->read();
  EXPECT_DOUBLE_EQ(*reading.clock_mhz, 2100);
  EXPECT_DOUBLE_EQ(*reading.power_w, 215);
  EXPECT_DOUBLE_EQ(*reading.temp_c, 64);
  EXPECT_FALSE(reading.throttled.has_value());
  EXPECT_DOUBLE_EQ(*source->settings().power_limit_w, 300);
  EXPECT_FALSE(source->settings().ecc.has_value());
}

TEST_F(AmdgpuTest, ClockFallsBackToTheStarredLevel) {
  put(device_ + "/pp_dpm_sclk", "0: 500Mhz\n1: 1200Mhz *\n2: 2400Mhz\n");
  put(hwmon_ + "/power1_input", "100000000\n");

  const TelemetryReading reading = open()->read();

  EXPECT_EQ(reading.clock_mhz, 1200);
  EXPECT_DOUBLE_EQ(*reading.power_w, 100);
}

TEST_F(AmdgpuTest, DamagedFilesGiveNoReading) {
  put(device_ + "/pp_dpm_sclk", "*\n: *\n1: *\n1: fastMhz *\n");
  put(hwmon_ + "/power1_average", "N/A\n");
  put(hwmon_ + "/temp1_input", "");

  EXPECT_TRUE(is_empty(open()->read()));
}

TEST_F(AmdgpuTest, HwmonOfAnotherDriverIsNotRead) {
  put(hwmon_ + "/name", "nvme\n");
  put(hwmon_ + "/temp1_input", "64000\n");

  EXPECT_TRUE(is_empty(open()->read()));
}

TEST(Nvml, ReadingsAndSettingsComeFromTheLibrary) {
  TelemetryPaths paths;
  paths.nvml = FAKE_NVML;

  const auto source = open_telemetry(device_at(0x10de, "0000:17:00.0"), paths);

  const TelemetryReading reading = source->read();
  EXPECT_EQ(reading.clock_mhz, 1980);
  EXPECT_EQ(reading.power_w, 698.5);
  EXPECT_EQ(reading.temp_c, 61);
  EXPECT_EQ(reading.throttled, true);
  EXPECT_EQ(source->settings().power_limit_w, 700);
  EXPECT_EQ(source->settings().ecc, true);
}

TEST(Nvml, IsShutDownWithItsSourceAndForUnknownDevices) {
  void* library = ::dlopen(FAKE_NVML, RTLD_NOW);
  ASSERT_NE(library, nullptr);
  const auto users = reinterpret_cast<int (*)()>(::dlsym(library, "fake_nvml_users"));
  TelemetryPaths paths;
  paths.nvml = FAKE_NVML;

  auto known = open_telemetry(device_at(0x10de, "0000:17:00.0"), paths);
  EXPECT_EQ(users(), 1);
  known.reset();
  EXPECT_EQ(users(), 0);
  const auto unknown = open_telemetry(device_at(0x10de, "0000:99:00.0"), paths);
  EXPECT_TRUE(is_empty(unknown->read()));
  EXPECT_EQ(users(), 0);

  ::dlclose(library);
}

TEST(Telemetry, WhatIsNotThereIsEmptyNotAnError) {
  TelemetryPaths paths;
  paths.sysfs = "/nonexistent";
  paths.nvml = "libno-such-library.so.1";
  for (const std::uint32_t vendor : {0x10deU, 0x1002U, 0x8086U, 0x10005U}) {
    for (const char* address : {"", "0000:17:00.0"}) {
      const auto source = open_telemetry(device_at(vendor, address), paths);
      ASSERT_NE(source, nullptr);
      EXPECT_TRUE(is_empty(source->read()));
      EXPECT_FALSE(source->settings().power_limit_w.has_value());
    }
  }
}

TEST(Telemetry, LibraryWithoutNvmlInItIsNotUsed) {
  TelemetryPaths paths;
  paths.nvml = "libm.so.6";

  EXPECT_TRUE(is_empty(open_telemetry(device_at(0x10de, "0000:17:00.0"), paths)->read()));
}

TEST(Telemetry, SummaryIsMedianMeanMaximumAndShare) {
  // Clocks 1000, 1400, 1300, 900: median (1000 + 1300) / 2. Powers 100 and 300: mean 200.
  const std::vector<TelemetryReading> readings = {{1000, 100, 50, true},
                                                  {1400, std::nullopt, 70, false},
                                                  {1300, 300, 60, false},
                                                  {900, std::nullopt, std::nullopt, false}};

  const Telemetry telemetry = summarise(readings);

  EXPECT_EQ(telemetry.clock_mhz_median, 1150);
  EXPECT_EQ(telemetry.power_w_mean, 200);
  EXPECT_EQ(telemetry.temp_c_max, 70);
  EXPECT_EQ(telemetry.throttle_ratio, 0.25);
  EXPECT_FALSE(summarise({}).clock_mhz_median.has_value());
  EXPECT_FALSE(summarise({}).throttle_ratio.has_value());
}

class CountingSource : public TelemetrySource {
 public:
  TelemetryReading read() override {
    ++reads;
    return {1000.0, std::nullopt, std::nullopt, false};
  }
  DeviceSettings settings() override { return {}; }
  int reads = 0;
};

TEST(TelemetrySampler, TheShortestCaseHasAReadingAndStopDoesNotWait) {
  CountingSource source;

  TelemetrySampler sampler(source, kLongInterval);
  const Telemetry telemetry = sampler.stop();

  EXPECT_EQ(source.reads, 1);
  EXPECT_EQ(telemetry.clock_mhz_median, 1000);
}

TEST(TelemetrySampler, MayBeDroppedWithoutStop) {
  CountingSource source;

  { const TelemetrySampler sampler(source, kLongInterval); }

  EXPECT_EQ(source.reads, 1);
}

TEST(EnvId, ChangesWithEverySettingAndWithNothingElse) {
  DeviceTraits device = device_at(0x10de, "0000:17:00.0");
  device.driver_version = "550.1";
  const std::string base = env_id(device, {700, true});

  EXPECT_EQ(base.size(), 16U);
  EXPECT_EQ(base, env_id(device, {700, true}));
  EXPECT_NE(base, env_id(device, {600, true}));
  EXPECT_NE(base, env_id(device, {700, false}));
  EXPECT_NE(base, env_id(device, {700, std::nullopt}));
  DeviceTraits updated = device;
  updated.driver_version = "550.2";
  EXPECT_NE(base, env_id(updated, {700, true}));
  DeviceTraits moved = device;
  moved.pci_address = "0000:18:00.0";
  EXPECT_EQ(base, env_id(moved, {700, true}));
}

TEST(EnvId, IsThatOfTheModelAndNotOfTheOneDevice) {
  DeviceTraits device = device_at(0x10de, "0000:17:00.0");
  device.uuid = "u1";
  DeviceTraits twin = device;
  twin.uuid = "u2";
  DeviceTraits other_model = device;
  other_model.device_id += 1;

  EXPECT_EQ(env_id(device, {700, true}), env_id(twin, {700, true}));
  EXPECT_NE(env_id(device, {700, true}), env_id(other_model, {700, true}));
}

}  // namespace
}  // namespace gpubench
