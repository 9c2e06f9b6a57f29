// ceiling.h — which of a device's own limits bounds a case. Knows nothing of what they are on any
// device; run/peak.h measures them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/device_traits.h"
#include "plan/case.h"

namespace gpubench {

enum class Ceiling : std::uint8_t {
  fp32_fma,           ///< FP32 multiply-adds, in FLOP/s.
  fp16_fma,           ///< FP16 multiply-adds, in FLOP/s.
  copy,               ///< Memory read and written, in bytes/s.
  fp16_matrix,        ///< Matrix units on FP16 with sums in FP16, in FLOP/s.
  fp16_acc32_matrix,  ///< The same with sums in FP32.
  bf16_matrix,        ///< Matrix units on bf16 with sums in FP32.
  /// As fp16_matrix, with matrices that a whole workgroup may share as well as a subgroup.
  fp16_workgroup_matrix,
  fp16_acc32_workgroup_matrix,  ///< The same with sums in FP32.
};
/// Column peak_source: "measured_fp32_fma", ...
std::string_view source_name(Ceiling ceiling);

/// None: the work is too short to tell, or the code is the user's own and nobody knows which units
/// it uses. Products are held to arithmetic in the format that the shaders multiply in, or to
/// matrix units where the kernel uses them, a softmax to memory where it is larger than caches are.
/// `kernel` is what runs, after `auto`.
std::optional<Ceiling> ceiling_of(const Case& planned, std::string_view kernel,
                                  const DeviceTraits& device);

}  // namespace gpubench
