#include "report/verdict.h"

#include <fmt/format.h>

#include "base/text.h"
#include "plan/reasons.h"
#include "record/words.h"

namespace gpubench {
namespace {

std::string code_of(const Row& row) {
  return row.reason ? row.reason->code : std::string();
}

/// "noisy" for a time that should not be quoted; empty when it is steady.
std::string unsteady_word(const Row& row) {
  return is_unsteady(row) ? std::string(to_string(row.timing->status)) : std::string();
}

Cell checked_cell(const Row& row) {
  const CheckStatus status = row.check ? row.check->status : CheckStatus::not_run;
  std::string text =
      status == CheckStatus::not_run ? "not checked" : std::string(to_string(status));
  Tint tint = status == CheckStatus::passed ? Tint::good : Tint::caution;
  if (is_accused(row)) {
    text = uppercase(row.precision_verdict);
    tint = Tint::bad;
  } else if (row.precision_verdict == "downgraded") {
    text += ", downgraded";
  } else if (row.precision_verdict == "unresolved") {
    text += ", unresolved";
    if (tint == Tint::good) tint = Tint::caution;
  }
  if (is_contradicted(row)) {
    text += ", not as declared";
    tint = Tint::bad;
  }
  if (has_doubtful_time(row)) {
    text += ", " + row.reason->code;
    if (tint == Tint::good) tint = Tint::caution;
  }
  if (const std::string unsteady = unsteady_word(row); !unsteady.empty()) {
    text += ", " + unsteady;
    if (tint == Tint::good) tint = Tint::caution;
  }
  return {text, tint};
}

}  // namespace

bool is_failure(const Row& row) {
  return (row.status != RowStatus::ok && !is_left_out(row)) ||
         (row.check && row.check->status == CheckStatus::failed);
}

bool is_left_out(const Row& row) {
  return row.status == RowStatus::skipped || row.status == RowStatus::unsupported;
}

bool is_mistrusted(const Row& row) {
  return row.check && row.check->status == CheckStatus::mistrusted;
}

bool is_contradicted(const Row& row) {
  const auto evidence = declared_evidence(row);
  return evidence && *evidence != DeclaredEvidence::as_declared;
}

bool is_faster_than_fp32(const Row& row) {
  return has_speed(row) && code_of(row) == reason::kAbovePeak;
}

bool is_accused(const Row& row) {
  return accuses(row.precision_verdict, to_string(row.planned.precision));
}

bool has_doubtful_time(const Row& row) {
  return has_speed(row) &&
         (code_of(row) == reason::kTimerMismatch || code_of(row) == reason::kSuspicious);
}

bool is_unsteady(const Row& row) {
  return has_speed(row) && row.timing->status != TimingStatus::steady;
}

Cell verdict_cell(const Row& row) {
  if (row.status == RowStatus::ok && !is_failure(row)) return checked_cell(row);
  const std::string code = code_of(row);
  if (row.status == RowStatus::ok || row.status == RowStatus::failed) {
    if (is_accused(row)) return {"FAILED, " + uppercase(row.precision_verdict), Tint::bad};
    return {code.empty() ? "FAILED" : "FAILED " + code, Tint::bad};
  }
  const std::string status(to_string(row.status));
  // "unsupported: unsupported_feature" says nothing twice; the reasons follow below the tables.
  const bool adds = row.status == RowStatus::skipped || row.status == RowStatus::error;
  const std::string text = adds && !code.empty() ? fmt::format("{}: {}", status, code) : status;
  return {text, is_left_out(row) ? Tint::caution : Tint::bad};
}

}  // namespace gpubench
