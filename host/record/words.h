// words.h — the fixed words of results.csv for each enum; docs/results-format.md lists them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "record/row.h"

namespace gpubench {

std::string_view to_string(RowStatus value);
std::optional<RowStatus> parse_row_status(std::string_view text);
std::string_view to_string(CheckStatus value);
std::string_view to_string(TimingStatus value);
std::string_view to_string(StopReason value);
std::string_view to_string(TimerKind value);

/// Every word of the column, in the order of its enum.
std::span<const std::string_view> row_status_words();
std::span<const std::string_view> check_status_words();
std::span<const std::string_view> timing_status_words();
std::span<const std::string_view> stop_reason_words();
std::span<const std::string_view> timer_words();
/// Column precision_verdict, which has no enum here.
std::span<const std::string_view> precision_verdict_words();

}  // namespace gpubench
