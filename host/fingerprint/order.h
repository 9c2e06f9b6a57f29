// order.h — in which order the products of one output are added, by the masks of FPRev (Xie et al.
// 2025): +M at one k and -M at another swallow every small term that is added to either before the
// two meet, so that what is left counts the terms added later.
// Knows nothing of formats but that M must swallow the small terms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fingerprint/probe_list.h"

namespace gpubench {

/// Exponents of the masks and of the small terms, in each operand.
struct MaskSpan {
  int mask_a = 0;
  int mask_b = 0;
  int unit_a = 0;
  int unit_b = 0;
  float unit_sign = 1;
};

struct OrderProfile {
  std::vector<std::size_t> terms;  ///< The k that hold terms, masks among them; ascending.
  /// Those that were masked against 0, which is the first. In a kit there are others than terms.
  std::vector<std::size_t> positions;
  MaskSpan span;
  std::vector<Probe> probes;  ///< Pairs of masks: 0 and positions[i + 1], if not others as well.
  std::vector<float> answers;
  /// Terms under the node where 0 and positions[i + 1] meet; empty where no span gave counts.
  std::vector<std::size_t> leaves;
  /// Where consecutive chunks may begin, the likeliest first; 0 alone is one chunk.
  std::vector<std::vector<std::uint32_t>> chunkings;
};

/// The chunks whose sums are added one after the other, as far as the counts show. `finer` has
/// counts of the same masks at more positions, if from elsewhere, and tells where chunks begin.
std::vector<std::uint32_t> chunk_starts(const OrderProfile& profile, const OrderProfile& finer);

/// How many small terms were left of a pair of masks; nothing where it is no count.
std::optional<std::size_t> count_left(const MaskSpan& span, std::size_t terms, float answer);

/// How many probes the profile takes.
std::size_t order_probes(std::size_t k);

Result<OrderProfile> measure_order(Launcher& launcher, const Region& region);

/// {0, 1, 2} where there are no counts.
Anchors anchors_of(const OrderProfile& profile);
/// The k whose sum meets that of 0 last; 1 where there are no counts.
std::size_t farthest_from_first(const OrderProfile& profile);
/// How many terms meet 0 at once or sooner than any other: the width of a block adder.
std::size_t first_meeting(const OrderProfile& profile);
/// 32 hex digits; "" where there are no counts.
std::string profile_hash(const OrderProfile& profile);

/// The orders that, in this arithmetic, give the profile's very answers; the simplest first. All
/// known orders where there are no counts.
std::vector<SummationOrder> matching_orders(const MatmulArithmetic& arithmetic, std::size_t k,
                                            const OrderProfile& profile);

/// The same groups with each number of lanes within them that vector registers make; no lanes come
/// first.
std::vector<SummationOrder> in_lanes(SummationOrder order);
/// Whether that order, in this arithmetic, gives the profile's very answers.
bool explains_profile(const MatmulArithmetic& arithmetic, std::size_t k,
                      const OrderProfile& profile);

/// Outputs of probes in the arithmetic's own order, over all k.
std::vector<float> predicted_in_order(const MatmulArithmetic& arithmetic, std::size_t k,
                                      const std::vector<Probe>& probes);

}  // namespace gpubench
