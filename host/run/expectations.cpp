#include "run/expectations.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

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

std::string in_words(const ExpectRule& rule) {
  std::string text = rule.metric;
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
      const auto value = results.number(row, rule.metric);
      if (!value) continue;
      ++judged;
      if (holds(rule, *value)) continue;
      failed.push_back({ExpectationOutcome::broken, rule.place, results.text(row, "case_id"),
                        in_words(rule), results.text(row, rule.metric)});
    }
    if (judged > 0) continue;
    failed.push_back({ExpectationOutcome::not_judged, rule.place, "", in_words(rule),
                      "no row that it speaks of has this value"});
  }
  return failed;
}

}  // namespace gpubench
