// traits.h — made-up devices for the tests of the kernels room.
#pragma once

#include "base/device_traits.h"

namespace gpubench {

/// Cooperative matrices of `side`³ with sums in FP16 and in FP32, and some that are of no use.
inline void set_matrices(DeviceTraits& traits, std::uint32_t side) {
  traits.cooperative_matrix = CooperativeMatrixSupport::supported;
  traits.cooperative_matrices = {
      {side, side, 2 * side, "sint8", "sint8", "sint32", "sint32", "subgroup"},
      {side, 8, side, "float16", "float16", "float32", "float32", "subgroup"},
      {side, side, side, "float16", "float16", "float16", "float16", "subgroup"},
      {side, side, side, "float16", "float16", "float32", "float32", "subgroup"},
      {256, 256, 64, "float16", "float16", "float32", "float32", "workgroup"}};
}

/// Matrices of bf16 of `side`³, and what shaders need for them.
inline void set_bfloat16(DeviceTraits& traits, std::uint32_t side) {
  traits.bfloat16 = {.is_listed = true, .type = true, .cooperative_matrix = true};
  traits.cooperative_matrices.push_back(
      {side, side, side, "bfloat16", "bfloat16", "float32", "float32", "subgroup"});
}

/// Matrices of any multiple of 16 for a subgroup and 128 invocations, of 32 for 256.
inline void set_flexible_matrices(DeviceTraits& traits) {
  CooperativeMatrix2& matrices = traits.cooperative_matrix_2;
  matrices.is_listed = matrices.workgroup_scope = matrices.flexible_dimensions = true;
  matrices.per_element_operations = matrices.tensor_addressing = true;
  matrices.max_dimension = 256;
  matrices.max_workgroup_invocations = 256;
  matrices.reserved_shared_bytes = 16384;
  for (const char* sum : {"float16", "float32"}) {
    const auto shape = [&](std::uint32_t side, const char* scope) {
      return CooperativeMatrixShape{side, side, 16, "float16", "float16", sum, sum, scope};
    };
    matrices.flexible_shapes.push_back({shape(32, "workgroup"), 256});
    matrices.flexible_shapes.push_back({shape(16, "workgroup"), 128});
    matrices.flexible_shapes.push_back({shape(16, "subgroup"), 0});
  }
}

/// A GPU with every feature and the limits of a common desktop card.
inline DeviceTraits desktop_gpu() {
  DeviceTraits traits;
  traits.name = "desktop";
  traits.type = DeviceType::discrete;
  traits.vendor_id = 0x10DE;
  traits.shader_float16 = traits.storage_16bit = traits.shader_int64 = true;
  traits.subgroup_size_control = traits.full_subgroups = traits.vulkan_memory_model = true;
  traits.subgroup_ballot = traits.subgroup_arithmetic = true;
  traits.max_texels = 1ULL << 27;
  traits.subgroup_size = traits.min_subgroup_size = traits.max_subgroup_size = 32;
  traits.max_workgroup_invocations = 1024;
  traits.max_workgroup_size = {1024, 1024, 64};
  traits.max_workgroup_count = {65535, 65535, 65535};
  traits.max_shared_bytes = 49152;
  traits.max_push_bytes = 128;
  traits.api_version = "1.4.325";
  set_matrices(traits, 16);
  set_bfloat16(traits, 16);
  set_flexible_matrices(traits);
  return traits;
}

/// Has no bf16, as lavapipe has none.
inline DeviceTraits software_device() {
  DeviceTraits traits = desktop_gpu();
  traits.name = "llvmpipe";
  traits.type = DeviceType::cpu;
  traits.vendor_id = 0x10005;
  traits.driver_id = "MESA_LLVMPIPE";
  traits.max_loop_rounds = 65535;
  traits.subgroup_size = traits.min_subgroup_size = traits.max_subgroup_size = 8;
  traits.max_shared_bytes = 32768;
  set_matrices(traits, 8);
  traits.bfloat16 = {};
  return traits;
}

}  // namespace gpubench
