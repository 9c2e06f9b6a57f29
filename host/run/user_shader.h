// user_shader.h — turns a user's GLSL or SPIR-V file into words that a driver may be given.
// Knows files, compilers and what a module may ask for; not how it is launched (kernels/).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"
#include "scenario/scenario.h"

namespace gpubench {

/// Compiles `glsl_file` with shaderc or reads and validates `spirv_file` for Vulkan 1.2; `spec`
/// names one of the two. Fails with `input`: the compiler's message with its lines, why the file is
/// not SPIR-V, or what it asks for that the contract of docs/adding-a-kernel.md does not give.
Result<std::vector<std::uint32_t>> load_user_shader(const KernelChoiceSpec& spec);

/// Whether the device has what a loaded shader asks for when its constants are set to these: fails
/// with `unsupported` for a workgroup beyond its limits or a feature that it lacks, and with
/// `input` for a workgroup of no invocations. Drivers do not look, and crash.
Outcome check_user_shader(std::span<const std::uint32_t> words,
                          std::span<const SpecConstant> constants, const DeviceTraits& device);

}  // namespace gpubench
