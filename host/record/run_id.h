// run_id.h — names of runs that sort by time, and the time stamps beside them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gpubench {

using RunClock = std::chrono::system_clock;

/// "2026-11-21T10:30:05Z"
std::string utc_timestamp(RunClock::time_point time);

/// "20261121T103005Z-matmul-3fa9". Of the scenario's name, letters, digits, - and _ are kept, at
/// most 40 of them; `salt` tells apart runs that began in the same second.
std::string make_run_id(RunClock::time_point time, std::string_view scenario, std::uint16_t salt);

/// A salt from the system's own randomness.
std::uint16_t random_salt();

}  // namespace gpubench
