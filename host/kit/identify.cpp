#include "kit/identify.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <optional>

namespace gpubench {
namespace {

bool all_are(std::span<const float> values, float value) {
  return std::ranges::all_of(values, [&](float each) { return same_answer(each, value); });
}

/// Why the outputs prove nothing; "" where they are this kit's, in its order.
Result<std::string> check_stamp(const KitRecording& recording) {
  const KitPlan& plan = recording.plan();
  std::vector<float> firsts;
  for (std::size_t i = 0; i < plan.size(); ++i) firsts.push_back(recording.output(i).front());
  const auto first = recording.output(KitPlan::kStamp);
  if (all_are(firsts, first.front()) && all_are(first, first.front()) &&
      all_are(recording.output(plan.random().front()), first.front())) {
    return fmt::format("every output is {}: nothing was multiplied", first.front());
  }
  const auto stamp = read_stamp(first, plan.settings().shape);
  if (!stamp) {
    return std::string(
        "the first product should spell the kit's id, exactly and in any precision, and does not: "
        "these are not its outputs, or not in their order, or nothing near a product");
  }
  if (stamp->id == plan.id() && stamp->version == kKitVersion) return std::string();
  return Error{ErrorKind::input,
               fmt::format("these are outputs of another kit: version {}, id {}; expected version "
                           "{}, id {}",
                           stamp->version, stamp->id, kKitVersion, plan.id())};
}

bool same_outputs(std::span<const float> x, std::span<const float> y) {
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  return std::ranges::equal(x, y, {}, bits, bits);
}

/// Right after the first time, and after all other products.
bool repeats(const KitRecording& recording) {
  const KitPlan& plan = recording.plan();
  return same_outputs(recording.output(plan.cleared()), recording.output(plan.cleared() + 1)) &&
         same_outputs(recording.output(plan.random().front()), recording.output(plan.repeat()));
}

/// Regions one after the other, the largest first: what one turned out to be is tried on the next.
class Judge {
 public:
  Judge(const KitRecording& recording, const WorkingBits& declared)
      : recording_(recording), declared_(declared) {
    for (const std::size_t i : recording.plan().random()) {
      products_.push_back(recording.product(i));
    }
  }

  [[nodiscard]] std::vector<RegionFingerprint> judge(std::vector<Region> regions) {
    std::ranges::stable_sort(regions, std::greater(), [](const Region& region) {
      return region.rows.size() * region.columns.size();
    });
    for (const Region& region : regions) judged_.push_back(judge_one(region));
    return std::move(judged_);
  }

 private:
  [[nodiscard]] RegionFingerprint judge_one(const Region& region) const {
    const Evidence evidence = recording_.evidence_of(region);
    for (const RegionFingerprint& known : judged_) {
      const MatmulArithmetic& arithmetic = known.inference.arithmetic;
      const std::size_t k = recording_.plan().settings().shape.k;
      const bool likely =
          known.agreement.mismatches == 0 && explains_profile(arithmetic, k, evidence.profile);
      if (!likely || !fits(arithmetic, region)) continue;
      return as_known(known, arithmetic, region, evidence);
    }
    if (auto found = known_in_another_order(region, evidence)) return *std::move(found);
    RegionFingerprint found = judge_region(region, evidence, products_, storage(), declared_);
    const bool sure = found.agreement.mismatches == 0 &&
                      recording_.explains_masks(found.inference.arithmetic, region);
    if (sure) return found;
    if (const auto common = common_path(region, found.inference.orders)) {
      return as_known(found, *common, region, evidence);
    }
    return found;
  }

  [[nodiscard]] NumberFormat storage() const { return recording_.plan().settings().storage; }

  [[nodiscard]] bool fits(const MatmulArithmetic& arithmetic, const Region& region) const {
    return agrees(arithmetic, products_, region) && recording_.explains_masks(arithmetic, region);
  }

  [[nodiscard]] RegionFingerprint as_known(RegionFingerprint known,
                                           const MatmulArithmetic& arithmetic, const Region& region,
                                           const Evidence& evidence) const {
    known.region = region;
    known.inference.arithmetic = arithmetic;
    known.inference.profile = evidence.profile;
    known.proven.clear();
    known.name = path_name(arithmetic);
    known.agreement = agreement(arithmetic, products_, region);
    conclude(known, evidence.checks, recording_.plan().settings().shape.k, declared_);
    return known;
  }

  /// Tails and other kernels of one library mostly differ in order alone, and then mostly in lanes.
  [[nodiscard]] std::optional<RegionFingerprint> known_in_another_order(
      const Region& region, const Evidence& evidence) const {
    for (const RegionFingerprint& known : judged_) {
      if (known.agreement.mismatches > 0) continue;
      MatmulArithmetic arithmetic = known.inference.arithmetic;
      const std::size_t k = recording_.plan().settings().shape.k;
      std::vector<SummationOrder> orders = in_lanes(arithmetic.order);
      std::ranges::copy(matching_orders(arithmetic, k, evidence.profile),
                        std::back_inserter(orders));
      for (const SummationOrder& order : orders) {
        arithmetic.order = order;
        if (explains_profile(arithmetic, k, evidence.profile) && fits(arithmetic, region)) {
          return as_known(known, arithmetic, region, evidence);
        }
      }
    }
    return std::nullopt;
  }

  /// Where a region is too small for probes, or another's answers misled.
  [[nodiscard]] std::optional<MatmulArithmetic> common_path(
      const Region& region, std::vector<SummationOrder> orders) const {
    for (const RegionFingerprint& known : judged_) {
      orders.push_back(known.inference.arithmetic.order);
    }
    for (const SummationOrder& order : orders) {
      for (NamedPath& path : common_paths(storage())) {
        path.arithmetic.order = order;
        if (fits(path.arithmetic, region)) return path.arithmetic;
      }
    }
    return std::nullopt;
  }

  const KitRecording& recording_;
  WorkingBits declared_;
  std::vector<RandomProduct> products_;
  std::vector<RegionFingerprint> judged_;
};

/// Of several regions with one verdict: the largest's name and all outputs.
std::string reason_of_all(const Fingerprint& found) {
  std::uint64_t outputs = 0;
  std::string odd;
  for (const RegionFingerprint& region : found.regions) {
    if (region.verdict != found.verdict || region.agreement.mismatches > 0) return found.reason;
    outputs += region.agreement.outputs;
    if (odd.empty()) odd = oddities_of(region);
  }
  return fmt::format("{}: all of {} random outputs to the bit{}", found.regions.front().name,
                     outputs, odd);
}

}  // namespace

WorkingBits declared_for_kit(Precision declared, NumberFormat storage) {
  WorkingBits bits = declared_bits(declared);
  // Runtimes that compute in bf16 store it as well.
  if (declared == Precision::bf16) bits.output = traits_of(NumberFormat::bf16).significand_bits;
  const int most = traits_of(storage).significand_bits;
  bits.a = std::min(bits.a, most);
  bits.b = std::min(bits.b, most);
  return bits;
}

Result<Identification> identify(const KitRecording& recording, const WorkingBits& declared) {
  const KitPlan& plan = recording.plan();
  const auto stamped = check_stamp(recording);
  if (!stamped) return stamped.error();
  Identification result;
  result.inconclusive = *stamped;
  if (!result.inconclusive.empty()) return result;
  Fingerprint& found = result.fingerprint;
  found.launches = static_cast<int>(plan.size());
  found.reason = fault_in_integers(recording.product(KitPlan::kIntegers));
  if (!found.reason.empty()) {
    found.verdict = PrecisionVerdict::wrong;
    return result;
  }
  if (!repeats(recording)) {
    found.verdict = PrecisionVerdict::nondeterministic;
    found.reason = "the same inputs gave other outputs the second time";
    return result;
  }
  found.reason = fault_in_cleared_rows(recording.product(plan.cleared()));
  if (!found.reason.empty()) return result;
  found = fingerprint_of(Judge(recording, declared).judge(recording.regions()),
                         static_cast<int>(plan.size()));
  if (found.regions.size() > 1) found.reason = reason_of_all(found);
  return result;
}

}  // namespace gpubench
