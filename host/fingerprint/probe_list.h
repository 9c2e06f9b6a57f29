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

/// 1 + 2^-t with the second term where the last sums are made, t = 1 to 24.
std::vector<Probe> far_probes(std::size_t near, std::size_t far);

}  // namespace gpubench
