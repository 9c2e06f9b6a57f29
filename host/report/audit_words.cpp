#include "report/audit_words.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/text.h"
#include "report/numbers.h"

namespace gpubench {
namespace {

std::string values(std::uint64_t count) {
  return counted(count, "value", "values");
}

std::string on_grid_sentence(const OutputAudit& output) {
  const PairJudgement& judgement = output.judgement;
  const std::string_view name = display_name(*judgement.storage);
  const LatticeFacts& facts = output.pair.on(*judgement.storage);
  std::string text =
      fmt::format("{}: all {} that could show it survive a round trip through {}; by chance {}",
                  name, values(facts.informative), name, chance_text(facts.chance_log2));
  if (facts.rounded == facts.informative) text += "; each is the reference, rounded once";
  if (judgement.tf32_fits_as_well) {
    text += ". TF32 would look the same: nothing is below 2^-14 or above 65504";
  }
  return text + '.';
}

std::string off_grid_sentence(const OutputAudit& output) {
  const LatticeFacts& facts = output.pair.on(Lattice::fp16);
  return fmt::format(
      "not below FP32: {} of {} survive a round trip through FP16, no more than "
      "chance allows.",
      facts.on_lattice, values(facts.informative));
}

std::string reduced_sentence(const OutputAudit& output) {
  const PairJudgement& judgement = output.judgement;
  const LatticeFacts& facts = output.pair.on(*judgement.storage);
  const std::uint64_t beyond = judgement.directed_rounding ? facts.beyond_one : facts.beyond_half;
  return fmt::format(
      "reduced: {} of {} {} off by more than {} {} ulp, the most that storing an exact result "
      "could do (largest {:.2f} ulp).",
      beyond, values(output.pair.counts.compared), beyond == 1 ? "is" : "are",
      judgement.directed_rounding ? "one" : "half an", display_name(*judgement.storage),
      facts.max_ulps);
}

std::string hiding_place(const OutputAudit& output) {
  const double terms = output.judgement.hidden_beyond_terms;
  if (!std::isfinite(terms)) return "";
  return fmt::format(
      " Inputs rounded to 11 bits would show, unless same-signed sums of over {:.1g} terms "
      "average them out.",
      terms);
}

std::string fp32_like_sentence(const OutputAudit& output) {
  if (output.judgement.storage_finding == StorageFinding::on_grid) {
    return "as exact as FP32: one rounding of the reference explains the output.";
  }
  if (output.pair.counts.identical == output.pair.counts.compared) {
    return "as FP32: equal to the reference, bit for bit. Are these two runs?";
  }
  return fmt::format("as FP32: relative error {}.", error_text(output.pair.rel_fro_err)) +
         hiding_place(output);
}

std::string unclear_sentence(const OutputAudit& output) {
  return fmt::format(
      "unclear: relative error {}. Zero-mean sums of inputs with about {:.0f} significand bits "
      "have that; so may an ill-conditioned FP32 computation.",
      error_text(output.pair.rel_fro_err), output.judgement.estimated_bits);
}

std::string invisible_sentence(const OutputAudit& output) {
  if (output.judgement.storage_finding != StorageFinding::on_grid) return "not visible here.";
  return fmt::format("not visible: no error exceeds what storing as {} explains.",
                     display_name(*output.judgement.storage));
}

std::string saturation_sentence(const PairSums& counts) {
  return fmt::format("All {} beyond 65504 became Inf or 65504: FP16's range.",
                     values(counts.beyond_fp16));
}

}  // namespace

std::string_view display_name(Lattice lattice) {
  constexpr std::array<std::string_view, kLattices> kNames = {"bf16", "FP16", "TF32"};
  return kNames[static_cast<std::size_t>(lattice)];
}

std::string_view display_name(Declared declared) {
  return declared == Declared::fp32 ? "FP32" : display_name(static_cast<Lattice>(declared));
}

std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", count, count == 1 ? singular : plural);
}

std::string chance_text(double chance_log2) {
  if (chance_log2 == 0) return "1";
  return chance_log2 > -1e6 ? fmt::format("2^{:.0f}", chance_log2) : "under 2^-1000000";
}

std::string verdict_words(const OutputAudit& output, Declared declared) {
  const PairJudgement& judgement = output.judgement;
  switch (judgement.verdict) {
    case AuditVerdict::confirmed:
      return fmt::format("confirmed as {}", display_name(declared));
    case AuditVerdict::downgraded:
      return fmt::format("DOWNGRADED to {}", judgement.reason == AuditReason::coarser_grid
                                                 ? display_name(*judgement.storage)
                                                 : display_name(Lattice::fp16));
    case AuditVerdict::unresolved:
      return "unresolved";
    case AuditVerdict::inconclusive:
      return "inconclusive";
    case AuditVerdict::wrong:
      return "WRONG";
  }
  return "";
}

std::string storage_sentence(const OutputAudit& output) {
  const PairJudgement& judgement = output.judgement;
  std::string text;
  switch (judgement.storage_finding) {
    case StorageFinding::on_grid:
      text = on_grid_sentence(output);
      break;
    case StorageFinding::off_grid:
      text = off_grid_sentence(output);
      break;
    case StorageFinding::in_part: {
      const LatticeFacts& facts = output.pair.on(*judgement.storage);
      text = fmt::format("in part: {} of {} survive a round trip through {}; by chance {}.",
                         facts.on_lattice, values(facts.informative),
                         display_name(*judgement.storage), chance_text(facts.chance_log2));
      break;
    }
    case StorageFinding::not_visible:
      text = "not visible here.";
      break;
  }
  if (output.type == "float16") text += " The file itself holds float16.";
  return text;
}

std::string internals_sentence(const OutputAudit& output) {
  switch (output.judgement.internals) {
    case InternalsFinding::reduced:
      return reduced_sentence(output);
    case InternalsFinding::fp32_like:
      return fp32_like_sentence(output);
    case InternalsFinding::as_declared:
      return fmt::format("as declared: relative error {}.", error_text(output.pair.rel_fro_err));
    case InternalsFinding::unclear:
      return unclear_sentence(output);
    case InternalsFinding::not_visible:
      return invisible_sentence(output);
  }
  return "";
}

std::string reason_sentence(const OutputAudit& output, Declared declared) {
  const PairFacts& pair = output.pair;
  const PairSums& counts = pair.counts;
  switch (output.judgement.reason) {
    case AuditReason::nothing_compared:
      return "No pair is finite on both sides.";
    case AuditReason::nan_output:
      return fmt::format("NaN in {} where the reference is a number.", values(counts.spurious_nan));
    case AuditReason::infinite_output:
      return fmt::format("Inf in {} that FP16 could hold, or of the other sign.",
                         values(counts.spurious_infinite));
    case AuditReason::unlike_reference:
      return fmt::format("Relative error {}: no precision explains that.",
                         error_text(pair.rel_fro_err));
    case AuditReason::fp16_range:
      return saturation_sentence(counts);
    case AuditReason::exact_data:
      return "The reference lies on FP16's grid itself, as constants and small integers do: the "
             "round trip proves nothing. Use data with full mantissas.";
    case AuditReason::too_few_values:
      return fmt::format("Too few different values ({}) to rule out chance.",
                         pair.on(Lattice::fp16).independent());
    case AuditReason::error_unexplained:
      return fmt::format(
          "The error is not that of {}, and no rounding of the output explains it. "
          "Arrays alone cannot say more.",
          display_name(declared));
    case AuditReason::error_between:
      return "The error is above that of usual FP32 sums, and below what a shorter format leaves.";
    case AuditReason::outliers:
      return fmt::format("{} far off while the rest is as FP32: look at element {}.",
                         counted(counts.outliers, "element is", "elements are"), pair.worst_index);
    case AuditReason::better:
      return fmt::format("Better than declared: the error is that of FP32, not of {}.",
                         display_name(declared));
    case AuditReason::partly_on_grid:
      return "A part stored in another format, decimals cut short, or a quantised output all look "
             "like this.";
    case AuditReason::coarser_grid:
    case AuditReason::as_declared:
      return "";
  }
  return "";
}

}  // namespace gpubench
