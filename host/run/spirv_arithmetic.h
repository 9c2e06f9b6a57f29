// spirv_arithmetic.h — which instructions of a SPIR-V module compute with floating point.
// Knows nothing of what is then said of them or done to them.
#pragma once

#include <spirv-tools/libspirv.h>

#include <cstdint>
#include <spirv/unified1/spirv.hpp11>

namespace gpubench {

// Of SPV_KHR_cooperative_matrix, which the SPIR-V headers of Debian 12 do not have yet.
inline constexpr auto kOpTypeCooperativeMatrix = static_cast<spv::Op>(4456);
inline constexpr auto kOpCooperativeMatrixLoad = static_cast<spv::Op>(4457);
inline constexpr auto kOpCooperativeMatrixMulAdd = static_cast<spv::Op>(4459);
inline constexpr auto kOpCooperativeMatrixLength = static_cast<spv::Op>(4460);

/// Floating-point arithmetic of the core instruction set, of any width: what NoContraction may be
/// said of.
bool is_core_arithmetic(spv::Op op);

/// Instruction `number` of the set GLSL.std.450, such as GLSLstd450Fma.
bool is_glsl_instruction(const spv_parsed_instruction_t& instruction, std::uint32_t number);

}  // namespace gpubench
