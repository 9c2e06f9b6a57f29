// rounds.h — how many terms a kernel must take in one round of its loops on a driver that leaves
// long loops before their end. Knows no single kernel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/device_traits.h"
#include "base/result.h"

namespace gpubench {

/// What a loop over `terms`, `a_round` at a time, adds to the driver's count. Leaving it is a round
/// of its own.
constexpr std::uint64_t rounds_of_loop(std::uint64_t terms, std::uint64_t a_round) {
  return (terms + a_round - 1) / a_round + 1;
}

/// Unsupported when the loops of an invocation take more rounds, all together, than the driver
/// runs.
Outcome check_rounds(std::uint64_t rounds, const DeviceTraits& device);

/// More terms in a round than this make a pipeline slow to compile.
constexpr std::uint32_t kMostTerms = 64;
/// So do more products, of all sums of an invocation, in a round that is straight code.
constexpr std::uint32_t kMostProducts = 1024;

/// The least number of terms in a round, a doubling of `usual` up to `most`, for which
/// `rounds_with(terms)` pass the check; `most` if none does, and the check then says why.
template <class RoundsWith>
std::uint32_t least_terms(std::uint32_t usual, std::uint32_t most, const RoundsWith& rounds_with,
                          const DeviceTraits& device) {
  std::uint32_t terms = usual;
  while (terms < most && !check_rounds(rounds_with(terms), device)) terms *= 2;
  return terms;
}

/// " terms=4" for column kernel_params; nothing for one in a round, as usual.
std::string round_word(std::string_view what, std::uint32_t in_a_round);

}  // namespace gpubench
