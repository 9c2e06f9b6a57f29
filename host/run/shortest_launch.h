// shortest_launch.h — the shortest of several launches of one measurement. Does not know what is
// launched.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "device/device.h"

namespace gpubench {

/// By the device's clock, or the host's where it has none.
double seconds_of(const SubmitTime& time);

/// Seconds of the shortest of 3 to 24 launches, as many as fit into a tenth of a second.
Result<double> shortest_launch(const std::function<Result<SubmitTime>()>& launch);

/// Of a measurement that a device can only be filled with by many workgroups: so many, doubled from
/// `first` up to `most`, that a launch takes `telling_s`. `prepare` makes room for a number of
/// workgroups; the very first launch, which compiles as well, is not counted.
struct Growth {
  std::uint32_t first = 1;
  std::uint32_t most = 1;
  double telling_s = 0;
};
Outcome grow_until_telling(const Growth& growth,
                           const std::function<Outcome(std::uint32_t groups)>& prepare,
                           const std::function<Result<SubmitTime>()>& launch);

}  // namespace gpubench
