#include "run/decisions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace gpubench {
namespace {

constexpr std::size_t kPiece = 4096;

/// What the declared precision may be off by at this output.
double margin_at(const DecisionCase& decided, std::uint64_t index) {
  const Reference& expected = decided.expected;
  const std::uint64_t row = index / expected.columns;
  const std::uint64_t batch = row / expected.rows_per_batch;
  const double column_scale =
      expected.scales.column[batch * expected.columns + index % expected.columns];
  return decided.margin.allowed(expected.scales.row[row], column_scale, expected.values[index]);
}

/// A NaN decides nothing, and flips nothing.
bool is_flip(const DecisionSettings& settings, double expected, double output) {
  return !std::isnan(output) && decides(expected, settings.threshold, settings.rule) !=
                                    decides(output, settings.threshold, settings.rule);
}

}  // namespace

DecisionFacts judge_decisions(const OutputView& output, const DecisionCase& decided) {
  const DecisionSettings settings = {
      decided.decide.threshold,
      parse_decision_rule(decided.decide.rule).value_or(DecisionRule::at_least)};
  FlipCollector flips(settings);
  DecisionFacts facts;
  std::array<double, kPiece> expected{}, outputs{}, labels{};
  const std::uint64_t all = decided.expected.values.size();
  for (std::uint64_t begin = 0; begin < all; begin += kPiece) {
    const std::size_t count = std::min<std::uint64_t>(kPiece, all - begin);
    for (std::size_t i = 0; i < count; ++i) {
      expected[i] = decided.expected.values[begin + i];
      outputs[i] = output.at(begin + i);
      if (!decided.labels.empty()) labels[i] = decided.labels[begin + i];
      if (!is_flip(settings, expected[i], outputs[i])) continue;
      const double margin = margin_at(decided, begin + i);
      facts.within_margin += std::abs(expected[i] - settings.threshold) <= margin;
      if (facts.margins.size() < kListedFlips) facts.margins.push_back(margin);
    }
    flips.add(begin, std::span(expected).first(count), std::span(outputs).first(count),
              std::span(labels).first(decided.labels.empty() ? 0 : count));
  }
  facts.flips = flips.facts();
  return facts;
}

}  // namespace gpubench
