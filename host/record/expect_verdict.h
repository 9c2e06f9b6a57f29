// expect_verdict.h — whether a row keeps a rule of its scenario's author, for all who judge one:
// the run itself, and whoever reads its files later. Knows not which rows a rule speaks of.
#pragma once

#include <optional>
#include <string_view>

#include "scenario/scenario.h"

namespace gpubench {

/// The column that the rule judges: its metric, or check_status.
std::string_view judged_column(const ExpectRule& rule);

/// Nothing where the row has no value to judge: it was not checked, or the metric is empty.
/// `check_status` and `metric` are the row's own; only the one that the rule judges is looked at.
std::optional<bool> keeps(const ExpectRule& rule, std::string_view check_status,
                          std::optional<double> metric);

}  // namespace gpubench
