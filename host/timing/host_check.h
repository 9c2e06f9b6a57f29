// host_check.h — the host's clock as a witness against the GPU's timestamps.
// Pure.
#pragma once

#include <cstdint>
#include <string>

#include "timing/sample.h"

namespace gpubench {

enum class HostVerdict : std::uint8_t {
  consistent,
  not_checked,       ///< No timestamps, or no samples.
  gpu_exceeds_host,  ///< Impossible: the work is inside the submission. The timestamps are wrong.
  host_exceeds_gpu,  ///< The timestamps miss much of what the host waited for.
};

struct HostCheck {
  HostVerdict verdict = HostVerdict::not_checked;
  double host_over_gpu = kNoTime;
  std::string text;  ///< One line for a reader; empty when consistent or not checked.
};

/// Compares the medians of a series, for the whole submission that one sample was.
HostCheck check_against_host(const Series& series, const TimingStats& stats);

}  // namespace gpubench
