// shipped.h — the tables of tunings that come with the program, from shaders/tuned.
#pragma once

#include "tuning/table.h"

namespace gpubench {

/// All of them in one; parsed at each call.
TuningTable shipped_table();

/// Tunings of the kernel that won on any device of this vendor, for problems of any class; each
/// once. Where a search may begin, on a device that no table holds for.
std::vector<Tuning> shipped_winners(const TuningTable& shipped, std::string_view kernel,
                                    std::uint32_t vendor_id);

}  // namespace gpubench
