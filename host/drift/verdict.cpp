#include "drift/verdict.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"

namespace gpubench {
namespace {

// From this share of zeros or of one value on, the rest is too little to prove anything.
constexpr double kDominantShare = 0.9;
// A saturated element proves only that the result was large.
constexpr double kSaturatedShare = 0.5;
// Fewer outputs than this are alike by chance.
constexpr std::uint64_t kFewOutputs = 8;

std::string place(const ReferenceView& reference, std::uint64_t index) {
  return fmt::format("row {}, column {}", index / reference.columns, index % reference.columns);
}

Check failed(CheckFinding finding, std::string text) {
  return {CheckStatus::failed, finding, std::move(text), {}};
}

Check mistrusted(CheckFinding finding, std::string text) {
  return {CheckStatus::mistrusted, finding, std::move(text), {}};
}

std::string worst_element(const DriftMetrics& metrics, const ReferenceView& reference) {
  return fmt::format("{}: got {}, expected {}, may differ by {}",
                     place(reference, metrics.worst_index), shortest(metrics.worst_got),
                     shortest(metrics.worst_expected),
                     fmt::format("{:.3g}", metrics.worst_allowed));
}

std::optional<Check> find_unwritten(const DriftMetrics& metrics, const ReferenceView& reference) {
  if (metrics.poison_left == 0) return std::nullopt;
  return failed(
      CheckFinding::poison_left,
      fmt::format("{} of {} outputs were never written, the first at {}", metrics.poison_left,
                  metrics.elements, place(reference, metrics.first_poison)));
}

std::optional<Check> find_nonfinite(const DriftMetrics& metrics, const ReferenceView& reference) {
  if (metrics.spurious == 0) return std::nullopt;
  return failed(
      CheckFinding::nonfinite,
      fmt::format("{} of {} outputs disagree with the reference about NaN or Inf, the "
                  "first at {}",
                  metrics.spurious, metrics.elements, place(reference, metrics.first_spurious)));
}

/// NaN metrics (nothing of the kind was measured) compare false.
std::optional<Check> find_wrong(const DriftMetrics& metrics, const ReferenceView& reference,
                                const Tolerance& tolerance) {
  if (metrics.violations > 0) {
    const auto finding = tolerance.exact ? CheckFinding::not_exact : CheckFinding::wrong_result;
    return failed(finding, fmt::format("{} of {} outputs are beyond tolerance, the worst at {}",
                                       metrics.violations, metrics.compared,
                                       worst_element(metrics, reference)));
  }
  if (metrics.frobenius_ratio > 1) {
    return failed(CheckFinding::wrong_result,
                  fmt::format("the whole output differs by {:.3g} (relative Frobenius error), at "
                              "most {:.3g} is allowed",
                              metrics.rel_fro_err, metrics.rel_fro_limit));
  }
  if (metrics.oracle_bound_ratio > 1) {
    return failed(CheckFinding::wrong_result,
                  fmt::format("rows checked in FP64 differ by {:.3g} times what is allowed",
                              metrics.oracle_bound_ratio));
  }
  return std::nullopt;
}

std::optional<Check> find_row_residual(const DriftMetrics& metrics) {
  if (!(metrics.row_residual_ratio > 1)) return std::nullopt;
  return failed(CheckFinding::row_residual,
                fmt::format("row {}: the Freivalds residual is {:.3g} times what is allowed",
                            metrics.worst_residual_row, metrics.row_residual_ratio));
}

std::optional<Check> find_nondeterminism(const Repeats& repeats) {
  if (repeats.distinct_outputs <= 1) return std::nullopt;
  return failed(CheckFinding::nondeterministic,
                fmt::format("{} repeats of one dispatch gave {} different outputs",
                            repeats.dispatches, repeats.distinct_outputs));
}

/// Then the output is not to blame for its distance from the reference.
std::optional<Check> find_doubtful_reference(const DriftMetrics& metrics) {
  const bool output_agrees = !(metrics.oracle_bound_ratio > 1);
  if (!(metrics.reference_bound_ratio > 1) || !output_agrees) return std::nullopt;
  return mistrusted(CheckFinding::reference_doubtful,
                    fmt::format("the FP32 reference is off the FP64 oracle by {:.3g} times the "
                                "tolerance",
                                metrics.reference_bound_ratio));
}

std::optional<Check> find_saturation(const DriftMetrics& metrics) {
  if (metrics.clamped > 0) {
    return mistrusted(CheckFinding::saturated_output,
                      fmt::format("{} of {} outputs are clamped to the largest finite value where "
                                  "the reference overflows",
                                  metrics.clamped, metrics.elements));
  }
  const auto elements = static_cast<double>(metrics.elements);
  const double unknown = static_cast<double>(metrics.order_dependent) / elements;
  if (metrics.saturated_share <= kSaturatedShare && unknown <= kSaturatedShare) {
    return std::nullopt;
  }
  return mistrusted(CheckFinding::saturated_output,
                    fmt::format("{:.0f} % of the outputs are saturated, {:.0f} % overflow or not "
                                "by the order of summation",
                                100 * metrics.saturated_share, 100 * unknown));
}

std::optional<Check> find_sameness(const DriftMetrics& metrics) {
  if (metrics.elements < kFewOutputs) return std::nullopt;
  if (metrics.zero_share > kDominantShare) {
    return mistrusted(CheckFinding::mostly_zero,
                      fmt::format("{:.1f} % of the outputs are zero", 100 * metrics.zero_share));
  }
  if (metrics.constant_share > kDominantShare) {
    return mistrusted(
        CheckFinding::constant_output,
        fmt::format("{:.1f} % of the outputs are one value", 100 * metrics.constant_share));
  }
  return std::nullopt;
}

std::string coverage_of(const ReferenceView& reference) {
  const bool rows = reference.oracle != nullptr && !reference.oracle->rows.empty();
  std::string words = reference.values.empty() ? "" : "full";
  if (rows) words += reference.values.empty() ? "sampled_rows" : "+oracle_rows";
  if (reference.freivalds != nullptr && reference.freivalds->vectors > 0) {
    words += words.empty() ? "freivalds" : "+freivalds";
  }
  return words.empty() ? "none" : words;
}

/// Failures come first, then whatever makes a pass worthless.
Check first_finding(const DriftMetrics& metrics, const ReferenceView& reference,
                    const Tolerance& tolerance, const Repeats& repeats) {
  if (auto found = find_unwritten(metrics, reference)) return *found;
  if (auto found = find_nonfinite(metrics, reference)) return *found;
  if (auto found = find_doubtful_reference(metrics)) return *found;
  if (auto found = find_wrong(metrics, reference, tolerance)) return *found;
  if (auto found = find_row_residual(metrics)) return *found;
  if (auto found = find_nondeterminism(repeats)) return *found;
  if (auto found = find_saturation(metrics)) return *found;
  if (auto found = find_sameness(metrics)) return *found;
  return {CheckStatus::passed, CheckFinding::none, {}, {}};
}

}  // namespace

std::string_view to_string(CheckFinding finding) {
  switch (finding) {
    case CheckFinding::none:
      return "none";
    case CheckFinding::nothing_compared:
      return "nothing_compared";
    case CheckFinding::poison_left:
      return "poison_left";
    case CheckFinding::nonfinite:
      return "nonfinite";
    case CheckFinding::not_exact:
      return "not_exact";
    case CheckFinding::wrong_result:
      return "wrong_result";
    case CheckFinding::row_residual:
      return "row_residual";
    case CheckFinding::nondeterministic:
      return "nondeterministic";
    case CheckFinding::stale_output:
      return "stale_output";
    case CheckFinding::reference_doubtful:
      return "reference_doubtful";
    case CheckFinding::saturated_output:
      return "saturated_output";
    case CheckFinding::mostly_zero:
      return "mostly_zero";
    case CheckFinding::constant_output:
      return "constant_output";
  }
  return "?";
}

Check judge(const DriftMetrics& metrics, const ReferenceView& reference, const Tolerance& tolerance,
            const Repeats& repeats) {
  const std::string coverage = coverage_of(reference);
  if (metrics.elements == 0 || coverage == "none") {
    return {CheckStatus::not_run, CheckFinding::nothing_compared, "there was nothing to compare",
            "none"};
  }
  Check check = first_finding(metrics, reference, tolerance, repeats);
  check.coverage = coverage;
  return check;
}

Check judge_again(const Check& first, Check last) {
  const bool went_bad = first.status != CheckStatus::failed && last.status == CheckStatus::failed;
  if (!went_bad || last.finding == CheckFinding::nondeterministic) return last;
  last.text = fmt::format("right on the first dispatch, not after the timed ones: {}", last.text);
  last.finding = CheckFinding::stale_output;
  return last;
}

}  // namespace gpubench
