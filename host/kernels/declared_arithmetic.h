// declared_arithmetic.h — what the modules of a kernel declare of their floating point, and whether
// that is what the case declares. Pure: counts in, word out; run/ reads them from SPIR-V.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/problem.h"

namespace gpubench {

/// Counts over the instructions that "main" can reach, in all modules of a launch. What a
/// specialization constant leaves out counts as well.
struct DeclaredArithmetic {
  std::uint32_t fp32 = 0;     ///< Instructions that compute in FP32.
  std::uint32_t fp16 = 0;     ///< The same in FP16.
  std::uint32_t to_fp16 = 0;  ///< Instructions that round a value to FP16.
  std::uint32_t bf16 = 0;     ///< Instructions that compute in bf16, round to it or load it.
  std::uint32_t relaxed = 0;  ///< FP32 values decorated RelaxedPrecision: they may become FP16.
  std::uint32_t no_contraction = 0;  ///< Instructions that no driver may fuse.
  std::string modes;                 ///< "RoundingModeRTE 32; DenormPreserve 32"

  DeclaredArithmetic& operator+=(const DeclaredArithmetic& other);
};

/// What the modules say about the precision path that a case declares.
enum class DeclaredEvidence : std::uint8_t {
  as_declared,
  relaxed,  ///< FP32 is declared, but the driver is allowed less.
  fp16,     ///< FP32 is declared, but FP16 is in the code.
  bf16,     ///< bf16 is in the code, and not declared.
};

DeclaredEvidence declared_evidence(Precision declared, const DeclaredArithmetic& modules);
std::string_view to_string(DeclaredEvidence value);
/// What contradicts the path, and what to write instead; empty for as_declared.
std::string contradiction(Precision declared, const DeclaredArithmetic& modules);

}  // namespace gpubench
