#include "plan/ceiling.h"

#include <array>

#include "kernels/kernel.h"

namespace gpubench {
namespace {

constexpr double kTellingFlop = 1e8;  // a millisecond at 100 GFLOP/s
// Twice the last-level cache of any GPU known; a CPU shares its own among more cores than lavapipe
// is given.
constexpr double kBeyondCaches = 512.0 * (1U << 20);
constexpr double kBeyondCachesOfCpu = 64.0 * (1U << 20);

bool multiplies_in_fp16(Precision precision) {
  return precision == Precision::fp16 || precision == Precision::fp32_via_fp16;
}

// Its matrices are a workgroup's where the device has such.
constexpr std::string_view kOfAWorkgroup = "coop2";

Ceiling of_matrix_units(Precision precision) {
  if (precision == Precision::bf16) return Ceiling::bf16_matrix;
  return precision == Precision::fp16 ? Ceiling::fp16_matrix : Ceiling::fp16_acc32_matrix;
}

Ceiling of_shared_matrices(Precision precision) {
  return precision == Precision::fp16 ? Ceiling::fp16_workgroup_matrix
                                      : Ceiling::fp16_acc32_workgroup_matrix;
}

}  // namespace

std::string_view source_name(Ceiling ceiling) {
  constexpr std::array<std::string_view, 8> kNames = {"measured_fp32_fma",
                                                      "measured_fp16_fma",
                                                      "measured_copy",
                                                      "measured_fp16_matrix",
                                                      "measured_fp16_acc32_matrix",
                                                      "measured_bf16_matrix",
                                                      "measured_fp16_workgroup_matrix",
                                                      "measured_fp16_acc32_workgroup_matrix"};
  return kNames[static_cast<std::size_t>(ceiling)];
}

std::optional<Ceiling> ceiling_of(const Case& planned, std::string_view kernel,
                                  const DeviceTraits& device) {
  const Problem& problem = planned.problem;
  if (problem.op == Op::softmax) {
    const double caches = device.is_software() ? kBeyondCachesOfCpu : kBeyondCaches;
    const bool telling = moved_bytes(problem, planned.precision) >= caches;
    return telling ? std::optional(Ceiling::copy) : std::nullopt;
  }
  if (flop(problem) < kTellingFlop) return std::nullopt;
  if (planned.precision == Precision::fp32) return Ceiling::fp32_fma;
  const Kernel* known = find_kernel(problem.op, kernel);
  if (known == nullptr) return std::nullopt;
  if (known->name == kOfAWorkgroup && device.cooperative_matrix_2.workgroup_scope) {
    return of_shared_matrices(planned.precision);
  }
  if (known->sum_order == SumOrder::hardware) return of_matrix_units(planned.precision);
  return multiplies_in_fp16(planned.precision) ? Ceiling::fp16_fma : Ceiling::fp32_fma;
}

}  // namespace gpubench
