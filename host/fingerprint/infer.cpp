// Groups depend on each other a little (a narrow sum hides bits of an operand), so they are gone
// through again until nothing changes.
#include "fingerprint/infer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace gpubench {
namespace {

constexpr int kMostRounds = 4;
// Keeps small differences normal in an output stored in fp16, and the largest term below 2^15.
constexpr int kLiftForHalf = 12;

// One more than any known matrix unit keeps.
constexpr std::uint8_t kMostExtraBits = 3;

constexpr auto kRoundings = {RoundingMode::nearest_even, RoundingMode::toward_zero,
                             RoundingMode::nearest_away, RoundingMode::upward,
                             RoundingMode::downward};
constexpr auto kOverflows = {Overflow::ieee, Overflow::clamp};
constexpr auto kSubnormals = {Subnormals::keep, Subnormals::flush};

using Choices = std::vector<MatmulArithmetic>;

class Guess {
 public:
  Guess(std::vector<ProbeAnswer> answers, OrderProfile profile, NumberFormat storage, std::size_t k)
      : answers_(std::move(answers)), profile_(std::move(profile)), storage_(storage), k_(k) {
    arithmetic_.a.format = arithmetic_.b.format = storage;
    arithmetic_.output.format = storage;
  }

  void settle() {
    for (int round = 0; round < kMostRounds; ++round) {
      const MatmulArithmetic before = arithmetic_;
      take_best(accumulator_choices(), {ProbeGroup::accumulator});
      take_best(operand_a_choices(), {ProbeGroup::operand_a, ProbeGroup::range});
      take_best(operand_b_choices(), {ProbeGroup::operand_b, ProbeGroup::range});
      take_best(split_choices(arithmetic_), {ProbeGroup::operand_a, ProbeGroup::operand_b,
                                             ProbeGroup::split, ProbeGroup::range});
      take_best(multiply_add_choices(), {ProbeGroup::multiply_add});
      take_best(output_choices(), {ProbeGroup::output});
      take_best(range_choices(), {ProbeGroup::range});
      if (arithmetic_ == before) break;
    }
  }

  [[nodiscard]] Inference finished() && {
    Inference result;
    result.orders = matching_orders(arithmetic_, k_, profile_);
    if (!result.orders.empty()) arithmetic_.order = result.orders.front();
    for (const ProbeAnswer& each : answers_) {
      if (!explains(arithmetic_, each)) result.unexplained.push_back(each.asked.probe.name);
    }
    result.kept_bits_a = kept_bits("M1a({})");
    result.kept_bits_b = kept_bits("M1b({})");
    result.arithmetic = arithmetic_;
    result.answers = std::move(answers_);
    result.profile = std::move(profile_);
    return result;
  }

 private:
  static bool explains(const MatmulArithmetic& arithmetic, const ProbeAnswer& each) {
    return same_answer(predicted(arithmetic, each.asked.probe), each.answer);
  }

  [[nodiscard]] std::size_t misses(const MatmulArithmetic& arithmetic,
                                   std::initializer_list<ProbeGroup> groups,
                                   std::size_t enough) const {
    std::size_t count = 0;
    for (const ProbeAnswer& each : answers_) {
      if (std::ranges::find(groups, each.asked.group) == groups.end()) continue;
      count += !explains(arithmetic, each);
      if (count >= enough) break;
    }
    return count;
  }

  /// The first of those that miss the fewest answers: choices begin with the most usual.
  void take_best(const Choices& choices, std::initializer_list<ProbeGroup> groups) {
    std::size_t fewest = answers_.size() + 1;
    for (const MatmulArithmetic& choice : choices) {
      const std::size_t count = misses(choice, groups, fewest);
      if (count >= fewest) continue;
      fewest = count;
      arithmetic_ = choice;
      if (fewest == 0) return;
    }
  }

  [[nodiscard]] Choices accumulator_choices() const {
    Choices choices;
    for (const NumberFormat format :
         {NumberFormat::fp32, NumberFormat::fp16, NumberFormat::fp64, NumberFormat::bf16}) {
      for (const RoundingMode rounding : kRoundings) {
        MatmulArithmetic choice = arithmetic_;
        choice.accumulator.format = format;
        choice.accumulator.rounding = rounding;
        choice.across = choice.accumulator;
        if (choice.multiply_add == MultiplyAdd::block) choice.multiply_add = MultiplyAdd::separate;
        choices.push_back(choice);
        if (format != NumberFormat::fp64) add_blocks(choice, choices);
      }
    }
    return choices;
  }

  void add_blocks(const MatmulArithmetic& base, Choices& choices) const {
    const std::size_t width = first_meeting(profile_);
    if (width < 3 || width > 64) return;
    for (std::uint8_t extra = 0; extra <= kMostExtraBits; ++extra) {
      for (const RoundingMode alignment : {RoundingMode::toward_zero, RoundingMode::downward}) {
        MatmulArithmetic choice = base;
        choice.multiply_add = MultiplyAdd::block;
        choice.block = {static_cast<std::uint16_t>(width), extra, alignment};
        choices.push_back(choice);
      }
    }
  }

  [[nodiscard]] Choices operand_a_choices() const {
    Choices choices;
    for (const NumberRule& rule : operand_choices(storage_)) {
      choices.push_back(arithmetic_);
      choices.back().a.format = rule.format;
      choices.back().a.rounding = rule.rounding;
      choices.back().a.overflow = rule.overflow;
    }
    return choices;
  }

  [[nodiscard]] Choices operand_b_choices() const {
    Choices choices;
    for (const NumberRule& rule : operand_choices(storage_)) {
      choices.push_back(arithmetic_);
      choices.back().b.format = rule.format;
      choices.back().b.rounding = rule.rounding;
      choices.back().b.overflow = rule.overflow;
    }
    return choices;
  }

  [[nodiscard]] Choices multiply_add_choices() const {
    if (arithmetic_.multiply_add == MultiplyAdd::block) return {};
    Choices choices = {arithmetic_, arithmetic_};
    choices[0].multiply_add = MultiplyAdd::separate;
    choices[1].multiply_add = MultiplyAdd::fused;
    return choices;
  }

  [[nodiscard]] Choices output_choices() const {
    Choices choices;
    std::vector<NumberFormat> formats = {storage_, NumberFormat::fp32, NumberFormat::fp16,
                                         NumberFormat::bf16, NumberFormat::tf32};
    for (const NumberFormat format : formats) {
      for (const RoundingMode rounding : kRoundings) {
        choices.push_back(arithmetic_);
        choices.back().output.format = format;
        choices.back().output.rounding = rounding;
      }
    }
    return choices;
  }

  /// Every way to overflow and underflow. Both operands overflow alike.
  [[nodiscard]] Choices range_choices() const {
    Choices choices;
    for (const Subnormals sums : kSubnormals) {
      for (const Overflow sum : kOverflows) {
        MatmulArithmetic choice = arithmetic_;
        choice.accumulator.subnormals = sums;
        choice.accumulator.overflow = sum;
        choice.across.subnormals = sums;
        choice.across.overflow = sum;
        add_operand_ranges(choice, choices);
      }
    }
    return choices;
  }

  static void add_operand_ranges(MatmulArithmetic choice, Choices& choices) {
    for (const Subnormals outputs : kSubnormals) {
      for (const Overflow output : kOverflows) {
        choice.output.subnormals = outputs;
        choice.output.overflow = output;
        for (const Subnormals a : kSubnormals) {
          for (const Subnormals b : kSubnormals) {
            for (const Overflow operands : kOverflows) {
              choice.a.subnormals = a;
              choice.b.subnormals = b;
              choice.a.overflow = choice.b.overflow = operands;
              choices.push_back(choice);
            }
          }
        }
      }
    }
  }

  [[nodiscard]] int kept_bits(fmt::format_string<int&> pattern) const {
    std::map<std::string, float> by_name;
    for (const ProbeAnswer& each : answers_) by_name[each.asked.probe.name] = each.answer;
    for (int p = 1; p <= 23; ++p) {
      const auto found = by_name.find(fmt::format(pattern, p));
      if (found == by_name.end() || found->second != std::ldexp(1.0F, -p)) return p - 1;
    }
    return 23;
  }

  MatmulArithmetic arithmetic_;
  std::vector<ProbeAnswer> answers_;
  OrderProfile profile_;
  NumberFormat storage_;
  std::size_t k_;
};

/// The format in which groups are added, where that is not the format of the sums.
void settle_across(const Evidence& evidence, std::size_t k, Inference& inference) {
  MatmulArithmetic& arithmetic = inference.arithmetic;
  if (arithmetic.order.groups == SummationOrder::Groups::one) return;
  for (const NumberFormat format : {arithmetic.accumulator.format, NumberFormat::fp32,
                                    NumberFormat::fp16, NumberFormat::bf16, NumberFormat::fp64}) {
    MatmulArithmetic tried = arithmetic;
    tried.across.format = format;
    const auto expected = predicted_in_order(tried, k, evidence.far_probes);
    if (!std::ranges::equal(expected, evidence.far_answers, same_answer)) continue;
    arithmetic = tried;
    break;
  }
}

}  // namespace

std::vector<NumberRule> operand_choices(NumberFormat storage) {
  std::vector<NumberRule> choices = {{storage}};
  for (const NumberFormat format : {NumberFormat::tf32, NumberFormat::bf16, NumberFormat::fp16,
                                    NumberFormat::fp8_e4m3, NumberFormat::fp8_e5m2}) {
    if (format == storage) continue;
    // What clamps an operand is seen in few answers: a choice that left it for later could lose
    // against one that is wrong in all else.
    for (const Overflow overflow : kOverflows) {
      for (const RoundingMode rounding : kRoundings)
        choices.push_back({format, rounding, overflow});
    }
  }
  return choices;
}

std::vector<MatmulArithmetic> split_choices(const MatmulArithmetic& arithmetic) {
  std::vector<MatmulArithmetic> choices = {arithmetic};
  choices.front().split = {};
  for (const auto& [format, parts] : {std::pair{NumberFormat::bf16, 2},
                                      {NumberFormat::bf16, 3},
                                      {NumberFormat::fp16, 2},
                                      {NumberFormat::tf32, 2}}) {
    for (const int products : {parts == 2 ? 3 : 6, parts * parts}) {
      for (const RoundingMode rounding : {RoundingMode::nearest_even, RoundingMode::toward_zero}) {
        for (const Split::Order order : {Split::Order::by_element, Split::Order::by_pass}) {
          MatmulArithmetic choice = arithmetic;
          choice.a.format = choice.b.format = format;
          choice.a.rounding = choice.b.rounding = rounding;
          choice.split = {static_cast<std::uint8_t>(parts), static_cast<std::uint8_t>(products),
                          order};
          choices.push_back(choice);
        }
      }
    }
  }
  return choices;
}

std::vector<GroupedProbe> storable_probes(NumberFormat storage, const Anchors& anchors) {
  const int lift = storage == NumberFormat::fp16 ? kLiftForHalf : 0;
  std::vector<GroupedProbe> probes = core_probes(anchors, lift);
  std::erase_if(probes, [&](const GroupedProbe& each) { return !can_store(storage, each.probe); });
  return probes;
}

Result<Evidence> collect_evidence(Launcher& launcher, const Region& region) {
  auto profile = measure_order(launcher, region);
  if (!profile) return profile.error();
  Evidence evidence;
  evidence.profile = std::move(*profile);
  evidence.far_probes = far_probes(0, farthest_from_first(evidence.profile));
  std::vector<Probe> probes = evidence.far_probes;
  for (GroupedProbe& each : storable_probes(launcher.storage(), anchors_of(evidence.profile))) {
    probes.push_back(each.probe);
    evidence.answers.push_back({std::move(each), 0});
  }
  Checks& checks = evidence.checks;
  const std::vector<std::size_t> places = some_places(launcher.shape().k);
  checks.special_probes = special_probes(anchors_of(evidence.profile));
  checks.place_probes = place_probes(launcher.storage(), launcher.shape().k, {places, places});
  for (const auto* more : {&checks.special_probes, &checks.place_probes}) {
    probes.insert(probes.end(), more->begin(), more->end());
  }
  const auto measured = launcher.run(region, probes);
  if (!measured) return measured.error();
  auto next = measured->begin();
  const auto take = [&](std::size_t count) {
    const auto first = next;
    next += static_cast<std::ptrdiff_t>(count);
    return std::vector<float>(first, next);
  };
  evidence.far_answers = take(evidence.far_probes.size());
  for (ProbeAnswer& each : evidence.answers) each.answer = *next++;
  checks.special_answers = take(checks.special_probes.size());
  checks.place_answers = take(checks.place_probes.size());
  return evidence;
}

Inference infer_arithmetic(const Evidence& evidence, NumberFormat storage, std::size_t k) {
  Guess guess(evidence.answers, evidence.profile, storage, k);
  guess.settle();
  Inference inference = std::move(guess).finished();
  settle_across(evidence, k, inference);
  return inference;
}

}  // namespace gpubench
