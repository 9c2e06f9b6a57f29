// memory.h — does a case fit into the memory that is free? Allocates nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "device/device.h"
#include "kernels/kernel.h"
#include "plan/case.h"

namespace gpubench {

/// So many copies of its inputs a case walks over: 1, unless it asks for `cache: rotate`.
std::uint32_t input_copies(const Case& planned);

/// Reason `memory` with what the case needs and what is free; nothing if it fits.
std::optional<Reason> over_memory(const Case& planned, const Launch& launch, const Device& device);

}  // namespace gpubench
