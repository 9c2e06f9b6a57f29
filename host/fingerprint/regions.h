// regions.h — whether all outputs are computed alike: the same row of A and column of B must give
// the same bits wherever they stand. A tail path in another precision shows here.
#pragma once

#include <vector>

#include "fingerprint/probe.h"

namespace gpubench {

/// Regions that together hold every output, the one with the output [0, 0] first. Rows that agree
/// with row 0 are one class, the others another; columns alike.
Result<std::vector<Region>> find_regions(Launcher& launcher, std::uint64_t seed);

}  // namespace gpubench
