#include "run/expectations.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "record/columns.h"

namespace gpubench {
namespace {

std::string value_of(const Row& row, std::string_view name) {
  for (const auto& column : result_columns()) {
    if (column.name == name) return column.value(row);
  }
  return {};
}

bool speaks_of(const ExpectRule& rule, const Row& row) {
  return std::all_of(rule.where.begin(), rule.where.end(), [&](const auto& condition) {
    return value_of(row, condition.first) == condition.second;
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
                                                   std::span<const Row> rows) {
  std::vector<FailedExpectation> failed;
  for (const ExpectRule& rule : rules) {
    std::size_t judged = 0;
    for (const Row& row : rows) {
      if (!speaks_of(rule, row)) continue;
      const std::string text = value_of(row, rule.metric);
      const auto value = parse_double(text);
      if (!value) continue;
      ++judged;
      if (holds(rule, *value)) continue;
      failed.push_back(
          {ExpectationOutcome::broken, rule.place, row.planned.id, in_words(rule), text});
    }
    if (judged > 0) continue;
    failed.push_back({ExpectationOutcome::not_judged, rule.place, "", in_words(rule),
                      "no row that it speaks of has this value"});
  }
  return failed;
}

}  // namespace gpubench
