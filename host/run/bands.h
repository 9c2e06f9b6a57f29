// bands.h — the bands of rows in which a launch goes to the device, at the rate that is known.
// Launches nothing.
#pragma once

#include <vector>

#include "kernels/kernel.h"
#include "run/rates.h"
#include "timing/batching.h"

namespace gpubench {

std::vector<Band> bands_for(const Problem& problem, const Launch& launch, const Rate& rate);

}  // namespace gpubench
