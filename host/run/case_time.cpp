#include "run/case_time.h"

#include <algorithm>

#include "base/parallel.h"
#include "run/fingerprint_kernel.h"

namespace gpubench {
namespace {

// Reference, checks and warm-up of a case that is over at once.
constexpr double kLeastCaseSeconds = 0.3;
// Launches of a case that is timed until its samples agree.
constexpr double kUsualLaunches = 16;
// Until a reference was made: what a core of today does in FP32, with room to spare.
constexpr double kReferenceFlopsPerThread = 10e9;
// Above it the reference was at hand already.
constexpr double kFastestReference = 1e14;
// Filling, uploading, downloading, hashing and comparing an element a few times over.
constexpr double kSecondsPerElement = 2e-8;
// Samples enough to tell something, where one launch is short.
constexpr double kLittleSamplingSeconds = 0.3;

}  // namespace

ReferenceRate::ReferenceRate() : flops_(kReferenceFlopsPerThread * hardware_threads()) {}

double ReferenceRate::seconds(const Problem& problem) const {
  return flop(problem) / flops_;
}

void ReferenceRate::learn(const Problem& problem, double seconds) {
  // Smaller ones, or those at hand already, tell of anything but the rate.
  const double flops = seconds > 0 ? flop(problem) / seconds : 0;
  if (is_short(problem) || flops > kFastestReference) return;
  flops_ = flops;
}

double Slowness::factor() const {
  return predicted_s_ > 0 ? std::max(1.0, took_s_ / predicted_s_) : 1.0;
}

void Slowness::learn(double predicted_s, double took_s) {
  predicted_s_ += predicted_s / factor();
  took_s_ += took_s;
}

double expected_seconds(const Case& planned, const RateBook& rates, OverBudget policy) {
  if (is_short(planned.problem)) {
    return kLeastCaseSeconds + planned.hold_s + probe_seconds(planned, 0, policy);
  }
  const Rate rate = rates.known(planned);
  if (!(rate.flops > 0)) return planned.budget_s / 2;
  if (over_budget(planned, estimate_at(planned, rate))) return 0;
  const double launch_s = flop(planned.problem) / rate.flops;
  const double sampling_s = std::min(planned.budget_s, kUsualLaunches * launch_s);
  return kLeastCaseSeconds + std::max(planned.hold_s, sampling_s) + planned.repeats * launch_s +
         probe_seconds(planned, launch_s, policy);
}

double little_sampling_seconds(const Case& planned, const Rate& rate) {
  const double launch_s = rate.flops > 0 ? flop(planned.problem) / rate.flops : 0;
  return kFewestLaunches * launch_s + kLittleSamplingSeconds;
}

double least_seconds(const Case& planned, const Rate& rate, const ReferenceRate& references,
                     OverBudget policy) {
  const Problem& problem = planned.problem;
  const double launch_s = rate.flops > 0 ? flop(problem) / rate.flops : 0;
  const double elements = static_cast<double>(problem.a_elements() + problem.b_elements()) +
                          static_cast<double>(problem.c_elements()) * (1 + planned.repeats);
  return kLeastCaseSeconds + little_sampling_seconds(planned, rate) + references.seconds(problem) +
         elements * kSecondsPerElement + planned.repeats * launch_s + planned.hold_s +
         probe_seconds(planned, launch_s, policy);
}

}  // namespace gpubench
