#include "audit/judgement.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace gpubench {
namespace {

// Below 2^-30 a coincidence is ruled out. Three fp16 values reach 2^-39; one or two do not.
constexpr double kRuledOut = -30;
// Fewer different values than this prove nothing about the arithmetic: an fp16 path comes within
// FP32's error of a value by luck about once in 2^9.
constexpr std::uint64_t kEnoughValues = 3;
// Coarser than fp8 with two fraction bits, 0.30·2^-2: no precision explains it.
constexpr double kUnlikeReference = 0.1;
// FP32 sums err by 0.42·2^-24·√(k/2) of a zero-mean result: 4e-6 is k = 50 000. Inputs of 11 bits
// give 3e-4 whatever k is.
constexpr double kFp32Error = 4e-6;
// Errors of rounded inputs average out in sums of one sign, 3.4e-4/√k for 11 bits: 1.3e-6 leaves
// that hiding place only to sums of 68 000 terms and more.
constexpr double kFp32ErrorOneSign = 1.3e-6;
constexpr double kElevenBitsOneSign = 3.4e-4;
// Above this, FP32 would need sums of a million terms; below, nobody can tell.
constexpr double kShorterFormatError = 2e-5;
// Of the error that input rounding to p bits gives zero-mean sums: 0.30·2^(1-p).
constexpr double kInputRounding = 0.30;
// Error that a declared shorter format may have, in its units roundoff: inputs and one rounding of
// the output; the next shorter format is at 10 and more.
constexpr double kDeclaredRoundoffs = 4;
// For "a single rounding explains all": the few that FP32's own noise moves across a tie aside.
constexpr double kSingleRoundingShare = 0.99;
constexpr std::uint64_t kEnoughForShare = 32;
constexpr std::uint64_t kEnoughSaturated = 3;

bool has_one_sign(const PairFacts& facts) {
  return std::abs(facts.reference_mean) > facts.reference_rms / 4;
}

bool has_fp32_error(const PairFacts& facts) {
  return facts.rel_fro_err <= (has_one_sign(facts) ? kFp32ErrorOneSign : kFp32Error);
}

/// All informative outputs lie on the grid, and chance cannot have done it.
bool lies_on(const PairFacts& facts, Lattice lattice) {
  const LatticeFacts& on = facts.on(lattice);
  return on.informative > 0 && on.on_lattice == on.informative && on.chance_log2 <= kRuledOut &&
         on.independent() >= kEnoughValues;
}

/// tf32 has fp16's significand: only small values, where fp16 has fewer bits, and overflow differ.
bool tf32_fits(const PairFacts& facts) {
  return static_cast<double>(facts.counts.bits_below_fp16) < -kRuledOut &&
         facts.counts.clamped + facts.counts.overflowed < kEnoughSaturated;
}

/// Below fp16's normal numbers its grid is coarser than bf16's: which of the two binds more?
bool is_tighter_on_fp16(const PairFacts& facts) {
  constexpr std::uint64_t kBitsApart = kF16.bits - kBf16.bits;
  return lies_on(facts, Lattice::fp16) &&
         facts.counts.bits_below_fp16 > kBitsApart * facts.on(Lattice::bf16).informative;
}

void find_storage(PairJudgement& judgement, const PairFacts& facts) {
  for (const Lattice lattice : kAllLattices) {
    if (!lies_on(facts, lattice)) continue;
    if (lattice == Lattice::bf16 && is_tighter_on_fp16(facts)) continue;
    judgement.storage_finding = StorageFinding::on_grid;
    judgement.storage = lattice;
    judgement.tf32_fits_as_well = lattice == Lattice::fp16 && tf32_fits(facts);
    return;
  }
  for (const Lattice lattice : kAllLattices) {
    const LatticeFacts& on = facts.on(lattice);
    if (on.chance_log2 > kRuledOut || on.independent() < kEnoughValues) continue;
    judgement.storage_finding = StorageFinding::in_part;
    judgement.storage = lattice;
    return;
  }
  const LatticeFacts& fp16 = facts.on(Lattice::fp16);
  const bool seen = fp16.on_lattice < fp16.informative && fp16.independent() >= kEnoughValues;
  if (seen) judgement.storage_finding = StorageFinding::off_grid;
}

/// With rounding towards zero, away from it, up or down, all visible errors lead one way.
bool all_lead_one_way(const PairSums& counts) {
  const std::uint64_t least = std::min(std::min(counts.outwards, counts.inwards),
                                       std::min(counts.upwards, counts.downwards));
  return least == 0 && counts.outwards + counts.inwards > 0;
}

InternalsFinding internals_behind_grid(const PairJudgement& judgement, const PairFacts& facts) {
  const LatticeFacts& on = facts.on(*judgement.storage);
  const std::uint64_t beyond = judgement.directed_rounding ? on.beyond_one : on.beyond_half;
  if (beyond > 0) return InternalsFinding::reduced;
  const double share = static_cast<double>(on.rounded) / static_cast<double>(on.informative);
  const bool once = share >= kSingleRoundingShare && on.informative >= kEnoughForShare;
  return once ? InternalsFinding::fp32_like : InternalsFinding::not_visible;
}

InternalsFinding find_internals(const PairJudgement& judgement, const PairFacts& facts,
                                Declared declared) {
  if (judgement.storage_finding == StorageFinding::on_grid) {
    return internals_behind_grid(judgement, facts);
  }
  if (judgement.storage_finding == StorageFinding::not_visible) {
    return InternalsFinding::not_visible;
  }
  if (has_fp32_error(facts)) return InternalsFinding::fp32_like;
  const double allowed = kDeclaredRoundoffs * facts_of(declared).roundoff();
  const bool shorter = declared != Declared::fp32;
  return shorter && facts.rel_fro_err <= allowed ? InternalsFinding::as_declared
                                                 : InternalsFinding::unclear;
}

bool is_below(const PairJudgement& judgement, Declared declared) {
  switch (declared) {
    case Declared::fp32:
      return true;
    case Declared::tf32:
      return *judgement.storage == Lattice::bf16 ||
             (*judgement.storage == Lattice::fp16 && !judgement.tf32_fits_as_well);
    case Declared::fp16:
      return *judgement.storage == Lattice::bf16;
    case Declared::bf16:
      return false;
  }
  return false;
}

/// On the grid of a format below the declared one, beyond what chance does to values of that one.
bool stored_below(const PairJudgement& judgement, const PairFacts& facts, Declared declared) {
  if (judgement.storage_finding != StorageFinding::on_grid || !is_below(judgement, declared)) {
    return false;
  }
  const int bits = facts_of(declared).bits - facts_of(*judgement.storage).bits;
  const auto values = static_cast<double>(facts.on(*judgement.storage).independent());
  return bits == 0 || -bits * values <= kRuledOut;
}

bool saturates_as_fp16(const PairFacts& facts, Declared declared) {
  const PairSums& counts = facts.counts;
  return declared != Declared::fp16 && counts.saturated == counts.beyond_fp16 &&
         counts.clamped + counts.overflowed >= kEnoughSaturated;
}

AuditReason reason_from_error(const PairFacts& facts, Declared declared) {
  if (has_fp32_error(facts)) {
    if (facts.counts.outliers > 0) return AuditReason::outliers;
    return declared == Declared::fp32 ? AuditReason::as_declared : AuditReason::better;
  }
  const double allowed = kDeclaredRoundoffs * facts_of(declared).roundoff();
  if (declared != Declared::fp32 && facts.rel_fro_err <= allowed) {
    return AuditReason::as_declared;
  }
  const bool between = declared == Declared::fp32 && facts.rel_fro_err <= kShorterFormatError;
  return between ? AuditReason::error_between : AuditReason::error_unexplained;
}

AuditReason find_reason(const PairJudgement& judgement, const PairFacts& facts, Declared declared) {
  const PairSums& counts = facts.counts;
  if (counts.spurious_nan > 0) return AuditReason::nan_output;
  if (counts.spurious_infinite > 0) return AuditReason::infinite_output;
  if (facts.rel_fro_err > kUnlikeReference) return AuditReason::unlike_reference;
  if (stored_below(judgement, facts, declared)) return AuditReason::coarser_grid;
  if (saturates_as_fp16(facts, declared)) return AuditReason::fp16_range;
  if (counts.compared == 0) return AuditReason::nothing_compared;
  if (judgement.storage_finding == StorageFinding::in_part) return AuditReason::partly_on_grid;
  if (facts.on(Lattice::fp16).informative == 0) return AuditReason::exact_data;
  if (judgement.storage_finding == StorageFinding::not_visible) return AuditReason::too_few_values;
  return reason_from_error(facts, declared);
}

AuditVerdict verdict_for(AuditReason reason) {
  switch (reason) {
    case AuditReason::nan_output:
    case AuditReason::infinite_output:
    case AuditReason::unlike_reference:
      return AuditVerdict::wrong;
    case AuditReason::coarser_grid:
    case AuditReason::fp16_range:
      return AuditVerdict::downgraded;
    case AuditReason::partly_on_grid:
    case AuditReason::error_unexplained:
    case AuditReason::error_between:
    case AuditReason::outliers:
      return AuditVerdict::unresolved;
    case AuditReason::nothing_compared:
    case AuditReason::exact_data:
    case AuditReason::too_few_values:
      return AuditVerdict::inconclusive;
    case AuditReason::as_declared:
    case AuditReason::better:
      return AuditVerdict::confirmed;
  }
  return AuditVerdict::inconclusive;
}

}  // namespace

PairJudgement judge_pair(const PairFacts& facts, Declared declared) {
  PairJudgement judgement;
  judgement.directed_rounding = all_lead_one_way(facts.counts);
  find_storage(judgement, facts);
  judgement.internals = find_internals(judgement, facts, declared);
  judgement.reason = find_reason(judgement, facts, declared);
  judgement.verdict = verdict_for(judgement.reason);
  if (facts.rel_fro_err > 0) {
    judgement.estimated_bits = 1 - std::log2(facts.rel_fro_err / kInputRounding);
    judgement.hidden_beyond_terms = std::pow(kElevenBitsOneSign / facts.rel_fro_err, 2);
  }
  return judgement;
}

std::string_view to_string(AuditVerdict verdict) {
  constexpr std::array<std::string_view, 5> kNames = {"confirmed", "downgraded", "unresolved",
                                                      "inconclusive", "wrong"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view to_string(AuditReason reason) {
  constexpr std::array<std::string_view, 14> kNames = {
      "nothing_compared",  "nan_output",    "infinite_output",
      "unlike_reference",  "coarser_grid",  "fp16_range",
      "partly_on_grid",    "exact_data",    "too_few_values",
      "error_unexplained", "error_between", "outliers",
      "as_declared",       "better"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::string_view to_string(StorageFinding finding) {
  constexpr std::array<std::string_view, 4> kNames = {"not_visible", "off_grid", "on_grid",
                                                      "in_part"};
  return kNames[static_cast<std::size_t>(finding)];
}

std::string_view to_string(InternalsFinding finding) {
  constexpr std::array<std::string_view, 5> kNames = {"not_visible", "fp32_like", "as_declared",
                                                      "reduced", "unclear"};
  return kNames[static_cast<std::size_t>(finding)];
}

}  // namespace gpubench
