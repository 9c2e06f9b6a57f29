// user_shader.h — turns a user's GLSL or SPIR-V file into words that a driver may be given.
// Knows files and compilers; not how the shader is launched (kernels/ has that contract).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "scenario/scenario.h"

namespace gpubench {

/// Compiles `glsl_file` with shaderc or reads and validates `spirv_file` for Vulkan 1.2; `spec`
/// names one of the two. Fails with `input`: the compiler's message with its lines, or why the
/// file is not SPIR-V.
Result<std::vector<std::uint32_t>> load_user_shader(const KernelChoiceSpec& spec);

}  // namespace gpubench
