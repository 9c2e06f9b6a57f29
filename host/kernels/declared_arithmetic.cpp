#include "kernels/declared_arithmetic.h"

#include <fmt/format.h>

namespace gpubench {
namespace {

/// Paths that leave nothing below FP16 to be found.
bool computes_in_fp16(Precision declared) {
  return declared == Precision::fp16 || declared == Precision::fp32_via_fp16;
}

/// FP16 outputs are rounded to it once, when they are stored.
bool rounds_to_fp16(Precision declared) {
  return storage(declared) == Format::f16;
}

}  // namespace

DeclaredArithmetic& DeclaredArithmetic::operator+=(const DeclaredArithmetic& other) {
  fp32 += other.fp32;
  fp16 += other.fp16;
  to_fp16 += other.to_fp16;
  bf16 += other.bf16;
  relaxed += other.relaxed;
  no_contraction += other.no_contraction;
  // The modules of a launch are built alike; one that differs would show.
  if (modes != other.modes) modes += (modes.empty() ? "" : "; ") + other.modes;
  return *this;
}

DeclaredEvidence declared_evidence(Precision declared, const DeclaredArithmetic& modules) {
  if (modules.bf16 > 0 && declared != Precision::bf16) return DeclaredEvidence::bf16;
  if (computes_in_fp16(declared)) return DeclaredEvidence::as_declared;
  if (modules.fp16 > 0) return DeclaredEvidence::fp16;
  if (modules.to_fp16 > 0 && !rounds_to_fp16(declared)) return DeclaredEvidence::fp16;
  if (modules.relaxed > 0 && declared != Precision::fp32_relaxed) return DeclaredEvidence::relaxed;
  return DeclaredEvidence::as_declared;
}

std::string_view to_string(DeclaredEvidence value) {
  switch (value) {
    case DeclaredEvidence::as_declared:
      return "as_declared";
    case DeclaredEvidence::relaxed:
      return "relaxed";
    case DeclaredEvidence::fp16:
      return "fp16";
    case DeclaredEvidence::bf16:
      return "bf16";
  }
  return "";
}

std::string contradiction(Precision declared, const DeclaredArithmetic& modules) {
  switch (declared_evidence(declared, modules)) {
    case DeclaredEvidence::as_declared:
      return "";
    case DeclaredEvidence::relaxed:
      return fmt::format(
          "declares {}, but {} of the shader's FP32 values are RelaxedPrecision, which a driver "
          "may "
          "compute in FP16: take mediump out, or declare fp32_relaxed",
          to_string(declared), modules.relaxed);
    case DeclaredEvidence::fp16:
      return fmt::format(
          "declares {}, but the shader computes {} times in FP16 and rounds {} times to it: "
          "declare "
          "{}",
          to_string(declared), modules.fp16, modules.to_fp16,
          rounds_to_fp16(declared) ? "fp16" : "fp32_via_fp16");
    case DeclaredEvidence::bf16:
      return fmt::format("declares {}, but the shader has bf16 in {} places: declare bf16",
                         to_string(declared), modules.bf16);
  }
  return "";
}

}  // namespace gpubench
