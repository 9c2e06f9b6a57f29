#include "judge/limits.h"

#include <fmt/format.h>

#include <cmath>

#include "record/columns.h"
#include "scenario/source_place.h"

namespace gpubench {
namespace {

bool fits_any_row(const RowFilter& filter, std::size_t rows) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (filter.fits(row)) return true;
  }
  return false;
}

Error fits_nothing(const Limit& limit) {
  std::string where;
  for (const Condition& condition : limit.where) {
    where += fmt::format("{}{}: {}", where.empty() ? "" : ", ", condition.column,
                         fmt::format("{}", fmt::join(condition.values, " or ")));
  }
  return error_at(limit.place, fmt::format("limit \"{}\" fits no row of these runs ({}); a limit "
                                           "that judges nothing is no pass",
                                           limit.name, where.empty() ? "there are none" : where));
}

/// Why the row has no value; what the limit asks for is then open.
void leave_open(QualificationCheck& check, const Facts& facts, std::size_t row) {
  const std::string_view status = facts.status[row];
  const std::string_view code = Facts::code_of(facts.reason[row]);
  const bool is_left_out = status == "skipped" || status == "unsupported";
  set(check, is_left_out ? CheckResult::skip : CheckResult::inconclusive,
      code.empty() ? "no_value" : code, is_left_out ? Action::none : Action::rerun,
      fmt::format("no value: the case is {}{}{}", status, facts.reason[row].empty() ? "" : ", ",
                  facts.reason[row]));
}

void compare(QualificationCheck& check, const Limit& limit) {
  const bool low = limit.at_least && check.observed < *limit.at_least;
  const bool high = limit.at_most && check.observed > *limit.at_most;
  if (!low && !high) return;
  set(check, limit.severity == Severity::fail ? CheckResult::fail : CheckResult::warn,
      low ? "below_limit" : "above_limit", limit.action,
      fmt::format("{} is {:.6g}; expected at {} {:.6g}", limit.metric, check.observed,
                  low ? "least" : "most", low ? *limit.at_least : *limit.at_most));
}

}  // namespace

Result<std::vector<LimitOnRows>> limits_on_rows(const Facts& facts, const Criteria& criteria) {
  std::vector<LimitOnRows> limits;
  for (const Limit& limit : criteria.limits) {
    LimitOnRows on_rows{&limit, RowFilter(facts.history, limit.where),
                        &facts.history.number(limit.metric),
                        find_result_column(limit.metric)->unit};
    // Without a row there is nothing to fit; that nothing ran is said elsewhere.
    if (facts.history.size() > 0 && !fits_any_row(on_rows.filter, facts.history.size())) {
      return fits_nothing(limit);
    }
    limits.push_back(std::move(on_rows));
  }
  return limits;
}

bool has_value(const LimitOnRows& limit, std::size_t rows) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (limit.filter.fits(row) && !std::isnan((*limit.metric)[row])) return true;
  }
  return false;
}

void check_limits(std::vector<QualificationCheck>& checks, const Facts& facts,
                  std::span<const LimitOnRows> limits, std::size_t row) {
  for (const LimitOnRows& on_rows : limits) {
    if (!on_rows.filter.fits(row)) continue;
    const Limit& limit = *on_rows.limit;
    QualificationCheck check = facts.check(row, limit.name, CheckKind::limit);
    check.required = limit.required;
    check.observed = (*on_rows.metric)[row];
    check.limit_low = limit.at_least.value_or(NAN);
    check.limit_high = limit.at_most.value_or(NAN);
    check.unit = on_rows.unit;
    check.limit_source = limit.source;
    if (std::isnan(check.observed)) {
      leave_open(check, facts, row);
    } else {
      compare(check, limit);
    }
    checks.push_back(std::move(check));
  }
}

}  // namespace gpubench
