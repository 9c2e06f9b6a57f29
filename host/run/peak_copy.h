// peak_copy.h — how many bytes a second a device's memory takes and gives, measured by copies.
// Does not know what is compared with it.
#pragma once

#include "device/device.h"

namespace gpubench {

/// Bytes/s, those read and those written: the best of copies by a shader and by the driver, of more
/// than caches hold. Fails with `internal` when a copy is not the original.
Result<double> measure_copy(Device& device);

}  // namespace gpubench
