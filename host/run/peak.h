// peak.h — what a device can do at most, measured on it through the same calls that run kernels.
// Does not know what is compared with it (record/row.h judges).
#pragma once

#include <functional>
#include <map>
#include <string>

#include "device/device.h"
#include "plan/ceiling.h"

namespace gpubench {

struct Peak {
  double per_second = 0;  ///< FLOP, or bytes for Ceiling::copy; 0: not known.
  std::string source;     ///< Column peak_source, or "none: " and why there is none.
};

/// Takes a fraction of a second. `source` is of what was the faster where a ceiling has two ways.
Peak measure_peak(Device& device, Ceiling ceiling);

/// The peaks of one device, each measured when it is first asked for.
class PeakBook {
 public:
  explicit PeakBook(std::function<Peak(Ceiling)> measure) : measure_(std::move(measure)) {}

  /// For a case that reached `per_second`. A device that was clocked down, or shared with others,
  /// while it was measured shows too little: before a rate counts as too fast, it is measured
  /// again.
  const Peak& beside(Ceiling ceiling, double per_second);

 private:
  std::function<Peak(Ceiling)> measure_;
  std::map<Ceiling, Peak> peaks_;
};

}  // namespace gpubench
