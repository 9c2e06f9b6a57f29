#include "judge/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
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

/// Whether there is a check that is open, that nobody requires, and that is still no clean pass. A
/// limit that is not required was made so by whoever wrote it.
bool has_open_evidence(const CheckTally& tally) {
  std::size_t open = 0;
  for (const CheckKind kind : {CheckKind::validity, CheckKind::precision}) {
    open += tally.count(kind, CheckResult::inconclusive) + tally.count(kind, CheckResult::error);
  }
  return open > 0;
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

void CheckTally::add_run(std::span<const QualificationCheck> checks) {
  bool timed = false, valid = false;
  for (const QualificationCheck& check : checks) {
    ++counts_.at(static_cast<std::size_t>(check.kind)).at(static_cast<std::size_t>(check.status));
    const bool undecided = is_undecided(check.status);
    if (check.required && undecided) ++required_undecided_;
    if (check.kind != CheckKind::validity) continue;
    timed = true;
    valid = valid || !undecided;
  }
  if (timed && !valid) ++runs_without_valid_time_;
}

void CheckTally::add(const CheckTally& other) {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    for (std::size_t status = 0; status < kResults; ++status) {
      counts_.at(kind).at(status) += other.counts_.at(kind).at(status);
    }
  }
  required_undecided_ += other.required_undecided_;
  runs_without_valid_time_ += other.runs_without_valid_time_;
}

std::size_t CheckTally::count(CheckKind kind, CheckResult status) const {
  static_assert(kKindWords.size() == kKinds && kResultWords.size() == kResults);
  return counts_.at(static_cast<std::size_t>(kind)).at(static_cast<std::size_t>(status));
}

std::size_t CheckTally::count(CheckResult status) const {
  std::size_t sum = 0;
  for (const auto& of_kind : counts_) sum += of_kind.at(static_cast<std::size_t>(status));
  return sum;
}

std::size_t CheckTally::count() const {
  std::size_t sum = 0;
  for (const auto& of_kind : counts_) sum = std::accumulate(of_kind.begin(), of_kind.end(), sum);
  return sum;
}

CheckTally tally_of(std::span<const QualificationCheck> checks) {
  CheckTally tally;
  while (!checks.empty()) {
    const auto end = std::ranges::find_if(checks, [&](const QualificationCheck& check) {
      return check.run_id != checks.front().run_id;
    });
    const auto own = static_cast<std::size_t>(end - checks.begin());
    tally.add_run(checks.first(own));
    checks = checks.subspan(own);
  }
  return tally;
}

QualificationVerdict verdict_of(const CheckTally& tally) {
  if (tally.count(CheckResult::fail) > 0) return QualificationVerdict::not_qualified;
  const bool ran = tally.count(CheckKind::correctness, CheckResult::pass) > 0;
  if (!ran || tally.required_undecided() > 0 || tally.runs_without_valid_time() > 0) {
    return QualificationVerdict::inconclusive;
  }
  const bool clean = tally.count(CheckResult::warn) + tally.count(CheckResult::waived) == 0 &&
                     !has_open_evidence(tally);
  return clean ? QualificationVerdict::qualified : QualificationVerdict::qualified_with_warnings;
}

std::string verdict_line(QualificationVerdict verdict, const CheckTally& tally) {
  constexpr std::size_t kWidest = 80;
  const std::size_t open = tally.count(CheckResult::inconclusive) + tally.count(CheckResult::error);
  std::string line =
      fmt::format("{}: {} of {} checks pass", to_string(verdict), tally.count(CheckResult::pass),
                  tally.count() - tally.count(CheckResult::skip));
  const auto add = [&](std::size_t n, std::string_view word) {
    const std::string part = n == 0 ? std::string() : fmt::format(", {} {}", n, word);
    if (line.size() + part.size() <= kWidest) line += part;
  };
  add(tally.count(CheckResult::fail), "fail");
  add(open, "open");
  add(tally.count(CheckResult::warn), "warn");
  add(tally.count(CheckResult::waived), "waived");
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
