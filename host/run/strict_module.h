// strict_module.h — a SPIR-V module with its arithmetic pinned as far as Vulkan allows: what
// `build: strict` runs. Does not know what is done with it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/device_traits.h"

namespace gpubench {

/// A valid module, changed in three ways and in nothing else:
/// - fma(a, b, c), which a driver may fuse or not, becomes a product and a sum;
/// - NoContraction on all arithmetic: each result is rounded for itself, in the order of the
/// source;
/// - rounding to nearest even, and subnormals kept, for each format that the module computes in and
///   the device can be asked for. A mode that the module sets itself stays.
std::vector<std::uint32_t> strict_module(std::span<const std::uint32_t> words,
                                         const DeviceTraits& device);

}  // namespace gpubench
