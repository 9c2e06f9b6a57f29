#include "pages/outdated_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "judge/case_checks.h"
#include "judge/criteria.h"
#include "judge/expectations.h"
#include "judge/facts.h"
#include "judge/steadiness_checks.h"
#include "record/columns.h"

namespace gpubench {
namespace {

using Checks = std::vector<QualificationCheck>;

/// What a check found: case, device, name, status, reason and observed value (-1 where it is
/// missing, so that it has an order). Which words it found is left to the gpubench that judged.
using Finding = std::tuple<std::string_view, std::string_view, std::string_view, CheckResult,
                           std::string_view, double>;
using Findings = std::multiset<Finding>;

/// Whether it can be made again without a baseline, other runs, samples or criteria.
bool is_of_rows_alone(CheckKind kind) {
  return kind == CheckKind::correctness || kind == CheckKind::precision ||
         kind == CheckKind::validity || kind == CheckKind::expectation || kind == CheckKind::health;
}

/// What a waiver made of it is no change of the rows.
CheckResult before_waivers(CheckResult status) {
  return status == CheckResult::warn || status == CheckResult::waived ? CheckResult::fail : status;
}

Finding finding_of(const QualificationCheck& check) {
  return {check.case_id, check.device_name,
          check.check,   before_waivers(check.status),
          check.reason,  std::isnan(check.observed) ? -1 : check.observed};
}

/// The limits that the checks were made with, as far as these say.
Criteria criteria_of(std::span<const QualificationCheck> checks) {
  Criteria criteria;
  for (const QualificationCheck& check : checks) {
    if (check.kind == CheckKind::validity && check.limit_low >= 0) {
      criteria.min_samples = static_cast<std::uint32_t>(std::min(check.limit_low, 4294967295.0));
    }
    if (check.kind != CheckKind::health) continue;
    if (check.check == "throttling") criteria.max_throttle_ratio = check.limit_high;
    if (check.check == "temperature") criteria.max_temp_c = check.limit_high;
  }
  return criteria;
}

bool is_of_a_number(const QualificationCheck* check) {
  return (check->kind == CheckKind::limit || check->kind == CheckKind::baseline) &&
         !std::isnan(check->observed);
}

/// Rows of one case on one device: several where devices share a name.
using Place = std::pair<std::string_view, std::string_view>;

/// All numbers of the rows of each place.
std::map<Place, std::set<double>> numbers_of(const Facts& facts, const HistoryRun& run) {
  std::map<Place, std::set<double>> numbers;
  for (const Column& column : result_columns()) {
    if (!*is_number_column(column.name)) continue;
    const NumberColumn& values = facts.history.number(column.name);
    for (std::size_t row = run.first_row; row < run.first_row + run.rows; ++row) {
      if (std::isnan(values[row])) continue;
      numbers[{facts.case_id[row], facts.device_name[row]}].insert(values[row]);
    }
  }
  return numbers;
}

/// The checks of one run, and its rows.
class JudgedRun {
 public:
  JudgedRun(const Facts& facts, const Expectations& expectations, const HistoryRun& run,
            const std::vector<const QualificationCheck*>& checks)
      : facts_(facts), expectations_(expectations), run_(run), checks_(checks) {}

  /// Empty where they belong together.
  [[nodiscard]] std::string difference(const Criteria& criteria) const {
    const auto rows = static_cast<std::size_t>(
        std::ranges::count(checks_, CheckKind::correctness, &QualificationCheck::kind));
    if (rows != run_.rows) {
      return fmt::format("run {} has {} rows, and its checks speak of {}", run_.run_id, run_.rows,
                         rows);
    }
    const std::string_view changed = changed_case(criteria);
    if (changed.empty()) return "";
    return fmt::format("a row of run {} is not the one that was judged: {}", run_.run_id, changed);
  }

 private:
  [[nodiscard]] std::string_view changed_case(const Criteria& criteria) const {
    const Findings then = found_then(), now = found_now(criteria);
    Findings changed;
    std::ranges::set_symmetric_difference(then, now, std::inserter(changed, changed.end()));
    if (changed.empty()) return case_with_a_lost_value();
    const auto& [case_id, device, check, status, reason, observed] = *changed.rbegin();
    return case_id.empty() ? check : case_id;  // Of the run as a whole.
  }

  [[nodiscard]] Findings found_then() const {
    Findings findings;
    for (const QualificationCheck* check : checks_) {
      if (is_of_rows_alone(check->kind)) findings.insert(finding_of(*check));
    }
    return findings;
  }

  [[nodiscard]] Findings found_now(const Criteria& criteria) const {
    Checks checks;
    expectations_.check_run(checks, facts_, run_);
    for (std::size_t row = run_.first_row; row < run_.first_row + run_.rows; ++row) {
      const CaseEnding ending = expectations_.expects(row) ? CaseEnding::expected : CaseEnding::any;
      check_case(checks, facts_, criteria, row, ending);
      expectations_.check_row(checks, facts_, row);
      check_health(checks, facts_, criteria, row);
    }
    Findings findings;
    for (const QualificationCheck& check : checks) findings.insert(finding_of(check));
    return findings;
  }

  /// A limit and a baseline judged a number of the row, and checks.csv does not say which.
  [[nodiscard]] std::string_view case_with_a_lost_value() const {
    std::vector<const QualificationCheck*> of_numbers;
    std::ranges::copy_if(checks_, std::back_inserter(of_numbers), is_of_a_number);
    if (of_numbers.empty()) return "";
    const auto numbers = numbers_of(facts_, run_);
    for (const QualificationCheck* check : of_numbers) {
      const auto found = numbers.find({check->case_id, check->device_name});
      if (found == numbers.end() || !found->second.contains(check->observed)) return check->case_id;
    }
    return "";
  }

  const Facts& facts_;
  const Expectations& expectations_;
  const HistoryRun& run_;
  const std::vector<const QualificationCheck*>& checks_;
};

}  // namespace

Result<std::vector<std::string>> outdated_checks(const History& history,
                                                 std::span<const QualificationCheck> checks) {
  const auto expectations = Expectations::read(history);
  if (!expectations) return expectations.error();
  const Facts facts(history);
  std::map<std::string_view, std::vector<const QualificationCheck*>> by_run;
  for (const QualificationCheck& check : checks) by_run[check.run_id].push_back(&check);
  const Criteria criteria = criteria_of(checks);
  std::vector<std::string> sentences;
  for (const HistoryRun& run : history.runs()) {
    std::string sentence =
        JudgedRun(facts, *expectations, run, by_run[run.run_id]).difference(criteria);
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace gpubench
