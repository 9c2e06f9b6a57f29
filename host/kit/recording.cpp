#include "kit/recording.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>

namespace gpubench {
namespace {

// Rows and columns each; CPU libraries have four where threads and tails meet.
constexpr std::size_t kMostClasses = 8;
// Enough to tell orders apart; each is emulated for every order that is tried.
constexpr std::size_t kMostPairs = 256;
constexpr std::size_t kPairsToCheck = 16;
// Of the probes: then a region speaks for itself.
constexpr std::size_t kEnoughOwnPercent = 80;

/// Which outputs belong to a region.
class Members {
 public:
  Members(const MatmulShape& shape, const Region& region) : rows_(shape.m), columns_(shape.n) {
    for (const std::size_t i : region.rows) rows_[i] = true;
    for (const std::size_t j : region.columns) columns_[j] = true;
  }
  [[nodiscard]] bool has(std::size_t row, std::size_t column) const {
    return rows_[row] && columns_[column];
  }

 private:
  std::vector<bool> rows_;
  std::vector<bool> columns_;
};

Region everything(const MatmulShape& shape) {
  Region region;
  for (std::size_t i = 0; i < shape.m; ++i) region.rows.push_back(i);
  for (std::size_t j = 0; j < shape.n; ++j) region.columns.push_back(j);
  return region;
}

/// One pair of masks and what was left of it.
struct Pair {
  std::size_t pivot;
  std::size_t masked;
  float answer;
};

Probe probe_of(const Pair& pair, const MaskSheet& sheet) {
  Probe probe;
  const MaskSpan& span = sheet.span;
  std::set<std::size_t> terms(sheet.terms.begin(), sheet.terms.end());
  terms.insert(pair.masked);
  for (const std::size_t k : terms) {
    const bool is_masked = k == pair.masked;
    const bool is_pivot = k == pair.pivot;
    const bool in_a = is_masked || (is_pivot && sheet.paired);
    const bool in_b = is_pivot || (is_masked && sheet.paired);
    const float a = std::ldexp(1.0F, in_a ? span.mask_a : span.unit_a);
    const float b = std::ldexp(1.0F, in_b ? span.mask_b : span.unit_b);
    probe.terms.push_back({k, is_masked ? -a : a, b});
  }
  return probe;
}

class Pairs {
 public:
  Pairs(const KitRecording& recording, const KitPlan::MaskKind& kind)
      : recording_(recording), kind_(kind) {}

  /// Every pair that the region holds.
  [[nodiscard]] std::vector<Pair> within(const Region& region) const {
    std::vector<Pair> pairs;
    for (std::size_t s = 0; s < kind_.sheets.size(); ++s) {
      const MaskSheet& sheet = kind_.sheets[s];
      const auto c = recording_.output(kind_.products[s]);
      const auto add = [&](std::size_t i, std::size_t j) {
        if (sheet.masked[i] == sheet.pivots[j]) return;
        pairs.push_back({sheet.pivots[j], sheet.masked[i], c[i * sheet.pivots.size() + j]});
      };
      if (sheet.paired) {
        add_diagonal(sheet, region, add);
      } else {
        for (const std::size_t i : region.rows) {
          for (const std::size_t j : region.columns) add(i, j);
        }
      }
    }
    return pairs;
  }

 private:
  template <class Add>
  static void add_diagonal(const MaskSheet& sheet, const Region& region, const Add& add) {
    const Members members({sheet.masked.size(), sheet.pivots.size(), 1}, region);
    const std::size_t count = std::min(sheet.masked.size(), sheet.pivots.size());
    for (std::size_t i = 0; i < count; ++i) {
      if (members.has(i, i)) add(i, i);
    }
  }

  const KitRecording& recording_;
  const KitPlan::MaskKind& kind_;
};

enum class OtherAnswers : std::uint8_t { refused, skipped };

/// bf16 counts to 256: beyond it, a short output shows no odd number.
bool looks_rounded(const std::vector<std::size_t>& counts) {
  constexpr std::size_t kExactInBf16 = 256;
  std::size_t large = 0;
  std::size_t odd = 0;
  for (const std::size_t count : counts) {
    if (count <= kExactInBf16) continue;
    ++large;
    odd += count % 2;
  }
  return large >= 8 && odd == 0;
}

/// The largest count of terms under the node where 0 meets each masked k; nothing unless every pair
/// with 0 has a count, some small terms are left, and the last mask meets all.
std::optional<std::map<std::size_t, std::size_t>> leaves_from(const std::vector<Pair>& pairs,
                                                              const MaskSheet& sheet,
                                                              OtherAnswers others) {
  const std::size_t terms = sheet.terms.size();
  std::map<std::size_t, std::size_t> leaves;
  std::vector<std::size_t> counts;
  for (const Pair& pair : pairs) {
    if (pair.pivot != 0) continue;
    const bool is_term = std::ranges::binary_search(sheet.terms, pair.masked);
    const auto left = count_left(sheet.span, is_term ? terms : terms + 1, pair.answer);
    if (!left && others == OtherAnswers::skipped) continue;
    if (!left) return std::nullopt;
    counts.push_back(*left);
    std::size_t& most = leaves[pair.masked];
    most = std::max(most, terms - *left);
  }
  const bool any_left = std::ranges::any_of(counts, [](std::size_t left) { return left > 0; });
  const bool all_met = std::ranges::find(counts, 0U) != counts.end();
  if (!any_left || !all_met || looks_rounded(counts)) return std::nullopt;
  return leaves;
}

void set_leaves(const std::map<std::size_t, std::size_t>& leaves, OrderProfile& profile) {
  profile.positions = {0};
  profile.leaves.clear();
  for (const auto& [position, count] : leaves) {
    profile.positions.push_back(position);
    profile.leaves.push_back(count);
  }
}

/// A region of few rows sees few k; where chunks begin is the same for all that do have them.
void add_chunkings(const std::optional<std::map<std::size_t, std::size_t>>& leaves_of_all,
                   OrderProfile& profile) {
  OrderProfile of_all = profile;
  if (leaves_of_all) set_leaves(*leaves_of_all, of_all);
  profile.chunkings = {chunk_starts(profile, of_all)};
  const auto starts_of_all = chunk_starts(of_all, of_all);
  if (starts_of_all != profile.chunkings.front()) profile.chunkings.push_back(starts_of_all);
}

/// Some of the pairs, evenly, as probes: half of them with 0.
void set_probes(const std::vector<Pair>& pairs, const MaskSheet& sheet, OrderProfile& profile) {
  for (const bool with_zero : {true, false}) {
    std::vector<Pair> some;
    std::ranges::copy_if(pairs, std::back_inserter(some),
                         [&](const Pair& pair) { return (pair.pivot == 0) == with_zero; });
    const std::size_t count = std::min(some.size(), kMostPairs / 2);
    for (std::size_t i = 0; i < count; ++i) {
      const Pair& pair = some[i * some.size() / count];
      profile.probes.push_back(probe_of(pair, sheet));
      profile.answers.push_back(pair.answer);
    }
  }
}

/// Of the first kind of masks whose answers in the region are counts.
OrderProfile profile_of(const KitRecording& recording, const Region& region) {
  const Region all = everything(recording.plan().settings().shape);
  for (const KitPlan::MaskKind& kind : recording.plan().masks()) {
    const Pairs recorded(recording, kind);
    const MaskSheet& sheet = kind.sheets.front();
    const std::vector<Pair> pairs = recorded.within(region);
    const auto leaves = leaves_from(pairs, sheet, OtherAnswers::refused);
    if (!leaves) continue;
    OrderProfile profile;
    profile.terms = sheet.terms;
    profile.span = sheet.span;
    set_leaves(*leaves, profile);
    add_chunkings(leaves_from(recorded.within(all), sheet, OtherAnswers::skipped), profile);
    set_probes(pairs, sheet, profile);
    return profile;
  }
  return {};
}

/// The first anchors whose first two meet before the third joins them.
std::size_t choose_anchors(const std::vector<Anchors>& choices, const OrderProfile& profile) {
  std::map<std::size_t, std::size_t> leaves;
  for (std::size_t i = 0; i < profile.leaves.size(); ++i) {
    leaves[profile.positions[i + 1]] = profile.leaves[i];
  }
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto second = leaves.find(choices[i][1]);
    const auto third = leaves.find(choices[i][2]);
    if (second == leaves.end() || third == leaves.end()) continue;
    if (second->second <= third->second) return i;
  }
  return 0;
}

}  // namespace

KitRecording::KitRecording(const KitPlan& plan, std::vector<float> outputs)
    : plan_(plan), outputs_(std::move(outputs)) {}

std::span<const float> KitRecording::output(std::size_t product) const {
  const std::size_t each = plan_.settings().shape.m * plan_.settings().shape.n;
  return std::span(outputs_).subspan(product * each, each);
}

RandomProduct KitRecording::product(std::size_t product) const {
  RandomProduct made = plan_.operands(product);
  const auto c = output(product);
  made.c.assign(c.begin(), c.end());
  return made;
}

std::vector<Region> KitRecording::regions() const {
  Replicas replicas;
  for (const std::size_t i : plan_.equal_rows()) replicas.equal_rows.push_back(product(i));
  for (const std::size_t i : plan_.equal_columns()) replicas.equal_columns.push_back(product(i));
  return regions_of(replicas, kMostClasses);
}

Evidence KitRecording::evidence_of(const Region& region) const {
  Evidence evidence;
  evidence.profile = profile_of(*this, region);
  const std::size_t anchors = choose_anchors(plan_.anchors(), evidence.profile);
  const Members members(plan_.settings().shape, region);
  struct Answer {
    bool own = false;
    float value = 0;
  };
  std::map<std::size_t, Answer> answers;
  for (const AskedPlace& place : plan_.places()) {
    const std::size_t of = plan_.asked()[place.asked].anchors;
    if (of != anchors && of != plan_.anchors().size()) continue;
    const bool own = members.has(place.row, place.column);
    const auto [answer, is_new] = answers.try_emplace(place.asked);
    if (!is_new && (answer->second.own || !own)) continue;
    const std::size_t n = plan_.settings().shape.n;
    answer->second = {own, output(place.product)[place.row * n + place.column]};
  }
  const auto own = static_cast<std::size_t>(
      std::ranges::count_if(answers, [](const auto& each) { return each.second.own; }));
  if (own * 100 >= answers.size() * kEnoughOwnPercent) {
    std::erase_if(answers, [](const auto& each) { return !each.second.own; });
  }
  for (const auto& [asked, answer] : answers) {
    const AskedProbe& probe = plan_.asked()[asked];
    if (probe.anchors == anchors) {
      evidence.answers.push_back({probe.probe, answer.value});
    } else {
      evidence.far_probes.push_back(probe.probe.probe);
      evidence.far_answers.push_back(answer.value);
    }
  }
  evidence.checks = checks_of(region);
  return evidence;
}

Checks KitRecording::checks_of(const Region& region) const {
  const std::size_t n = plan_.settings().shape.n;
  const auto gather = [&](const std::vector<AskedSheet>& sheets, std::vector<Probe>& probes,
                          std::vector<float>& answers) {
    for (const auto& [product, sheet] : sheets) {
      for (const auto& [probe, row, column] : sheet.places_in(region)) {
        probes.push_back(sheet.probes()[probe]);
        answers.push_back(output(product)[row * n + column]);
      }
    }
  };
  Checks checks;
  gather(plan_.special_sheets(), checks.special_probes, checks.special_answers);
  gather(plan_.place_sheets(), checks.place_probes, checks.place_answers);
  return checks;
}

bool KitRecording::explains_masks(const MatmulArithmetic& arithmetic, const Region& region) const {
  const KitPlan::MaskKind& kind = plan_.masks().front();
  const MaskSheet& sheet = kind.sheets.front();
  const std::vector<Pair> pairs = Pairs(*this, kind).within(region);
  std::vector<Probe> probes;
  std::vector<float> answers;
  const std::size_t count = std::min(pairs.size(), kPairsToCheck);
  for (std::size_t i = 0; i < count; ++i) {
    const Pair& pair = pairs[i * pairs.size() / count];
    probes.push_back(probe_of(pair, sheet));
    answers.push_back(pair.answer);
  }
  const auto expected = predicted_in_order(arithmetic, plan_.settings().shape.k, probes);
  return std::ranges::equal(expected, answers, same_answer);
}

}  // namespace gpubench
