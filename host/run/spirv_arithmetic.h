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
// Of SPV_NV_cooperative_matrix2 and SPV_NV_tensor_addressing.
inline constexpr auto kOpCooperativeMatrixLoadTensor = static_cast<spv::Op>(5367);
inline constexpr auto kOpCooperativeMatrixPerElement = static_cast<spv::Op>(5369);
inline constexpr auto kOpTypeTensorLayout = static_cast<spv::Op>(5370);
inline constexpr auto kOpTypeTensorView = static_cast<spv::Op>(5371);
inline constexpr auto kOpCreateTensorLayout = static_cast<spv::Op>(5372);
inline constexpr auto kOpLastOfTensors = static_cast<spv::Op>(5379);

/// Floating-point arithmetic of the core instruction set, of any width: what NoContraction may be
/// said of.
bool is_core_arithmetic(spv::Op op);

/// Instruction `number` of the set GLSL.std.450, such as GLSLstd450Fma.
bool is_glsl_instruction(const spv_parsed_instruction_t& instruction, std::uint32_t number);

}  // namespace gpubench
