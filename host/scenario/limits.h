// limits.h — how large a scenario may be. They stop hostile or mistaken files before they cost
// time or memory; docs/scenario-format.md repeats them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gpubench {

/// Also the bound of the resolved scenario, so that what run.json keeps can be read again.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
/// The format itself needs 6: scenario, cases, case, kernel list, kernel, constants.
constexpr int kMaxDepth = 16;
/// One key or value, in bytes: a path of the file system at most.
constexpr std::size_t kMaxTextBytes = 4096;
constexpr std::size_t kMaxDescriptionBytes = 1000;
/// Names and labels become parts of file names and CSV fields.
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxLabelBytes = 256;
/// At one second a case this is close to three hours.
constexpr std::uint64_t kMaxCases = 10'000;
/// Shaders index elements with 32-bit signed integers.
constexpr std::uint64_t kMaxElements = (std::uint64_t{1} << 31) - 1;
/// Vulkan sets no limit; no shader of ours has more than 16.
constexpr std::size_t kMaxConstants = 64;
/// Outputs that a row keeps as numbers and `compare: outputs` can show; more do not fit a line.
constexpr std::uint32_t kMaxFirstOutputs = 4;
/// Of decisions: well within FP16, whose rounding interval around it is looked at.
constexpr double kMaxThreshold = 60000;
/// Ids of specialization constants below this one are set by gpubench, or kept for it.
/// host/run/user_shader.cpp holds it to kernels/contract.h, which this room may not include.
constexpr std::uint32_t kFirstUserConstant = 8;

}  // namespace gpubench
