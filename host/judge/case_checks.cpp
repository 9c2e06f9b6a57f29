#include "judge/case_checks.h"

#include <fmt/format.h>

#include <cmath>

#include "plan/reasons.h"
#include "record/row.h"
#include "record/words.h"

namespace gpubench {
namespace {

/// A check that somebody left a reason for in the row.
void set_from_row(QualificationCheck& check, CheckResult status, Action action,
                  std::string_view text, std::string_view otherwise) {
  const std::string_view code = Facts::code_of(text);
  set(check, status, code.empty() ? otherwise : code, action,
      std::string(text.empty() ? otherwise : text));
}

/// Of a case that did not end well.
void judge_unfinished(QualificationCheck& check, std::string_view status, std::string_view reason) {
  if (status == "skipped" || status == "unsupported") {
    // The device cannot, or nobody wanted to wait: neither speaks for or against it. A limit that
    // is required of such a case leaves the verdict open.
    check.required = false;
    return set_from_row(check, CheckResult::skip, Action::none, reason, status);
  }
  if (status == "failed") {
    return set_from_row(check, CheckResult::fail, Action::triage, reason, status);
  }
  if (status == "device_lost" || status == "timeout") {
    return set_from_row(check, CheckResult::fail, Action::reset, reason, status);
  }
  set_from_row(check, CheckResult::error, Action::rerun, reason, status);
}

/// Whether the row ended as its check_status says and nothing else came of it: a device that was
/// lost after a good check is no case that passed.
bool ended_by_check(const Facts& facts, std::size_t row) {
  if (facts.status[row] == "ok") return true;
  return facts.status[row] == "failed" && facts.check_status[row] == "failed" &&
         Facts::code_of(facts.reason[row]) != reason::kValidationMessage;
}

QualificationCheck correctness(const Facts& facts, std::size_t row, CaseEnding ending) {
  QualificationCheck check = facts.check(row, "correctness", CheckKind::correctness);
  check.observed = facts.bound_ratio[row];
  check.limit_high = 1;
  check.unit = "ratio";
  check.limit_source = "tolerance of the case";
  const std::string_view reason = facts.reason[row];
  if (!is_one_of(facts.status[row], row_status_words())) {
    set_unknown_word(check, facts, row, "status");
    return check;
  }
  if (!facts.check_status[row].empty() &&
      !is_one_of(facts.check_status[row], check_status_words())) {
    set_unknown_word(check, facts, row, "check_status");
    return check;
  }
  // The limit is then what the rule says, which is a check of its own.
  if (ending == CaseEnding::expected && ended_by_check(facts, row)) return check;
  if (facts.status[row] != "ok") {
    judge_unfinished(check, facts.status[row], reason);
  } else if (facts.check_status[row] == "failed") {
    set_from_row(check, CheckResult::fail, Action::triage, reason, "wrong_result");
  } else if (facts.check_status[row] == "mistrusted") {
    set_from_row(check, CheckResult::inconclusive, Action::fix_config, reason, "mistrusted");
  } else if (facts.check_status[row] != "passed") {
    set(check, CheckResult::inconclusive, "not_checked", Action::rerun,
        "the output was not compared with a reference");
  }
  return check;
}

/// Whether the row says anything about the precision of its path.
bool speaks_of_precision(const Facts& facts, std::size_t row) {
  const std::string_view verdict = facts.precision_verdict[row];
  const std::string_view evidence = facts.declared_evidence[row];
  return (!verdict.empty() && verdict != "not_probed") ||
         (!evidence.empty() && evidence != "as_declared") || !facts.precision_reason[row].empty();
}

QualificationCheck precision(const Facts& facts, std::size_t row) {
  QualificationCheck check = facts.check(row, "precision", CheckKind::precision);
  check.limit_source = "declared precision";
  const std::string_view declared = facts.precision[row];
  const std::string_view verdict = facts.precision_verdict[row];
  const std::string_view evidence = facts.declared_evidence[row];
  if (!verdict.empty() && !is_one_of(verdict, precision_verdict_words())) {
    set_unknown_word(check, facts, row, "precision_verdict");
  } else if (accuses(verdict, declared)) {
    const std::string_view observed = facts.observed_precision[row];
    set(check, CheckResult::fail, verdict, Action::triage,
        fmt::format("declared {}, observed {}: {}", declared, observed.empty() ? verdict : observed,
                    facts.precision_reason[row]));
  } else if (!evidence.empty() && evidence != "as_declared") {
    set(check, CheckResult::fail, "declares_less", Action::triage,
        fmt::format("declared {}, but the shader says {}", declared, evidence));
  } else if (verdict == "unresolved" || verdict == "not_probed" || verdict.empty()) {
    // Asked for, and no answer.
    set(check, CheckResult::inconclusive, verdict.empty() ? "not_probed" : verdict, Action::monitor,
        std::string(facts.precision_reason[row]));
    check.required = false;
  }
  return check;
}

QualificationCheck validity(const Facts& facts, const Criteria& criteria, std::size_t row) {
  QualificationCheck check = facts.check(row, "validity", CheckKind::validity);
  check.observed = facts.samples[row];
  check.limit_low = criteria.min_samples;
  check.unit = "count";
  check.limit_source = "criteria min_samples";
  const std::string_view code = Facts::code_of(facts.reason[row]);
  const std::string_view timing = facts.timing_status[row];
  if (!timing.empty() && !is_one_of(timing, timing_status_words())) {
    set_unknown_word(check, facts, row, "timing_status");
  } else if (!facts.timer[row].empty() && !is_one_of(facts.timer[row], timer_words())) {
    set_unknown_word(check, facts, row, "timer");
  } else if (facts.time_median_s[row] == 0) {
    set(check, CheckResult::inconclusive, "zero_time", Action::rerun, "nothing takes no time");
  } else if (code == reason::kSuspicious || code == reason::kTimerMismatch) {
    set(check, CheckResult::inconclusive, code, Action::rerun, std::string(facts.reason[row]));
    check.required = false;
  } else if (!(check.observed >= check.limit_low)) {
    set(check, CheckResult::inconclusive, "few_samples", Action::rerun,
        std::isnan(check.observed)
            ? "the table does not say how many samples there are"
            : fmt::format("{} samples; expected at least {}", check.observed, check.limit_low));
    check.required = false;
  } else if (timing != "steady") {
    set(check, CheckResult::warn, timing.empty() ? "not_run" : timing, Action::rerun,
        fmt::format("the samples are {}: do not quote the time", timing));
  }
  return check;
}

}  // namespace

void check_case(std::vector<QualificationCheck>& checks, const Facts& facts,
                const Criteria& criteria, std::size_t row, CaseEnding ending) {
  checks.push_back(correctness(facts, row, ending));
  if (speaks_of_precision(facts, row)) checks.push_back(precision(facts, row));
  const bool is_timed = facts.has_speed(row) || facts.time_median_s[row] == 0;
  if (is_timed) checks.push_back(validity(facts, criteria, row));
}

}  // namespace gpubench
