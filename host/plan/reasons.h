// reasons.h — the fixed list of codes that column `reason` of results.csv may begin with. The only
// such list of the project: docs/results-format.md repeats it and a test compares the two.
// Knows nothing of when a code applies: whoever gives a reason decides that.
#pragma once

#include <array>
#include <string_view>

namespace gpubench {
namespace reason {

// The case was never started.
inline constexpr const char* kBudget = "budget";
inline constexpr const char* kMemory = "memory";
inline constexpr const char* kUnsupportedFeature = "unsupported_feature";
inline constexpr const char* kNotApplicable = "not_applicable";
inline constexpr const char* kDuplicate = "duplicate";
inline constexpr const char* kNoDevice = "no_device";
inline constexpr const char* kInterrupted = "interrupted";

// The output is wrong, or proves nothing.
inline constexpr const char* kWrongResult = "wrong_result";
inline constexpr const char* kNanInOutput = "nan_in_output";
inline constexpr const char* kPoisonLeft = "poison_left";
inline constexpr const char* kGuardOverwritten = "guard_overwritten";
inline constexpr const char* kNondeterministic = "nondeterministic";
inline constexpr const char* kStaleOutput = "stale_output";
inline constexpr const char* kNoReference = "no_reference";
inline constexpr const char* kConstantOutput = "constant_output";
inline constexpr const char* kSaturatedOutput = "saturated_output";
inline constexpr const char* kMostlyZero = "mostly_zero";

// The output is right, but its time says that the path is not what it declares.
inline constexpr const char* kAbovePeak = "above_peak";

// The output is right, but its time is doubtful.
inline constexpr const char* kTimerMismatch = "timer_mismatch";
inline constexpr const char* kSuspicious = "suspicious";

// The case could not be run to its end.
inline constexpr const char* kInputFile = "input_file";
inline constexpr const char* kValidationMessage = "validation_message";
inline constexpr const char* kDeviceLost = "device_lost";
inline constexpr const char* kTimeout = "timeout";
inline constexpr const char* kOutOfMemory = "out_of_memory";
inline constexpr const char* kDriverError = "driver_error";
inline constexpr const char* kInternal = "internal";

}  // namespace reason

struct ReasonCode {
  std::string_view code;
  std::string_view meaning;  ///< One line for docs and reports.
};

inline constexpr std::array kReasonCodes = {
    ReasonCode{
        reason::kBudget,
        "the predicted time is over the budget of the case, or over what is left of the level's"},
    ReasonCode{reason::kMemory, "needs more device or host memory than is free"},
    ReasonCode{reason::kUnsupportedFeature,
               "the device lacks a feature or limit that the case needs"},
    ReasonCode{reason::kNotApplicable, "this combination of axes has no meaning"},
    ReasonCode{reason::kDuplicate, "the plan holds the same case already"},
    ReasonCode{reason::kNoDevice, "no device could be used"},
    ReasonCode{reason::kInterrupted, "the user stopped the run before this case ended"},
    ReasonCode{reason::kWrongResult, "the output differs from the reference beyond the tolerance"},
    ReasonCode{reason::kNanInOutput, "the output holds NaN or Inf where the reference has none"},
    ReasonCode{reason::kPoisonLeft, "elements of the output were never written"},
    ReasonCode{reason::kGuardOverwritten, "the kernel wrote outside of its buffers"},
    ReasonCode{reason::kNondeterministic, "repeats with the same input gave different bits"},
    ReasonCode{reason::kStaleOutput,
               "a later output is not that of its input, or timed launches left the work out"},
    ReasonCode{reason::kNoReference, "there is no reference to compare with"},
    ReasonCode{reason::kConstantOutput, "the output agrees, but is too uniform to prove anything"},
    ReasonCode{reason::kSaturatedOutput, "the output agrees, but most of it is saturated"},
    ReasonCode{reason::kMostlyZero, "the output agrees, but most of it is zero"},
    ReasonCode{reason::kAbovePeak, "declared FP32, and faster than FP32 can be on this device"},
    ReasonCode{reason::kTimerMismatch, "the device's timestamps disagree with the host's clock"},
    ReasonCode{reason::kSuspicious, "faster than the device was measured to be at most"},
    ReasonCode{reason::kInputFile, "an array or shader file cannot be used"},
    ReasonCode{reason::kValidationMessage, "the Vulkan validation layers printed a message"},
    ReasonCode{reason::kDeviceLost, "the driver gave the device up"},
    ReasonCode{reason::kTimeout, "the device did not answer in time"},
    ReasonCode{reason::kOutOfMemory, "an allocation failed"},
    ReasonCode{reason::kDriverError, "a driver call failed that should not"},
    ReasonCode{reason::kInternal, "a fault of gpubench itself"},
};

}  // namespace gpubench
