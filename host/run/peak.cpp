#include "run/peak.h"

#include <utility>

#include "record/row.h"
#include "run/peak_chains.h"
#include "run/peak_copy.h"
#include "run/peak_matrix.h"

namespace gpubench {
namespace {

// Measurements before a rate is called too fast.
constexpr int kAttempts = 10;

Result<double> measured(Device& device, Ceiling ceiling) {
  switch (ceiling) {
    case Ceiling::fp32_fma:
      return measure_chains(device, Format::f32);
    case Ceiling::fp16_fma:
      return measure_chains(device, Format::f16);
    case Ceiling::fp16_matrix:
      return measure_matrix_chains(device, Precision::fp16);
    case Ceiling::fp16_acc32_matrix:
      return measure_matrix_chains(device, Precision::fp16_acc32);
    case Ceiling::bf16_matrix:
      return measure_matrix_chains(device, Precision::bf16);
    case Ceiling::copy:
      break;
  }
  return measure_copy(device);
}

}  // namespace

Peak measure_peak(Device& device, Ceiling ceiling) {
  const auto per_second = measured(device, ceiling);
  if (!per_second) return {0, "none: " + per_second.error().message};
  return {*per_second, std::string(source_name(ceiling))};
}

const Peak& PeakBook::beside(Ceiling ceiling, double per_second) {
  const auto known = peaks_.find(ceiling);
  Peak& peak = known != peaks_.end() ? known->second : peaks_[ceiling] = measure_(ceiling);
  for (int i = 1;
       i < kAttempts && peak.per_second > 0 && per_second > kPeakMargin * peak.per_second; ++i) {
    Peak again = measure_(ceiling);
    if (again.per_second > peak.per_second) peak = std::move(again);
  }
  return peak;
}

}  // namespace gpubench
