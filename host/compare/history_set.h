// history_set.h — rows of results.csv as one side of a comparison.
#pragma once

#include <span>
#include <string_view>

#include "compare/run_set.h"
#include "history/history.h"

namespace gpubench {

/// The columns of results.csv that a set is made of.
std::span<const std::string_view> run_set_columns();

/// `history` was read with run_set_columns(), or with all. Only devices whose name contains
/// `device` (of any case); every one when it is empty. Rows that reached no device belong to none
/// and are left out.
RunSet make_run_set(const History& history, std::string_view device = {});

}  // namespace gpubench
