// bench_device.h — the device that the benchmarks run on: opened when the first of them needs it.
// Knows nothing of what is run there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "device/device.h"

namespace gpubench::bench {

/// As `--device` of `gpubench run`; empty: the best there is.
void choose_device(std::string selector);

/// A device of its own for whoever asks.
Result<std::unique_ptr<Device>> open_chosen(HostAccess access);

/// The one that all kernels share.
Result<Device*> shared_device();
/// Why there is none, once somebody asked for it.
const std::optional<Error>& device_error();

}  // namespace gpubench::bench
