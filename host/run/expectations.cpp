#include "run/expectations.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "record/expect_verdict.h"

namespace gpubench {
namespace {

bool speaks_of(const ExpectRule& rule, const ResultsTable& results, std::size_t row) {
  return std::all_of(rule.where.begin(), rule.where.end(), [&](const auto& condition) {
    return results.text(row, condition.first) == condition.second;
  });
}

std::optional<bool> verdict_of(const ExpectRule& rule, const ResultsTable& results,
                               std::size_t row) {
  return keeps(rule, results.text(row, "check_status"),
               rule.metric.empty() ? std::nullopt : results.number(row, rule.metric));
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
                        in_words(rule), results.text(row, judged_column(rule))});
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
