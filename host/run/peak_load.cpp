#include "run/peak_load.h"

#include <algorithm>
#include <thread>

namespace gpubench {
namespace {

// A device is full when twice the workgroups take twice as long; no device needs more than these.
constexpr std::uint32_t kMostGroups = 8192;

std::uint32_t cores_here() {
  return std::max(std::thread::hardware_concurrency(), 1U);
}

}  // namespace

PeakLoad load_of_gpu(std::uint32_t first_groups) {
  return {first_groups, 4e-3, 1};
}

PeakLoad load_of_all_cores() {
  return {4 * cores_here(), 1e-3, 1};
}

PeakLoad load_of_one_core() {
  return {1, 0, cores_here()};
}

Growth growth_of(const PeakLoad& load) {
  return {load.groups, kMostGroups, load.telling_s};
}

}  // namespace gpubench
