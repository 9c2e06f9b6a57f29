// shortest_launch.h — the shortest of several launches of one measurement. Does not know what is
// launched.
#pragma once

#include <functional>

#include "base/result.h"
#include "device/device.h"

namespace gpubench {

/// By the device's clock, or the host's where it has none.
double seconds_of(const SubmitTime& time);

/// Seconds of the shortest of 3 to 24 launches, as many as fit into a tenth of a second.
Result<double> shortest_launch(const std::function<Result<SubmitTime>()>& launch);

}  // namespace gpubench
