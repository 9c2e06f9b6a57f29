// timer.h — what is known of the clock that times a device's work.
#pragma once

#include "device/device.h"
#include "timing/batching.h"

namespace gpubench {

/// What the timer reads when there is nothing to time. Submits a few empty command buffers.
TimerFacts timer_facts(Device& device);

}  // namespace gpubench
