#include "judge/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace gpubench {
namespace {

constexpr std::array<std::string_view, 7> kResultWords = {"pass",         "warn",  "fail",  "skip",
                                                          "inconclusive", "error", "waived"};
constexpr std::array<std::string_view, 7> kActionWords = {
    "none", "monitor", "fix-config", "rerun", "triage", "reset", "isolate"};
constexpr std::array<std::string_view, 10> kKindWords = {
    "precondition", "correctness", "precision", "validity",  "expectation",
    "limit",        "baseline",    "peer",      "stability", "health"};
constexpr std::array<std::string_view, 4> kVerdictWords = {"QUALIFIED", "QUALIFIED_WITH_WARNINGS",
                                                           "INCONCLUSIVE", "NOT_QUALIFIED"};

template <std::size_t N, class Enum>
std::string_view word_of(const std::array<std::string_view, N>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

/// How many checks have each status.
using Tally = std::array<std::size_t, kResultWords.size()>;

Tally tally_of(std::span<const QualificationCheck> checks) {
  Tally tally{};
  for (const QualificationCheck& check : checks) ++tally.at(static_cast<std::size_t>(check.status));
  return tally;
}

std::size_t count(const Tally& tally, CheckResult status) {
  return tally.at(static_cast<std::size_t>(status));
}

/// Whether an open check that nobody requires is still no clean pass. A limit that is not required
/// was made so by whoever wrote it.
bool warns_while_open(const QualificationCheck& check) {
  return check.kind == CheckKind::validity || check.kind == CheckKind::precision;
}

/// Whether there is a run whose times are all doubtful: it decided nothing of what they were to
/// tell. Checks stand run after run.
bool has_run_without_valid_time(std::span<const QualificationCheck> checks) {
  std::string_view run_id;
  bool timed = false, valid = false;
  for (const QualificationCheck& check : checks) {
    if (check.run_id != run_id) {
      if (timed && !valid) return true;
      run_id = check.run_id;
      timed = valid = false;
    }
    if (check.kind != CheckKind::validity) continue;
    timed = true;
    valid = valid || !is_undecided(check.status);
  }
  return timed && !valid;
}

/// Smaller weighs more.
int rank_of(const QualificationCheck& check) {
  switch (check.status) {
    case CheckResult::fail:
      return check.required ? 0 : 1;
    case CheckResult::error:
      return check.required ? 2 : 5;
    case CheckResult::inconclusive:
      return check.required ? 3 : 6;
    case CheckResult::skip:
      return check.required ? 4 : 9;
    case CheckResult::warn:
      return 7;
    case CheckResult::waived:
      return 8;
    case CheckResult::pass:
      return 10;
  }
  return 10;
}

/// By which factor the observed value is beyond its limit; 1 where that says nothing.
double excess_of(const QualificationCheck& check) {
  const bool high = check.observed > check.limit_high;
  const double ratio = high ? check.observed / check.limit_high : check.limit_low / check.observed;
  return std::isfinite(ratio) && ratio > 0 ? ratio : 1;
}

bool weighs_more(const QualificationCheck* a, const QualificationCheck* b) {
  const auto key = [](const QualificationCheck& check) {
    return std::tuple(rank_of(check), check.kind, -excess_of(check), check.run_id, check.case_id);
  };
  return key(*a) < key(*b);
}

}  // namespace

std::string_view to_string(CheckResult value) {
  return word_of(kResultWords, value);
}
std::string_view to_string(Action value) {
  return word_of(kActionWords, value);
}
std::string_view to_string(CheckKind value) {
  return word_of(kKindWords, value);
}
std::string_view to_string(QualificationVerdict value) {
  return word_of(kVerdictWords, value);
}
std::span<const std::string_view> check_result_words() {
  return kResultWords;
}
std::span<const std::string_view> action_words() {
  return kActionWords;
}
std::span<const std::string_view> check_kind_words() {
  return kKindWords;
}

bool is_undecided(CheckResult status) {
  return status == CheckResult::skip || status == CheckResult::inconclusive ||
         status == CheckResult::error;
}

QualificationVerdict verdict_of(std::span<const QualificationCheck> checks) {
  const Tally tally = tally_of(checks);
  if (count(tally, CheckResult::fail) > 0) return QualificationVerdict::not_qualified;
  const bool open = std::any_of(checks.begin(), checks.end(), [](const QualificationCheck& check) {
    return check.required && is_undecided(check.status);
  });
  const bool ran = std::any_of(checks.begin(), checks.end(), [](const QualificationCheck& check) {
    return check.kind == CheckKind::correctness && check.status == CheckResult::pass;
  });
  if (open || !ran || has_run_without_valid_time(checks)) {
    return QualificationVerdict::inconclusive;
  }
  const bool clean = count(tally, CheckResult::warn) + count(tally, CheckResult::waived) == 0 &&
                     std::none_of(checks.begin(), checks.end(), [](const auto& check) {
                       return is_undecided(check.status) && check.status != CheckResult::skip &&
                              warns_while_open(check);
                     });
  return clean ? QualificationVerdict::qualified : QualificationVerdict::qualified_with_warnings;
}

std::string verdict_line(QualificationVerdict verdict, std::span<const QualificationCheck> checks) {
  constexpr std::size_t kWidest = 80;
  const Tally tally = tally_of(checks);
  const std::size_t open =
      count(tally, CheckResult::inconclusive) + count(tally, CheckResult::error);
  std::string line =
      fmt::format("{}: {} of {} checks pass", to_string(verdict), count(tally, CheckResult::pass),
                  checks.size() - count(tally, CheckResult::skip));
  const auto add = [&](std::size_t n, std::string_view word) {
    const std::string part = n == 0 ? std::string() : fmt::format(", {} {}", n, word);
    if (line.size() + part.size() <= kWidest) line += part;
  };
  add(count(tally, CheckResult::fail), "fail");
  add(open, "open");
  add(count(tally, CheckResult::warn), "warn");
  add(count(tally, CheckResult::waived), "waived");
  return line;
}

std::vector<const QualificationCheck*> worst_checks(std::span<const QualificationCheck> checks,
                                                    std::size_t count) {
  std::vector<const QualificationCheck*> worst;
  for (const QualificationCheck& check : checks) {
    const bool silent =
        check.status == CheckResult::pass || (check.status == CheckResult::skip && !check.required);
    if (!silent) worst.push_back(&check);
  }
  const std::size_t kept = std::min(count, worst.size());
  std::partial_sort(worst.begin(), worst.begin() + static_cast<std::ptrdiff_t>(kept), worst.end(),
                    weighs_more);
  worst.resize(kept);
  return worst;
}

}  // namespace gpubench
