#include "run/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/hash.h"
#include "drift/error_map.h"
#include "drift/expected.h"
#include "reference/emulate.h"
#include "run/decisions.h"
#include "run/end_to_end.h"
#include "run/labels.h"
#include "run/reason_of.h"

namespace gpubench {
namespace {

// Above this, a reference is not kept beside another one: memory is what large cases lack.
constexpr std::uint64_t kKeptElements = 64ULL << 20;
// A second reference, of the unrounded inputs, is made where it takes some hundredths of a second.
constexpr double kCheapFlop = 4e9;
constexpr std::uint64_t kCheapElements = 4ULL << 20;

/// Decisions are asked for, whatever they cost.
bool wants_unrounded(const Case& planned) {
  const Problem& problem = planned.problem;
  return planned.decide || (flop(problem) <= kCheapFlop && problem.c_elements() <= kCheapElements);
}

ReferenceView view_of(const Reference& reference, const OracleRows& oracle,
                      const FreivaldsProbe& freivalds) {
  ReferenceView view;
  view.rows = reference.rows;
  view.columns = reference.columns;
  view.values = reference.values.span();
  view.row_scale = reference.scales.row;
  view.column_scale = reference.scales.column;
  view.rows_per_batch = reference.rows_per_batch;
  view.oracle = oracle.rows.empty() ? nullptr : &oracle;
  view.freivalds = freivalds.vectors == 0 ? nullptr : &freivalds;
  return view;
}

/// The oracle's rows that are in `rows`; both are ascending.
OracleRows only_rows(const OracleRows& oracle, std::span<const std::uint64_t> rows,
                     std::uint64_t columns) {
  OracleRows kept;
  for (std::size_t i = 0; i < oracle.rows.size(); ++i) {
    if (!std::binary_search(rows.begin(), rows.end(), oracle.rows[i])) continue;
    const auto begin = oracle.values.begin() + static_cast<std::ptrdiff_t>(i * columns);
    kept.rows.push_back(oracle.rows[i]);
    kept.values.insert(kept.values.end(), begin, begin + static_cast<std::ptrdiff_t>(columns));
  }
  return kept;
}

std::span<const std::byte> raw_bytes(const OutputView& output) {
  return output.is_f16() ? std::as_bytes(output.f16) : std::as_bytes(output.f32);
}

std::optional<std::uint64_t> inexact_row(const ExactProbe& probe, const OutputView& output) {
  if (probe.x.empty()) return std::nullopt;
  return output.is_f16() ? first_inexact_row(probe, output.f16)
                         : first_inexact_row(probe, output.f32);
}

/// Products of integers are right or wrong, whatever a reference in floating point says.
Check with_exact_probe(Check check, const ExactProbe& probe, const OutputView& output) {
  if (probe.x.empty()) return check;
  check.coverage += "+exact_freivalds";
  if (check.status == CheckStatus::failed) return check;
  if (const auto row = inexact_row(probe, output)) {
    check.status = CheckStatus::failed;
    check.finding = CheckFinding::not_exact;
    check.text = fmt::format("row {} is not the product of the integers it comes from", *row);
  }
  return check;
}

bool needs_reason(const Check& check) {
  return check.status == CheckStatus::failed || check.status == CheckStatus::mistrusted;
}

}  // namespace

/// Cases of one problem are neighbours, so references of other problems are not needed again. A
/// sampled one takes no room to speak of.
void Checker::make_room(const Case& planned, Coverage coverage) {
  const Problem& problem = planned.problem;
  const bool small = coverage == Coverage::sampled || wants_unrounded(planned) ||
                     problem.c_elements() <= kKeptElements;
  entries_.remove_if([&](const Entry& entry) {
    return entry.coverage == Coverage::whole && (!small || !(entry.problem == problem));
  });
}

Result<const Checker::Entry*> Checker::entry_for(const Case& planned, Format format,
                                                 Coverage coverage) {
  const Problem& problem = planned.problem;
  for (const Entry& entry : entries_) {
    if (entry.problem == problem && entry.storage == format && entry.coverage == coverage) {
      return &entry;
    }
  }
  make_room(planned, coverage);
  auto reference = compute_reference(problem, format, {.coverage = coverage});
  if (!reference) return reference.error();
  Entry entry{problem, format, coverage, std::move(reference).value(), {}, {}};
  entry.oracle = {std::move(entry.reference.oracle.rows), std::move(entry.reference.oracle.values)};
  entry.freivalds = {entry.reference.freivalds.vectors, std::move(entry.reference.freivalds.x),
                     std::move(entry.reference.freivalds.y)};
  entries_.push_back(std::move(entry));
  return static_cast<const Entry*>(&entries_.back());
}

/// The next lower precision, emulated on some of the oracle's rows, must fail.
Result<bool> Checker::measure_power(const Case& planned, const Entry& entry) const {
  const auto rows = affordable_rows(planned.problem, entry.oracle.rows);
  const auto lower =
      emulate_rows(planned.problem, entry.storage, next_lower_arithmetic(planned.precision), rows);
  if (!lower) return lower.error();
  const OracleRows oracle = only_rows(entry.oracle, rows, entry.reference.columns);
  return tolerance_has_power(tolerance_, view_of(entry.reference, oracle, entry.freivalds), *lower);
}

/// FP32 storage holds the inputs as they are, so paths of FP32 have it already.
Outcome Checker::find_unrounded(const Case& planned) {
  unrounded_ = nullptr;
  decide_ = planned.decide;
  if (!wants_unrounded(planned)) return Done{};
  const auto entry = entry_for(planned, Format::f32, Coverage::whole);
  if (!entry) return entry.error();
  unrounded_ = *entry;
  if (!decide_) return Done{};
  auto labels = make_labels(*decide_, planned.problem, unrounded_->reference.values.span());
  if (!labels) return labels.error();
  labels_ = std::move(labels).value();
  ToleranceInput whole_path = tolerance_input(planned, unrounded_->reference);
  whole_path.stored = kF32;
  margin_ = make_tolerance(whole_path);
  return Done{};
}

Outcome Checker::prepare(const Case& planned, Coverage coverage) {
  const auto entry = entry_for(planned, storage(planned.precision), coverage);
  if (!entry) return entry.error();
  current_ = *entry;
  if (auto found = find_unrounded(planned); !found) return found;
  const std::pair key{planned.problem, planned.precision};
  if (power_of_ == key) return Done{};
  const ToleranceInput input = tolerance_input(planned, current_->reference);
  tolerance_ = make_tolerance(input);
  expected_rel_fro_err_ = expected_rel_fro_err(
      input, view_of(current_->reference, current_->oracle, current_->freivalds));
  const auto power = measure_power(planned, *current_);
  if (!power) return power.error();
  has_power_ = *power;
  power_of_ = key;
  return Done{};
}

Judgement Checker::judge(const OutputView& output, const Judgement* first) {
  const ReferenceView view = view_of(current_->reference, current_->oracle, current_->freivalds);
  Judgement judgement;
  CheckFacts& facts = judgement.facts;
  facts.metrics = measure_drift(output, view, tolerance_);
  facts.output_hash = content_hash(raw_bytes(output));
  Repeats repeats;
  if (first != nullptr) {
    repeats = {2, facts.output_hash == first->facts.output_hash ? 1U : 2U};
    facts.distinct_outputs = repeats.distinct_outputs;
  }
  judgement.check = with_exact_probe(gpubench::judge(facts.metrics, view, tolerance_, repeats),
                                     current_->reference.exact, output);
  if (first != nullptr) judgement.check = judge_again(first->check, judgement.check);
  facts.status = judgement.check.status;
  facts.coverage = judgement.check.coverage;
  facts.reference = current_->reference.description;
  facts.tolerance_rule = tolerance_.rule;
  facts.tolerance = facts.metrics.rel_fro_limit;
  facts.tolerance_has_power = has_power_;
  facts.expected_rel_fro_err = expected_rel_fro_err_;
  if (unrounded_ != nullptr) {
    judgement.end_to_end = measure_end_to_end(output, unrounded_->reference.values.span());
  }
  if (decide_) {
    judgement.decisions =
        judge_decisions(output, {*decide_, unrounded_->reference, margin_, labels_});
  }
  if (needs_reason(judgement.check)) judgement.reason = reason_of(judgement.check);
  if (judgement.check.status == CheckStatus::failed && maps_left_ > 0) {
    judgement.error_map = map_errors(output, view, tolerance_);
    if (!judgement.error_map.empty()) --maps_left_;
  }
  return judgement;
}

}  // namespace gpubench
