// peak_chains.h — the most multiply-adds that a device does in a second, measured by chains of them
// whose results prove the format. Does not know what is compared with it.
#pragma once

#include "device/device.h"
#include "kernels/problem.h"

namespace gpubench {

/// FLOP/s, two for each multiply-add: the best of several shapes, each with a result that was
/// checked. Takes a fraction of a second. Fails with `internal` when a result is another format's.
Result<double> measure_chains(Device& device, Format format);

}  // namespace gpubench
