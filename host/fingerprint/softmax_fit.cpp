#include "fingerprint/softmax_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench {
namespace {

// Formats are told apart where others are so many times farther off.
constexpr double kTellingRatio = 3;
// What is nearer than this is the same: far below any format's last place.
constexpr double kLeastDistance = 0x1p-30;
// Rows that every combination of formats is held to.
constexpr std::size_t kFittedRows = 48;
// Emulated exponentials and sums of a row, over all combinations, as so many exponentials.
constexpr double kChoices = 90;

using Answers = std::vector<std::vector<float>>;

/// |g - h| against h, or against the smallest normal number where h is below that.
double relative_error(float g, float h, NumberFormat output) {
  const double floor = std::ldexp(1.0, traits_of(output).min_exponent);
  const double error = std::abs(double{g} - double{h}) / std::max(std::abs(double{h}), floor);
  return std::isfinite(error) ? error : HUGE_VAL;
}

struct Closeness {
  double rms = 0;
  double largest = 0;
};
Closeness closeness(const Answers& got, const Answers& expected, NumberFormat output) {
  Closeness close;
  double squares = 0;
  double count = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (std::size_t j = 0; j < expected[i].size(); ++j) {
      const double error = relative_error(got[i][j], expected[i][j], output);
      squares += error * error;
      close.largest = std::max(close.largest, error);
      ++count;
    }
  }
  close.rms = std::max(std::sqrt(squares / count), kLeastDistance);
  return close;
}

/// The shortest format that holds every output. Thousands of FP32 outputs do so by chance never.
NumberFormat output_format(const Answers& got, NumberFormat storage) {
  for (const NumberFormat format : {NumberFormat::bf16, NumberFormat::fp16}) {
    const NumberRule rule = {format};
    const auto holds = [&](float value) { return rounded(rule, value) == value; };
    const bool all = std::ranges::all_of(
        got, [&](const std::vector<float>& row) { return std::ranges::all_of(row, holds); });
    if (all) return format;
  }
  return storage;
}

/// All that the range and the output's format leave.
std::vector<SoftmaxCandidate> candidates_for(const SoftmaxEvidence& evidence) {
  const SoftmaxSeen& seen = evidence.seen;
  const NumberFormat output = output_format(evidence.y, evidence.storage);
  std::vector<SoftmaxCandidate> candidates;
  for (SoftmaxArithmetic choice : softmax_choices(evidence.storage, output)) {
    if (!seen.shifted) choice.shift = SoftmaxArithmetic::Shift::none;
    const bool narrow = choice.input.format == NumberFormat::fp16;
    const bool unfit = seen.shifted && seen.wide_range && *seen.wide_range == narrow;
    if (!unfit) candidates.push_back({choice, 0});
  }
  return candidates;
}

/// A device's exp may be some ulp off, and so may be what can be told from 1.
bool agrees(int seen, int predicted) {
  constexpr int kWide = 20, kWideSlack = 3, kShortSlack = 1;
  return std::abs(seen - predicted) <= (predicted >= kWide ? kWideSlack : kShortSlack);
}

/// What the probes say against the nearest formats; "" for nothing.
std::string contradiction(const SoftmaxSeen& seen, const SoftmaxSeen& predicted, NumberFormat exp) {
  if (!agrees(seen.input, predicted.input)) {
    return fmt::format("inputs keep {} fraction bits, not {}", seen.input, predicted.input);
  }
  if (!agrees(seen.exp, predicted.exp)) {
    return fmt::format("exp shows {} bits near 1, not {}", seen.exp, predicted.exp);
  }
  // Below this an exp in fp16 is subnormal, and may be 0.
  constexpr int kHalfExponents = 13;
  const int most =
      exp == NumberFormat::fp16 ? kHalfExponents : traits_of(NumberFormat::fp32).significand_bits;
  if (!agrees(std::min(seen.sum, most), std::min(predicted.sum, most))) {
    return fmt::format("sums show {} bits, not {}", seen.sum, predicted.sum);
  }
  constexpr double kNear = 0.02;
  if (!(std::abs(seen.ones / predicted.ones - 1) <= kNear)) {
    return fmt::format("a row of equal numbers sums to {:.6g}, not {:.6g}", seen.ones,
                       predicted.ones);
  }
  return "";
}

double depth_of(const std::vector<SoftmaxRow>& rows) {
  double depth = 0;
  for (const SoftmaxRow& row : rows) {
    const auto [least, most] = std::ranges::minmax(row.x);
    depth = std::max(depth, double{most} - double{least});
  }
  return depth;
}

}  // namespace

std::vector<SoftmaxCandidate> rank_softmaxes(const SoftmaxEvidence& evidence) {
  std::vector<SoftmaxRow> rows = evidence.rows;
  rows.resize(std::min(rows.size(), kFittedRows));
  std::vector<SoftmaxCandidate> candidates = candidates_for(evidence);
  const SoftmaxArithmetic* known = nullptr;
  Answers of_known;
  for (SoftmaxCandidate& candidate : candidates) {
    const SoftmaxArithmetic& arithmetic = candidate.arithmetic;
    if (known == nullptr || !same_exponentials(*known, arithmetic)) {
      of_known = exponentials(arithmetic, rows);
    }
    known = &arithmetic;
    const Answers expected = shares(arithmetic, of_known);
    candidate.distance = closeness(evidence.y, expected, arithmetic.output).rms;
  }
  std::ranges::stable_sort(candidates, {}, &SoftmaxCandidate::distance);
  return candidates;
}

bool is_as_near(const SoftmaxCandidate& candidate, const SoftmaxCandidate& nearest) {
  return candidate.distance < kTellingRatio * nearest.distance;
}

bool differs_in_sum_alone(SoftmaxArithmetic one, const SoftmaxArithmetic& other) {
  if (one.sum == other.sum) return false;
  one.sum = other.sum;
  one.order = other.order;
  return one == other;
}

SoftmaxTrial try_softmax(const SoftmaxArithmetic& arithmetic, const SoftmaxEvidence& evidence) {
  SoftmaxTrial trial = {arithmetic};
  const Answers expected = emulate_softmax(arithmetic, evidence.rows);
  trial.largest_error = closeness(evidence.y, expected, arithmetic.output).largest;
  trial.allowed_error = allowed_error(arithmetic, depth_of(evidence.rows), kMostSoftmaxPlaces);
  const SoftmaxProbes probes(evidence.columns, evidence.storage);
  const SoftmaxSeen predicted = probes.read(emulate_softmax(arithmetic, probes.rows()));
  trial.objection = contradiction(evidence.seen, predicted, arithmetic.exp);
  if (trial.objection.empty() && trial.largest_error > trial.allowed_error) {
    trial.objection = fmt::format("an output is off by {:.2g}, where {:.2g} is allowed",
                                  trial.largest_error, trial.allowed_error);
  }
  return trial;
}

double ranking_steps(std::size_t rows, std::size_t columns) {
  const auto fitted = static_cast<double>(std::min(rows, kFittedRows));
  return kChoices * fitted * static_cast<double>(std::min(columns, kMostSoftmaxPlaces));
}

}  // namespace gpubench
