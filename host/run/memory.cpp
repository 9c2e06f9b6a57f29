#include "run/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "plan/estimate.h"
#include "plan/reasons.h"

namespace gpubench {
namespace {

// `cache: rotate` walks over this much input, above twice the last-level cache of any device known.
constexpr std::uint64_t kRotatedBytes = 512ULL << 20;

/// Of one copy of the inputs; guards included.
std::uint64_t input_bytes(const Case& planned) {
  const Problem& problem = planned.problem;
  const std::uint64_t element = format_bytes_of(storage(planned.precision));
  std::uint64_t bytes = 0;
  for (const std::uint64_t elements :
       std::array{problem.a_elements(), problem.b_elements(), problem.bias_elements()}) {
    if (elements > 0) bytes += elements * element + kGuardBytesPerBuffer;
  }
  return bytes;
}

}  // namespace

std::uint32_t input_copies(const Case& planned) {
  if (!planned.cache_rotate) return 1;
  const std::uint64_t bytes = std::max<std::uint64_t>(input_bytes(planned), 1);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(kRotatedBytes / bytes, 1, 64));
}

std::optional<Reason> over_memory(const Case& planned, const Launch& launch, const Device& device) {
  const std::uint64_t needs = device_bytes(planned.problem, planned.precision, launch) +
                              (input_copies(planned) - 1) * input_bytes(planned);
  const MemoryBudget memory = device.memory();
  // A software device takes its memory from the host, where the reference needs some, too.
  const bool shared = device.traits().is_software();
  const std::uint64_t beside = shared ? estimate(planned, {}).host_bytes : 0;
  if (needs + beside <= memory.free_bytes) return std::nullopt;
  return Reason{reason::kMemory, fmt::format("needs {}, {} free", format_bytes(needs + beside),
                                             format_bytes(memory.free_bytes))};
}

}  // namespace gpubench
