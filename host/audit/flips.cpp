#include "audit/flips.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench {
namespace {

constexpr std::size_t kChunk = 512;
// Up to here the test adds up exact terms; beyond, the normal approximation has their precision.
constexpr std::uint64_t kExactMcnemar = 10000;

double mcnemar(std::uint64_t broke, std::uint64_t repaired) {
  const std::uint64_t total = broke + repaired;
  const std::uint64_t fewer = std::min(broke, repaired);
  if (total == 0) return 1;
  const auto n = static_cast<double>(total);
  if (total > kExactMcnemar) {
    const double distance = std::abs(static_cast<double>(broke) - static_cast<double>(repaired));
    return std::erfc(std::max(distance - 1, 0.0) / std::sqrt(2 * n));
  }
  double sum = 0;
  for (std::uint64_t i = 0; i <= fewer; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                    n * std::log(2.0));
  }
  return std::min(1.0, 2 * sum);
}

void count(Confusion& confusion, bool decision, bool label) {
  confusion.true_positive += decision && label;
  confusion.false_positive += decision && !label;
  confusion.false_negative += !decision && label;
  confusion.true_negative += !decision && !label;
}

Confusion& operator+=(Confusion& left, const Confusion& right) {
  left.true_positive += right.true_positive;
  left.false_positive += right.false_positive;
  left.false_negative += right.false_negative;
  left.true_negative += right.true_negative;
  return left;
}

/// The window's first and last double, so that two comparisons tell.
struct ClosedWindow {
  double first = 0, last = 0;
};
ClosedWindow closed(const RoundingWindow& window) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  return {window.holds_low ? window.low : std::nextafter(window.low, kInf),
          window.holds_high ? window.high : std::nextafter(window.high, -kInf)};
}

std::uint64_t count_within(const RoundingWindow& window, std::span<const double> values) {
  const auto [first, last] = closed(window);
  std::uint64_t found = 0;
  for (const double value : values) found += (value >= first) & (value <= last);
  return found;
}

/// Pairs on different sides of the threshold; NaN is on the side of no.
template <DecisionRule kRule>
std::uint64_t count_mismatches(std::span<const double> reference, std::span<const double> output,
                               double threshold) {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    found += decides(reference[i], threshold, kRule) != decides(output[i], threshold, kRule);
  }
  return found;
}

}  // namespace

FlipCollector::FlipCollector(const DecisionSettings& settings) {
  facts_.settings = settings;
  for (const Lattice lattice : kAllLattices) {
    facts_.windows[static_cast<std::size_t>(lattice)].window =
        rounding_window(facts_of(lattice), settings.threshold, settings.rule);
  }
}

void FlipCollector::add(std::uint64_t first, std::span<const double> reference,
                        std::span<const double> output, std::span<const double> labels) {
  const auto [threshold, rule] = facts_.settings;
  for (WindowFacts& window : facts_.windows) {
    if (window.window) window.at_risk += count_within(*window.window, reference);
  }
  facts_.labelled = facts_.labelled || !labels.empty();
  std::uint64_t undecided = 0;
  for (const double value : output) undecided += value != value;
  facts_.undecided += undecided;
  facts_.decided += output.size() - undecided;
  if (!labels.empty()) count_labelled(reference, output, labels);
  // Flips are rare: whole chunks are passed over by a loop that vectorises.
  for (std::size_t begin = 0; begin < reference.size(); begin += kChunk) {
    const std::size_t count = std::min(kChunk, reference.size() - begin);
    const auto r = reference.subspan(begin, count), g = output.subspan(begin, count);
    const std::uint64_t mismatches = rule == DecisionRule::at_least
                                         ? count_mismatches<DecisionRule::at_least>(r, g, threshold)
                                         : count_mismatches<DecisionRule::above>(r, g, threshold);
    if (mismatches == 0) continue;
    note_flips(first + begin, r, g, labels.empty() ? labels : labels.subspan(begin, count));
  }
}

void FlipCollector::count_labelled(std::span<const double> reference,
                                   std::span<const double> output, std::span<const double> labels) {
  const auto [threshold, rule] = facts_.settings;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (std::isnan(output[i])) continue;
    count(facts_.reference, decides(reference[i], threshold, rule), labels[i] != 0);
    count(facts_.output, decides(output[i], threshold, rule), labels[i] != 0);
  }
}

void FlipCollector::note_flips(std::uint64_t first, std::span<const double> reference,
                               std::span<const double> output, std::span<const double> labels) {
  const auto [threshold, rule] = facts_.settings;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const bool flipped =
        decides(reference[i], threshold, rule) != decides(output[i], threshold, rule);
    if (!flipped || std::isnan(output[i])) continue;
    const Label label = labels.empty() ? Label::none : labels[i] != 0 ? Label::yes : Label::no;
    note(first + i, reference[i], output[i], label);
  }
}

void FlipCollector::note(std::uint64_t index, double reference, double output, Label label) {
  const bool now = decides(output, facts_.settings.threshold, facts_.settings.rule);
  const FlipDirection direction = now ? FlipDirection::up : FlipDirection::down;
  ++(now ? facts_.up : facts_.down);
  if (label != Label::none) ++(now == (label == Label::yes) ? facts_.repaired : facts_.broke);
  Flip flip{index, reference, output, label, {}};
  for (std::size_t i = 0; i < kLattices; ++i) {
    const auto& window = facts_.windows[i].window;
    flip.in_window[i] = window && window->direction == direction && window->holds(reference);
    facts_.windows[i].explained += flip.in_window[i];
  }
  if (facts_.flips.size() < kListedFlips) facts_.flips.push_back(flip);
}

FlipCollector& FlipCollector::operator+=(const FlipCollector& other) {
  const FlipFacts& from = other.facts_;
  facts_.decided += from.decided;
  facts_.undecided += from.undecided;
  facts_.up += from.up;
  facts_.down += from.down;
  facts_.broke += from.broke;
  facts_.repaired += from.repaired;
  facts_.labelled = facts_.labelled || from.labelled;
  facts_.reference += from.reference;
  facts_.output += from.output;
  for (std::size_t i = 0; i < kLattices; ++i) {
    facts_.windows[i].at_risk += from.windows[i].at_risk;
    facts_.windows[i].explained += from.windows[i].explained;
  }
  const std::size_t room = kListedFlips - facts_.flips.size();
  const auto taken = static_cast<std::ptrdiff_t>(std::min(room, from.flips.size()));
  facts_.flips.insert(facts_.flips.end(), from.flips.begin(), from.flips.begin() + taken);
  return *this;
}

FlipFacts FlipCollector::facts() const {
  FlipFacts facts = facts_;
  facts.mcnemar_p = mcnemar(facts.broke, facts.repaired);
  return facts;
}

}  // namespace gpubench
