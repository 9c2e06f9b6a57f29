// candidates.h — the tunings of a kernel that are worth a try on a device, the likeliest first.
// Knows not how fast they are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/device_traits.h"
#include "kernels/kernel.h"

namespace gpubench {

/// Legal tunings, each once and with all of its parameters. First the kernel's own choice, as an
/// empty tuning; then `winners`, on devices like this one; then the seeds of the device's vendor,
/// and those of any vendor; then what differs from the own choice in one parameter; then others in
/// an order that is the same each time. None when the kernel cannot run the problem.
std::vector<Tuning> candidates_for(const Kernel& kernel, const Problem& problem,
                                   Precision precision, const DeviceTraits& device,
                                   std::size_t most, std::span<const Tuning> winners = {});

}  // namespace gpubench
