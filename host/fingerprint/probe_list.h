// probe_list.h — the probes whose answers name a precision; docs/validating.md says what each
// tells.
#pragma once

#include <array>
#include <vector>

#include "fingerprint/probe.h"

namespace gpubench {

/// Three k that are added to each other in this order before anything else joins them.
using Anchors = std::array<std::size_t, 3>;

enum class ProbeGroup : std::uint8_t {
  accumulator,  ///< A: bits of the running sum, its rounding, whether sums are aligned blocks.
  operand_a,    ///< M: bits kept of A and how the rest goes.
  operand_b,
  split,         ///< M3 to M5: parts of an operand multiplied separately.
  multiply_add,  ///< F: fused or separate.
  range,         ///< E, Z: overflow and underflow of operands, sums and outputs.
  output,        ///< D: bits of the stored result.
};

struct GroupedProbe {
  ProbeGroup group = ProbeGroup::accumulator;
  Probe probe;
};

/// The whole list but for the order's. `lift` multiplies the probes of small differences by
/// 2^lift, so that an output stored in fp16 holds them.
std::vector<GroupedProbe> core_probes(const Anchors& anchors, int lift);

/// Z5: infinities and NaN. What changes their class drops terms or was built by fast-math.
std::vector<Probe> special_probes(const Anchors& anchors);

/// Some k from the first to the last, ascending: five of them, or all.
std::vector<std::size_t> some_places(std::size_t k);
/// One number with a full significand, alone at some k, in A and in B; and A4, ones at every k,
/// whose sum a short format does not reach.
struct Places {
  std::vector<std::size_t> in_a;
  std::vector<std::size_t> in_b;
};
std::vector<Probe> place_probes(NumberFormat storage, std::size_t k, const Places& places);

/// 1 + 2^-t with the second term where the last sums are made, t = 1 to 24.
std::vector<Probe> far_probes(std::size_t near, std::size_t far);

}  // namespace gpubench
