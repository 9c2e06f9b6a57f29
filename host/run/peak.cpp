#include "run/peak.h"

#include <optional>
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
    case Ceiling::fp16_workgroup_matrix:
      return measure_shared_matrix_chains(device, Precision::fp16);
    case Ceiling::fp16_acc32_workgroup_matrix:
      return measure_shared_matrix_chains(device, Precision::fp16_acc32);
    case Ceiling::copy:
      break;
  }
  return measure_copy(device);
}

Peak peak_of(Device& device, Ceiling ceiling) {
  const auto per_second = measured(device, ceiling);
  if (!per_second) return {0, "none: " + per_second.error().message};
  return {*per_second, std::string(source_name(ceiling))};
}

/// What kernels may do as well that this bounds.
std::optional<Ceiling> other_way(Ceiling ceiling) {
  if (ceiling == Ceiling::fp16_workgroup_matrix) return Ceiling::fp16_matrix;
  if (ceiling == Ceiling::fp16_acc32_workgroup_matrix) return Ceiling::fp16_acc32_matrix;
  return std::nullopt;
}

}  // namespace

Peak measure_peak(Device& device, Ceiling ceiling) {
  Peak peak = peak_of(device, ceiling);
  const auto other = other_way(ceiling);
  if (!other) return peak;
  Peak beside = peak_of(device, *other);
  return beside.per_second > peak.per_second ? beside : peak;
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
