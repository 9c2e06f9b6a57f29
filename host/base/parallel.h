// parallel.h — runs a loop over all cores. Results never depend on the number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace gpubench {

/// Cores this process may use (the affinity mask counts, not the machine).
unsigned hardware_threads();

/// Calls `body(begin, end)` for consecutive chunks of at most `grain` items that cover
/// [0, count), on all cores, and returns when every chunk is done. Chunk borders depend on
/// `count` and `grain` alone. `body` must not throw.
void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t begin, std::size_t end)>& body);

}  // namespace gpubench
