// absence.h — why a device is without a kernel for matrix units: for want of the compiler, the
// driver or the device itself. Knows no kernel; what each needs, it says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/device_traits.h"
#include "base/result.h"
#include "kernels/problem.h"

namespace gpubench {

/// Of kind `unsupported`.
Error absent(std::string text);

/// Whether the catalogue's kernel of this name has such a path at all.
Outcome check_path(std::string_view kernel, const Problem& problem, Precision precision);

/// The compiler that made this build may not know what the module needs.
Outcome check_module(const std::string& module);

/// "driver: MESA_LLVMPIPE Mesa 22.3.6 does not list VK_KHR_cooperative_matrix"
Error absent_from_driver(const DeviceTraits& device, std::string_view missing);

/// The features that every kernel for matrix units needs on the path and the device has not.
std::vector<std::string> missing_features(Precision precision, const DeviceTraits& device);

/// "device: NAME has not X, nor Y"; good without any.
Outcome check_missing(const DeviceTraits& device, const std::vector<std::string>& missing);

}  // namespace gpubench
