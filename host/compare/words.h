// words.h — the fixed words of a comparison's verdicts and reasons, and what to do next.
#pragma once

#include <string>
#include <string_view>

#include "compare/comparison.h"

namespace gpubench {

/// "REGRESSED"
std::string_view to_string(SpeedVerdict value);
/// "single_session"
std::string_view to_string(SpeedReason value);
/// "WORSE"
std::string_view to_string(OutputChange value);
/// "precision"
std::string_view to_string(OutputAspect value);

/// One sentence on what the reason means here; empty for `none`.
std::string reason_text(const SeriesComparison& series);
/// What the user can do about it; empty where nothing is to be done.
std::string next_step(const SpeedComparison& speed);

}  // namespace gpubench
