#include "judge/expectations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "history/run_files.h"
#include "record/columns.h"
#include "record/expect_verdict.h"
#include "record/scenario_vocabulary.h"
#include "scenario/reader.h"

namespace gpubench {
namespace {

constexpr std::string_view kCheckStatus = "check_status";

/// The rules in what a run kept of its scenario. Most have none, and that is seen without reading.
Result<std::vector<ExpectRule>> rules_in(const RunDocument& document, const HistoryRun& run) {
  const std::string& text = document.resolved_scenario;
  if (text.find("\nexpect:") == std::string::npos) return std::vector<ExpectRule>();
  return read_expect_rules(text, run.folder + "/run.json: scenario", scenario_vocabulary());
}

Where where_of(const ExpectRule& rule) {
  Where where;
  for (const auto& [column, value] : rule.where) where.push_back({column, {value}});
  return where;
}

std::string limit_text(const ExpectRule& rule) {
  if (!rule.check_status.empty()) return rule.check_status;
  std::string text;
  if (rule.at_least) text += "at least " + shortest(*rule.at_least);
  if (rule.at_most) text += (text.empty() ? "at most " : ", at most ") + shortest(*rule.at_most);
  return text;
}

}  // namespace

Result<Expectations> Expectations::read(const History& history) {
  Expectations all;
  all.history_ = &history;
  if (auto done = all.read_rules(history); !done) return done.error();
  if (auto done = all.read_columns(history); !done) return done.error();
  return all;
}

Result<std::unique_ptr<Expectations::Rules>> Expectations::rules_of(const HistoryRun& run) {
  const auto document = read_run_document(run);
  if (!document) return document.error();
  if (!*document) return std::unique_ptr<Rules>();
  const auto read = rules_in(**document, run);
  if (!read) return read.error();
  auto rules = std::make_unique<Rules>();
  for (const ExpectRule& rule : *read) {
    rules->push_back(
        {rule, fmt::format("expect {}", judged_column(rule)),
         fmt::format("expect {} of scenario {}", rules->size() + 1, (*document)->facts.scenario),
         find_result_column(judged_column(rule))->unit, where_of(rule), std::nullopt});
  }
  return rules;
}

/// Runs of one scenario have one hash, and the same rules.
Outcome Expectations::read_rules(const History& history) {
  std::map<std::string_view, const Rules*> known;
  const TextColumn& hash = history.text("scenario_hash");
  runs_.resize(history.runs().size());
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const HistoryRun& run = history.runs()[i];
    if (run.rows == 0) continue;
    const Rules*& rules = known[hash[run.first_row]];
    if (rules == nullptr) {
      auto read = rules_of(run);
      if (!read) return read.error();
      if (!*read) continue;
      rules = scenarios_.emplace_back(std::move(*read)).get();
    }
    runs_[i].rules = rules;
  }
  const bool any = std::any_of(scenarios_.begin(), scenarios_.end(),
                               [](const auto& rules) { return !rules->empty(); });
  if (!any) runs_.clear();
  return Done{};
}

std::vector<std::string_view> Expectations::columns_of_rules() const {
  std::set<std::string_view> wanted{kCheckStatus};
  for (const auto& rules : scenarios_) {
    for (const Rule& rule : *rules) {
      wanted.insert(judged_column(rule.rule));
      for (const Condition& condition : rule.where) wanted.insert(condition.column);
    }
  }
  return {wanted.begin(), wanted.end()};
}

/// The tables of the runs that have rules once more: only now is it known which columns matter.
Outcome Expectations::read_columns(const History& history) {
  if (runs_.empty()) return Done{};
  std::vector<std::string> files;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (runs_[i].rules != nullptr && !runs_[i].rules->empty()) {
      files.push_back(history.runs()[i].file);
    }
  }
  auto columns = read_history(files, columns_of_rules());
  if (!columns) return columns.error();
  columns_ = std::make_unique<History>(std::move(*columns));
  std::map<std::string_view, std::size_t> first_row;
  for (const HistoryRun& run : columns_->runs()) first_row[run.run_id] = run.first_row;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    runs_[i].first_row = first_row[history.runs()[i].run_id];
  }
  for (const auto& rules : scenarios_) {
    for (Rule& rule : *rules) rule.filter.emplace(*columns_, rule.where);
  }
  return Done{};
}

std::size_t Expectations::own_row(std::size_t row) const {
  const HistoryRun& run = history_->runs()[history_->run_of(row)];
  return of_row(row).first_row + row - run.first_row;
}

Expectations::Finding Expectations::judge(const Rule& rule, std::size_t own_row) const {
  if (!rule.filter->fits(own_row)) return Finding::silent;
  std::optional<double> metric;
  if (!rule.rule.metric.empty()) metric = columns_->number(rule.rule.metric)[own_row];
  if (metric && std::isnan(*metric)) metric.reset();  // an empty cell
  const auto kept = keeps(rule.rule, columns_->text(kCheckStatus)[own_row], metric);
  if (!kept) return Finding::silent;
  return *kept ? Finding::kept : Finding::broken;
}

bool Expectations::expects(std::size_t row) const {
  if (runs_.empty() || of_row(row).rules == nullptr) return false;
  const Rules& rules = *of_row(row).rules;
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return !rule.rule.check_status.empty() && judge(rule, own_row(row)) == Finding::kept;
  });
}

void Expectations::check_row(std::vector<QualificationCheck>& checks, const Facts& facts,
                             std::size_t row) const {
  if (runs_.empty() || of_row(row).rules == nullptr) return;
  for (const Rule& rule : *of_row(row).rules) {
    const Finding finding = judge(rule, own_row(row));
    if (finding == Finding::silent) continue;
    QualificationCheck check = facts.check(row, rule.name, CheckKind::expectation);
    check.limit_source = rule.source;
    const bool is_status = !rule.rule.check_status.empty();
    if (!is_status) {
      check.observed = columns_->number(rule.rule.metric)[own_row(row)];
      check.limit_low = rule.rule.at_least.value_or(NAN);
      check.limit_high = rule.rule.at_most.value_or(NAN);
      check.unit = rule.unit;
    }
    if (finding == Finding::broken) {
      const std::string observed = is_status
                                       ? std::string(columns_->text(kCheckStatus)[own_row(row)])
                                       : fmt::format("{:.6g}", check.observed);
      set(check, CheckResult::fail, "broken_expectation", Action::triage,
          fmt::format("{} is {}; expected {}", judged_column(rule.rule), observed,
                      limit_text(rule.rule)));
    }
    checks.push_back(std::move(check));
  }
}

void Expectations::check_run(std::vector<QualificationCheck>& checks, const Facts& facts,
                             const HistoryRun& run) const {
  if (runs_.empty() || run.rows == 0 || of_row(run.first_row).rules == nullptr) return;
  const std::size_t first = of_row(run.first_row).first_row;
  for (const Rule& rule : *of_row(run.first_row).rules) {
    bool any = false;
    for (std::size_t i = 0; i < run.rows && !any; ++i) {
      any = judge(rule, first + i) != Finding::silent;
    }
    if (any) continue;
    QualificationCheck check;
    check.run_id = facts.run_id[run.first_row];
    check.check = rule.name;
    check.kind = CheckKind::expectation;
    check.limit_source = rule.source;
    set(check, CheckResult::inconclusive, "no_value", Action::rerun,
        "no row that the rule speaks of has a value");
    checks.push_back(std::move(check));
  }
}

}  // namespace gpubench
