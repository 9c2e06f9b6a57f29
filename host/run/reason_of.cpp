#include "run/reason_of.h"

#include "plan/reasons.h"

namespace gpubench {
namespace {

const char* code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::input:
      return reason::kInputFile;
    case ErrorKind::no_device:
      return reason::kNoDevice;
    case ErrorKind::unsupported:
      return reason::kUnsupportedFeature;
    case ErrorKind::out_of_memory:
      return reason::kOutOfMemory;
    case ErrorKind::timeout:
      return reason::kTimeout;
    case ErrorKind::device_lost:
      return reason::kDeviceLost;
    case ErrorKind::interrupted:
      return reason::kInterrupted;
    case ErrorKind::io:
    case ErrorKind::internal:
      return reason::kDriverError;
  }
  return reason::kInternal;
}

const char* code_of(CheckFinding finding) {
  switch (finding) {
    case CheckFinding::none:
    case CheckFinding::nothing_compared:
    case CheckFinding::reference_doubtful:
      return reason::kNoReference;
    case CheckFinding::poison_left:
      return reason::kPoisonLeft;
    case CheckFinding::nonfinite:
      return reason::kNanInOutput;
    case CheckFinding::not_exact:
    case CheckFinding::wrong_result:
    case CheckFinding::row_residual:
      return reason::kWrongResult;
    case CheckFinding::nondeterministic:
      return reason::kNondeterministic;
    case CheckFinding::stale_output:
      return reason::kStaleOutput;
    case CheckFinding::saturated_output:
      return reason::kSaturatedOutput;
    case CheckFinding::mostly_zero:
      return reason::kMostlyZero;
    case CheckFinding::constant_output:
      return reason::kConstantOutput;
  }
  return reason::kInternal;
}

}  // namespace

Reason reason_of(const Error& error) {
  return {code_of(error.kind), error.message};
}
Reason reason_of(const Check& check) {
  return {code_of(check.finding), check.text};
}
std::optional<Reason> reason_of(const HostCheck& check) {
  const bool differs = check.verdict == HostVerdict::gpu_exceeds_host ||
                       check.verdict == HostVerdict::host_exceeds_gpu;
  if (!differs) return std::nullopt;
  return Reason{reason::kTimerMismatch, check.text};
}

}  // namespace gpubench
