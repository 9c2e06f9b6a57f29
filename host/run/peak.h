// peak.h — the most FP32 multiply-adds that a device does in a second, measured on it by chains of
// them whose results prove FP32. Does not know what is compared with it (record/row.h judges).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "device/device.h"

namespace gpubench {

struct Peak {
  double flops = 0;    ///< FLOP/s, two for each multiply-add; 0: not known.
  std::string source;  ///< "measured_fp32_fma", or why there is none.
};

/// Takes a fraction of a second. The best of several shapes, each with a result that was checked.
Peak measure_fp32_peak(Device& device);

/// The peak of one device, measured when it is first asked for.
class PeakBook {
 public:
  explicit PeakBook(std::function<Peak()> measure) : measure_(std::move(measure)) {}

  /// For a kernel that reached `flops`. A device that was clocked down, or shared with others,
  /// while it was measured shows too little: before a rate counts as too fast, it is measured
  /// again.
  const Peak& fp32_beside(double flops);

 private:
  std::function<Peak()> measure_;
  std::optional<Peak> peak_;
};

}  // namespace gpubench
