// course_figure.h — the samples of one case over time, with what the device told of its clock,
// power and heat below on the same axis, and the times in which the clock was held down.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "history/run_files.h"
#include "pages/document.h"
#include "pages/figures.h"

namespace gpubench {

struct TimeSpan {
  double begin_s = 0, end_s = 0;
};

/// When the clock was held down: each reading speaks for the time half-way to its neighbours, and
/// neighbours that say the same are put together.
std::vector<TimeSpan> throttle_bands(const TelemetrySeries& telemetry);

/// "The clock was held down for 3.2 of 10 s: from 3.1 s to 5 s, …"; or never, or not known.
std::string throttle_text(const TelemetrySeries& telemetry);

/// `samples` are places in time and seconds of one launch. Nothing without samples or readings.
std::optional<PageFigure> course_figure(std::string id, std::string title,
                                        std::span<const ChartPoint> samples,
                                        const TelemetrySeries& telemetry);

}  // namespace gpubench
