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
  fp32_fma,  ///< FP32 multiply-adds, in FLOP/s.
  fp16_fma,  ///< FP16 multiply-adds, in FLOP/s.
  copy,      ///< Memory read and written, in bytes/s.
};
/// Column peak_source: "measured_fp32_fma", ...
std::string_view source_name(Ceiling ceiling);

/// None: the work is too short to tell, or the case may use units that no probe measures. Products
/// are held to arithmetic in the format that the shaders multiply in, a softmax to memory where it
/// is larger than caches are. `kernel` is what runs, after `auto`.
std::optional<Ceiling> ceiling_of(const Case& planned, std::string_view kernel,
                                  const DeviceTraits& device);

}  // namespace gpubench
