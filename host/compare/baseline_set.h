// baseline_set.h — a baseline as one side of a comparison: what it keeps of its runs, as if these
// were here.
#pragma once

#include "compare/baseline.h"

namespace gpubench {

/// Of the devices that `fresh` has by name; of all, where it has none of them. A baseline keeps a
/// time for each run, but not which one where a run had several devices or lacked the case: then
/// all times count as one session, which makes no verdict easier to reach.
RunSet run_set_of(const Baseline& baseline, const RunSet& fresh);

/// `measured`, raised to the A/A floors of the baseline, which say nothing of how far sessions lie
/// apart.
SeriesFloors floors_with(const Baseline& baseline, SeriesFloors measured);

}  // namespace gpubench
