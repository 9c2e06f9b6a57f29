// benchmark_json.h — runs as Google Benchmark writes them, for tools that read that: its own
// compare.py, Bencher, github-action-benchmark, conbench.
#pragma once

#include <string>

#include "history/history.h"

namespace gpubench {

/// Each run is a repetition of its series: `real_time` is time_median_s, `cpu_time` is
/// host_median_s, both in ns. Wrong results have `error_occurred` and no time. `history` was read
/// with columns_for_export().
std::string benchmark_json(const History& history);

}  // namespace gpubench
