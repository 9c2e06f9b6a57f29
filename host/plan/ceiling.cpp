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

/// Of code of the user's own nobody knows.
bool may_use_matrix_units(Op op, std::string_view kernel) {
  const Kernel* known = find_kernel(op, kernel);
  return known == nullptr || known->sum_order == SumOrder::hardware;
}

}  // namespace

std::string_view source_name(Ceiling ceiling) {
  constexpr std::array<std::string_view, 3> kNames = {"measured_fp32_fma", "measured_fp16_fma",
                                                      "measured_copy"};
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
  if (may_use_matrix_units(problem.op, kernel)) return std::nullopt;
  return multiplies_in_fp16(planned.precision) ? Ceiling::fp16_fma : Ceiling::fp32_fma;
}

}  // namespace gpubench
