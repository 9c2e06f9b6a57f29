// qualifying.h — where one launch takes long, candidates of the tuner qualify at a smaller shape,
// and the best of them go on. Numbers only.
#pragma once

#include <vector>

#include "kernels/kernel.h"
#include "tuning/table.h"

namespace gpubench {

/// A launch that takes longer is long: its candidates qualify first.
constexpr double kLongLaunchSeconds = 0.1;
/// So many go on to the shape that was asked for.
constexpr std::size_t kFinalists = 4;

/// The problem's own shape, or one of which a launch is short, if the whole takes `launch_s`, and
/// a check of its output, too. Rows of a softmax keep their length: its tiling hangs on it.
Shape qualifying_shape(const Problem& problem, double launch_s);

/// Seconds of the budget, so that enough is left for the whole shape.
double qualifying_seconds(const Problem& problem, double launch_s, double budget_s);

/// The kernel's own choice, then the fastest others, then the likeliest that had no turn.
std::vector<Tuning> finalists(const std::vector<TriedTuning>& probed,
                              const std::vector<Tuning>& candidates);

}  // namespace gpubench
