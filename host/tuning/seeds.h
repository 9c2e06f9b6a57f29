// seeds.h — tunings that others found good on the GPUs of a vendor. Knows not whether they are
// legal on a device, nor how fast they are there.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/kernel.h"

namespace gpubench {

/// Seed::vendor_id of what is good on GPUs of several vendors.
inline constexpr std::uint32_t kAnyVendor = 0;

/// A tuning of a kernel for products, as text.
struct Seed {
  std::uint32_t vendor_id;
  std::string_view kernel;
  std::string_view tuning;
};
std::span<const Seed> all_seeds();

/// Those of the kernel: the vendor's, then those of any vendor, the likeliest first in each.
std::vector<Tuning> seeds_for(const Kernel& kernel, std::uint32_t vendor_id);

}  // namespace gpubench
