#include "kernels/rounds.h"

#include <fmt/format.h>

namespace gpubench {

Outcome check_rounds(std::uint64_t rounds, const DeviceTraits& device) {
  if (device.max_loop_rounds == 0 || rounds <= device.max_loop_rounds) return Done{};
  return Error{ErrorKind::unsupported,
               fmt::format("needs {} rounds of its loops, and {} leaves them after {}", rounds,
                           device.driver_id, device.max_loop_rounds)};
}

std::string round_word(std::string_view what, std::uint32_t in_a_round) {
  return in_a_round == 1 ? std::string() : fmt::format(" {}={}", what, in_a_round);
}

}  // namespace gpubench
