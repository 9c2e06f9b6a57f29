#include "run/expectations.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "record/words.h"

namespace gpubench {
namespace {

bool speaks_of(const ExpectRule& rule, const ResultsTable& results, std::size_t row) {
  return std::all_of(rule.where.begin(), rule.where.end(), [&](const auto& condition) {
    return results.text(row, condition.first) == condition.second;
  });
}

bool holds(const ExpectRule& rule, double value) {
  return !(rule.at_most && !(value <= *rule.at_most)) &&
         !(rule.at_least && !(value >= *rule.at_least));
}

constexpr const char* kCheckStatus = "check_status";

/// Whether the row keeps the rule; nothing where it has no value to judge.
std::optional<bool> verdict_of(const ExpectRule& rule, const ResultsTable& results,
                               std::size_t row) {
  if (!rule.check_status.empty()) {
    const std::string& status = results.text(row, kCheckStatus);
    if (status == to_string(CheckStatus::not_run)) return std::nullopt;
    return status == rule.check_status;
  }
  const auto value = results.number(row, rule.metric);
  return value ? std::optional(holds(rule, *value)) : std::nullopt;
}

const std::string& observed(const ExpectRule& rule, const ResultsTable& results, std::size_t row) {
  return results.text(row, rule.check_status.empty() ? std::string_view(rule.metric)
                                                     : std::string_view(kCheckStatus));
}

std::string in_words(const ExpectRule& rule) {
  std::string text = rule.check_status.empty() ? rule.metric : "check_status " + rule.check_status;
  if (rule.at_least) text += " at least " + shortest(*rule.at_least);
  if (rule.at_most) text += " at most " + shortest(*rule.at_most);
  const char* separator = " where ";
  for (const auto& [column, value] : rule.where) {
    text += fmt::format("{}{}={}", separator, column, value);
    separator = ", ";
  }
  return text;
}

}  // namespace

std::vector<FailedExpectation> failed_expectations(std::span<const ExpectRule> rules,
                                                   const ResultsTable& results) {
  std::vector<FailedExpectation> failed;
  for (const ExpectRule& rule : rules) {
    std::size_t judged = 0;
    for (std::size_t row = 0; row < results.size(); ++row) {
      if (!speaks_of(rule, results, row)) continue;
      const auto kept = verdict_of(rule, results, row);
      if (!kept) continue;
      ++judged;
      if (*kept) continue;
      failed.push_back({ExpectationOutcome::broken, rule.place, results.text(row, "case_id"),
                        in_words(rule), observed(rule, results, row)});
    }
    if (judged > 0) continue;
    failed.push_back({ExpectationOutcome::not_judged, rule.place, "", in_words(rule),
                      "no row that it speaks of has this value"});
  }
  return failed;
}

std::vector<bool> expected_rows(std::span<const ExpectRule> rules, const ResultsTable& results) {
  std::vector<bool> expected(results.size());
  for (const ExpectRule& rule : rules) {
    if (rule.check_status.empty()) continue;
    for (std::size_t row = 0; row < results.size(); ++row) {
      if (speaks_of(rule, results, row) && verdict_of(rule, results, row) == true) {
        expected[row] = true;
      }
    }
  }
  return expected;
}

}  // namespace gpubench
