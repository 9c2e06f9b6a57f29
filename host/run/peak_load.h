// peak_load.h — how much of a device chains keep busy, and what their rate then stands for. Knows
// not what a chain is made of.
#pragma once

#include <cstdint>

#include "run/shortest_launch.h"

namespace gpubench {

struct PeakLoad {
  std::uint32_t groups = 1;  ///< Workgroups to begin with.
  /// Far above what a submission costs. On a CPU so short that, whoever else uses it, some of many
  /// launches are never interrupted.
  double telling_s = 0;
  /// Above 1: a single workgroup, which keeps one core busy, and the rate counts so many times.
  std::uint32_t cores = 1;
};

PeakLoad load_of_gpu(std::uint32_t first_groups);
/// On a CPU the cores may be busy with other work, but hardly one of them all the time: what one
/// can do, times their number, is what no program can exceed.
PeakLoad load_of_all_cores();
PeakLoad load_of_one_core();

/// How to fill a device, beginning with the load.
Growth growth_of(const PeakLoad& load);

}  // namespace gpubench
