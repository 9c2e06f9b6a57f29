// shader_scan.h — what arithmetic the SPIR-V of a kernel declares: formats, RelaxedPrecision,
// NoContraction, execution modes. Does not know what a case declares (declared_arithmetic.h
// judges).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "kernels/declared_arithmetic.h"
#include "run/execution.h"
#include "run/prepare.h"

namespace gpubench {

/// Of a valid module.
DeclaredArithmetic scan_module(std::span<const std::uint32_t> words);

/// Of every module that a launch of `rows` rows uses, each counted once.
DeclaredArithmetic scan_kernel(const PreparedKernel& kernel, std::uint32_t rows);

/// Of a user's shader, whether or not a device could run it; none for kernels of the catalogue.
std::optional<DeclaredArithmetic> scan_user_code(const KernelChoiceSpec& spec,
                                                 const UserCode& user_code);

/// Of a kernel of the catalogue, on a device that has all that it could ask for. Fails where this
/// build has no SPIR-V of it.
Result<DeclaredArithmetic> scan_catalogue(const Kernel& kernel, Precision precision);

}  // namespace gpubench
