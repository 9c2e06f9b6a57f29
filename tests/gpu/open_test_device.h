// open_test_device.h — the device that the tests under tests/gpu run on: the best there is, which
// is lavapipe where no GPU is. GPUBENCH_TEST_DEVICE chooses another.
#pragma once

#include <gtest/gtest.h>
#include <shaderc/shaderc.hpp>

#include <cstdlib>
#include <string>
#include <vector>

#include "device/device.h"

namespace gpubench::testing {

inline std::unique_ptr<Device> open_test_device(const DeviceOptions& options = {}) {
  auto instance = open_instance(ApiValidation::off);
  if (!instance) {
    ADD_FAILURE() << instance.error().message;
    return nullptr;
  }
  const char* selector = std::getenv("GPUBENCH_TEST_DEVICE");
  const auto chosen = select_devices(list_devices(**instance), selector == nullptr ? "" : selector);
  if (!chosen) {
    ADD_FAILURE() << chosen.error().message;
    return nullptr;
  }
  auto device = open_device(*instance, chosen->front(), options);
  if (!device) {
    ADD_FAILURE() << device.error().message;
    return nullptr;
  }
  return std::move(device).value();
}

/// Opened once, for all tests of a program.
inline Device& test_device() {
  static const std::unique_ptr<Device> opened = open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

/// SPIR-V of a compute shader given as text; fails the test when it does not compile.
inline std::vector<std::uint32_t> compile_glsl(const std::string& source) {
  shaderc::CompileOptions options;
  options.SetTargetEnvironment(shaderc_target_env_vulkan, shaderc_env_version_vulkan_1_2);
  const auto result =
      shaderc::Compiler().CompileGlslToSpv(source, shaderc_compute_shader, "test.comp", options);
  EXPECT_EQ(result.GetCompilationStatus(), shaderc_compilation_status_success)
      << result.GetErrorMessage();
  return {result.cbegin(), result.cend()};
}

}  // namespace gpubench::testing
