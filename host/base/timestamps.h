// timestamps.h — GPU timestamps, which are counters of a device-dependent width and rate, as time.
// Pure. Knows nothing of where they are read.
#pragma once

#include <cstdint>
#include <limits>

namespace gpubench {

/// Ticks from `begin` to `end` of a counter that is `valid_bits` wide: bits above are undefined and
/// are dropped, and one wrap-around between the two is allowed for. 0 when the width is 0.
constexpr std::uint64_t elapsed_ticks(std::uint64_t begin, std::uint64_t end,
                                      std::uint32_t valid_bits) {
  const std::uint64_t mask =
      valid_bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << valid_bits) - 1;
  return (end - begin) & mask;
}

/// NaN when the queue has no timestamps (width or period 0). The period is a fraction of a
/// nanosecond on many devices and must never be rounded to a whole one.
constexpr double timestamp_seconds(std::uint64_t begin, std::uint64_t end, std::uint32_t valid_bits,
                                   double period_ns) {
  if (valid_bits == 0 || !(period_ns > 0)) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(elapsed_ticks(begin, end, valid_bits)) * period_ns * 1e-9;
}

}  // namespace gpubench
