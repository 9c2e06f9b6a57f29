#include "record/expect_verdict.h"

#include "record/words.h"

namespace gpubench {

std::string_view judged_column(const ExpectRule& rule) {
  return rule.check_status.empty() ? std::string_view(rule.metric) : "check_status";
}

std::optional<bool> keeps(const ExpectRule& rule, std::string_view check_status,
                          std::optional<double> metric) {
  if (!rule.check_status.empty()) {
    if (check_status.empty() || check_status == to_string(CheckStatus::not_run)) {
      return std::nullopt;
    }
    return check_status == rule.check_status;
  }
  if (!metric) return std::nullopt;
  // Not greater is not enough: a value that is no number is in no limit.
  return !(rule.at_most && !(*metric <= *rule.at_most)) &&
         !(rule.at_least && !(*metric >= *rule.at_least));
}

}  // namespace gpubench
