#include "fingerprint/order.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <tuple>

#include "base/hash.h"

namespace gpubench {
namespace {

// bf16 counts exactly to 256, and a launch of a few hundred rows has room for all masks.
constexpr std::size_t kMostPositions = 192;
constexpr std::size_t kDensePositions = 64;
// Of one chunk: the vector registers that a CPU's kernel may sum one output in.
constexpr std::uint32_t kMostLanes = 32;

// For formats with fp32's exponents; for sums of fp16; for operands of fp16 and sums of fp32.
constexpr auto kSpans = {MaskSpan{100, 0, 0, 0}, MaskSpan{15, 0, -14, 0}, MaskSpan{15, 15, -7, -7}};

std::vector<std::size_t> positions_for(std::size_t k) {
  std::set<std::size_t> chosen;
  const std::size_t dense = k <= kMostPositions ? k : kDensePositions;
  for (std::size_t i = 0; i < dense; ++i) chosen.insert(i);
  const std::size_t spread = kMostPositions - kDensePositions;
  for (std::size_t i = 0; i < spread; ++i) chosen.insert(i * k / spread);
  chosen.insert(k - 1);
  return {chosen.begin(), chosen.end()};
}

Probe mask_probe(const OrderProfile& profile, std::size_t j) {
  const MaskSpan& span = profile.span;
  Probe probe = {"O2(" + std::to_string(j) + ")", {}};
  for (const std::size_t k : profile.positions) {
    const bool mask = k == 0 || k == j;
    const float sign = k == j ? -1.0F : (mask ? 1.0F : span.unit_sign);
    probe.terms.push_back({k, sign * std::ldexp(1.0F, mask ? span.mask_a : span.unit_a),
                           std::ldexp(1.0F, mask ? span.mask_b : span.unit_b)});
  }
  return probe;
}

/// Empty unless every answer is a count of small terms and the last mask meets all of them.
std::vector<std::size_t> leaves_of(const OrderProfile& profile) {
  const std::size_t terms = profile.terms.size();
  std::vector<std::size_t> leaves;
  for (const float answer : profile.answers) {
    const auto left = count_left(profile.span, terms, answer);
    if (!left) return {};
    leaves.push_back(terms - *left);
  }
  return std::ranges::max(leaves) == terms ? leaves : std::vector<std::size_t>{};
}

/// Positions after the first, those that meet it soonest first.
std::vector<std::size_t> by_meeting(const OrderProfile& profile) {
  std::vector<std::size_t> order(profile.leaves.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return profile.leaves[i]; });
  for (std::size_t& i : order) i = profile.positions[i + 1];
  return order;
}

/// Lengths of blocks and numbers of lanes worth trying.
std::vector<std::uint32_t> group_sizes(std::size_t k, const OrderProfile& profile) {
  std::set<std::uint32_t> sizes;
  const auto add = [&](std::size_t size) {
    if (size >= 2 && size < k) sizes.insert(static_cast<std::uint32_t>(size));
  };
  for (std::size_t size = 2; size < k; size *= 2) add(size);
  for (std::size_t parts = 2; parts <= 32; ++parts) add((k + parts - 1) / parts);
  // Where the counts first leave those of a sequence, a group ends.
  for (std::size_t i = 0; i < profile.leaves.size(); ++i) {
    if (profile.leaves[i] == i + 2) continue;
    add(profile.positions[i + 1]);
    break;
  }
  for (const std::size_t near : by_meeting(profile)) {
    add(near);
    break;
  }
  return {sizes.begin(), sizes.end()};
}

/// Whether all of the first `count` terms meet 0 before any other does.
bool is_prefix(const OrderProfile& profile, const std::vector<std::size_t>& ranks,
               std::size_t count) {
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if ((ranks[i] < count) != (profile.leaves[i] <= count)) return false;
  }
  return true;
}

/// Chunks of one size are blocks.
SummationOrder order_of_chunks(const std::vector<std::uint32_t>& starts, std::size_t k) {
  const std::uint32_t size = starts[1];
  bool even = k <= starts.size() * size;
  for (std::size_t i = 0; i < starts.size(); ++i) even = even && starts[i] == i * size;
  if (even) return {.groups = SummationOrder::Groups::blocks, .size = size};
  return {.groups = SummationOrder::Groups::chunks, .starts = starts};
}

/// As CPU libraries do it: k in chunks that fit a cache, each as one sequence or in lanes.
void add_chunked(std::size_t k, const OrderProfile& profile, std::vector<SummationOrder>& orders) {
  std::vector<SummationOrder> chunked;
  for (const std::vector<std::uint32_t>& starts : profile.chunkings) {
    if (starts.size() > 1) chunked.push_back(order_of_chunks(starts, k));
  }
  if (chunked.empty()) chunked.emplace_back();
  for (SummationOrder& order : chunked) {
    std::ranges::copy(in_lanes(order), std::back_inserter(orders));
    order.walk = Walk::swapped_pairs;
    orders.push_back(order);
  }
}

/// As matrix units do it whose k is split. A part begins where a chunk does, or after whole blocks
/// among the k before that hold no term; or parts are of a usual size, where the sums round what
/// the masks should swallow.
void add_parts_of_blocks(std::size_t k, const OrderProfile& profile,
                         std::vector<SummationOrder>& orders) {
  for (const std::vector<std::uint32_t>& starts : profile.chunkings) {
    if (starts.size() < 3) continue;
    const std::uint32_t size = starts[1];
    std::set<std::uint32_t> parts(starts.begin(), starts.end());
    for (const std::uint32_t start : std::span(starts).subspan(2)) {
      const std::size_t last = *std::prev(std::ranges::lower_bound(profile.terms, start));
      for (std::uint32_t part = start / size * size; part > last; part -= size) parts.insert(part);
    }
    for (const std::uint32_t usual : group_sizes(k, profile)) parts.insert(usual);
    for (auto part = parts.upper_bound(size); part != parts.end(); ++part) {
      orders.push_back({.groups = SummationOrder::Groups::blocks, .size = size, .part = *part});
    }
  }
}

std::vector<SummationOrder> all_orders(std::size_t k, const OrderProfile& profile) {
  using enum Combining;
  using Groups = SummationOrder::Groups;
  std::vector<SummationOrder> orders = {
      {}, {.within = pairwise}, {.within = halving}, {.walk = Walk::swapped_pairs}};
  for (const std::uint32_t size : group_sizes(k, profile)) {
    for (const Groups groups : {Groups::blocks, Groups::lanes}) {
      for (const Combining across : {sequential, pairwise, halving}) {
        orders.push_back({.groups = groups, .size = size, .across = across});
      }
    }
  }
  add_chunked(k, profile, orders);
  add_parts_of_blocks(k, profile, orders);
  return orders;
}

/// The positions that are terms.
OrderProfile of_terms(const OrderProfile& profile) {
  OrderProfile kept;
  kept.terms = profile.terms;
  kept.positions = {0};
  for (std::size_t i = 0; i < profile.leaves.size(); ++i) {
    const std::size_t position = profile.positions[i + 1];
    if (!std::ranges::binary_search(profile.terms, position)) continue;
    kept.positions.push_back(position);
    kept.leaves.push_back(profile.leaves[i]);
  }
  return kept;
}

std::map<std::size_t, std::size_t> leaves_by_position(const OrderProfile& profile) {
  std::map<std::size_t, std::size_t> leaves;
  for (std::size_t i = 0; i < profile.leaves.size(); ++i) {
    leaves[profile.positions[i + 1]] = profile.leaves[i];
  }
  return leaves;
}

// In a sequence every prefix has a sum of its own; a chunk of several terms joins as a whole.
std::vector<std::uint32_t> starts_among_terms(const OrderProfile& all) {
  const OrderProfile profile = of_terms(all);
  std::vector<std::size_t> ranks;  // Of each position among the terms.
  for (std::size_t i = 1; i < profile.positions.size(); ++i) {
    const auto found = std::ranges::lower_bound(profile.terms, profile.positions[i]);
    ranks.push_back(static_cast<std::size_t>(found - profile.terms.begin()));
  }
  struct Joined {
    std::size_t first;
    std::size_t count;
  };
  std::map<std::size_t, Joined> by_leaves;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const auto [entry, is_new] = by_leaves.try_emplace(profile.leaves[i], Joined{ranks[i], 1});
    if (is_new) continue;
    entry->second.first = std::min(entry->second.first, ranks[i]);
    ++entry->second.count;
  }
  std::vector<std::uint32_t> starts = {0};
  bool first_prefix = true;
  for (const auto& [leaves, joined] : by_leaves) {
    if (!is_prefix(profile, ranks, leaves)) continue;
    if (!first_prefix && joined.count > 1) {
      starts.push_back(static_cast<std::uint32_t>(profile.terms[joined.first]));
    }
    first_prefix = false;
  }
  return starts;
}

bool uses_columns(const Probe& probe) {
  return std::ranges::any_of(probe.terms, [](const ProbeTerm& term) { return term.b != 1; });
}

}  // namespace

std::optional<std::size_t> count_left(const MaskSpan& span, std::size_t terms, float answer) {
  const double unit = span.unit_sign * std::ldexp(1.0, span.unit_a + span.unit_b);
  const double count = answer / unit;
  const bool counts =
      count >= 0 && count <= static_cast<double>(terms - 2) && count == std::trunc(count);
  if (!counts) return std::nullopt;
  return static_cast<std::size_t>(count);
}

// Before its first term that was seen, a chunk has others whose sums meet that of 0 with it.
std::vector<std::uint32_t> chunk_starts(const OrderProfile& profile, const OrderProfile& finer) {
  std::vector<std::uint32_t> starts = starts_among_terms(profile);
  const auto own = leaves_by_position(profile);
  const auto all = leaves_by_position(finer);
  for (std::size_t i = 1; i < starts.size(); ++i) {
    const std::size_t together = own.at(starts[i]);
    for (std::uint32_t p = starts[i] - 1; p > starts[i - 1]; --p) {
      const auto found = all.find(p);
      if (found == all.end()) continue;
      if (found->second != together) break;
      starts[i] = p;
    }
  }
  return starts;
}

std::size_t order_probes(std::size_t k) {
  return positions_for(k).size() - 1;
}

Result<OrderProfile> measure_order(Launcher& launcher, const Region& region) {
  OrderProfile profile;
  profile.terms = positions_for(launcher.shape().k);
  profile.positions = profile.terms;
  // Small terms below zero for sums that are rounded up, which would carry a mask away.
  for (const float sign : {1.0F, -1.0F}) {
    for (const MaskSpan& span : kSpans) {
      profile.span = span;
      profile.span.unit_sign = sign;
      profile.probes.clear();
      for (std::size_t i = 1; i < profile.positions.size(); ++i) {
        profile.probes.push_back(mask_probe(profile, profile.positions[i]));
      }
      if (!can_store(launcher.storage(), profile.probes.front())) continue;
      auto answers = launcher.run(region, profile.probes);
      if (!answers) return answers.error();
      profile.answers = std::move(*answers);
      profile.leaves = leaves_of(profile);
      if (profile.leaves.empty()) continue;
      profile.chunkings = {chunk_starts(profile, profile)};
      return profile;
    }
  }
  return profile;
}

// Two terms that meet in a block adder share it: the third must be of the same block.
Anchors anchors_of(const OrderProfile& profile) {
  const std::vector<std::size_t> order = by_meeting(profile);
  if (order.size() < 2) return {0, 1, 2};
  return {0, order[0], order[1]};
}

std::size_t farthest_from_first(const OrderProfile& profile) {
  const std::vector<std::size_t> order = by_meeting(profile);
  return order.empty() ? 1 : order.back();
}

std::size_t first_meeting(const OrderProfile& profile) {
  return profile.leaves.empty() ? 2 : std::ranges::min(profile.leaves);
}

std::string profile_hash(const OrderProfile& profile) {
  if (profile.leaves.empty()) return "";
  return content_hash(std::as_bytes(std::span(profile.leaves)));
}

std::vector<float> predicted_in_order(const MatmulArithmetic& arithmetic, std::size_t k,
                                      const std::vector<Probe>& probes) {
  std::vector<float> answers;
  std::vector<float> a(k);
  std::vector<float> b(k, 1);
  for (const Probe& probe : probes) {
    std::ranges::fill(a, 0.0F);
    std::ranges::fill(b, 1.0F);
    const bool columns = uses_columns(probe);
    for (const ProbeTerm& term : probe.terms) {
      a[term.k] = term.a;
      if (columns) b[term.k] = term.b;
    }
    answers.push_back(emulate_matmul(arithmetic, {1, 1, k}, a, b).front());
  }
  return answers;
}

// A rest that the unrolled loop leaves may go to the first lane.
std::vector<SummationOrder> in_lanes(SummationOrder order) {
  using enum Combining;
  order.lanes = order.lane_step = 1;
  order.across_lanes = sequential;
  std::vector<SummationOrder> orders = {order};
  for (std::uint32_t lanes = 2; lanes <= kMostLanes; lanes *= 2) {
    for (const std::uint32_t step : {1U, 4U, 8U, 16U, 32U}) {
      if (step != 1 && step < lanes) continue;
      for (const Combining across_lanes : {sequential, pairwise, halving}) {
        order.lanes = lanes;
        order.lane_step = step;
        order.across_lanes = across_lanes;
        orders.push_back(order);
      }
    }
  }
  return orders;
}

// Most orders differ from the observed one within a few masks.
bool explains_profile(const MatmulArithmetic& arithmetic, std::size_t k,
                      const OrderProfile& profile) {
  for (std::size_t first = 0; first < profile.probes.size(); first += 8) {
    const std::size_t last = std::min(first + 8, profile.probes.size());
    const std::vector<Probe> some(profile.probes.begin() + static_cast<std::ptrdiff_t>(first),
                                  profile.probes.begin() + static_cast<std::ptrdiff_t>(last));
    const std::vector<float> answers = predicted_in_order(arithmetic, k, some);
    if (!std::equal(answers.begin(), answers.end(),
                    profile.answers.begin() + static_cast<std::ptrdiff_t>(first), same_answer)) {
      return false;
    }
  }
  return true;
}

std::vector<SummationOrder> matching_orders(const MatmulArithmetic& arithmetic, std::size_t k,
                                            const OrderProfile& profile) {
  std::vector<SummationOrder> orders = all_orders(k, profile);
  if (profile.leaves.empty()) return orders;
  std::erase_if(orders, [&](const SummationOrder& order) {
    MatmulArithmetic tried = arithmetic;
    tried.order = order;
    return !explains_profile(tried, k, profile);
  });
  return orders;
}

}  // namespace gpubench
