// device_traits.h — what a device is and can do, as plain facts.
// device/ fills it; kernels/ decide by it; record/ writes it down. No Vulkan types.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

/// DeviceTraits::driver_id of Mesa's device in software, which lavapipe makes a Vulkan device.
inline constexpr std::string_view kLlvmpipe = "MESA_LLVMPIPE";

enum class DeviceType { discrete, integrated, virtual_gpu, cpu, other };

/// One (A, B, C, result) combination of VK_KHR_cooperative_matrix; types as Vulkan spells them,
/// such as "float16".
struct CooperativeMatrixShape {
  std::uint32_t m = 0, n = 0, k = 0;
  std::string a_type, b_type, c_type, result_type, scope;
};

/// How far VK_KHR_cooperative_matrix reaches: the driver knows it first, then the device has it.
enum class CooperativeMatrixSupport : std::uint8_t {
  not_listed,  ///< The driver does not list the extension.
  no_feature,  ///< It does, but this device has not the feature cooperativeMatrix.
  supported,
};

/// One combination of VK_NV_cooperative_matrix2: matrices whose sides are multiples of m, n and k.
struct FlexibleMatrixShape {
  CooperativeMatrixShape granule;
  std::uint32_t workgroup_invocations = 0;  ///< That share one, where the scope is a workgroup.
};

/// How far VK_NV_cooperative_matrix2 reaches. Nothing of it unless VK_KHR_cooperative_matrix is
/// supported.
struct CooperativeMatrix2 {
  bool is_listed = false;  ///< By the driver.
  bool workgroup_scope = false;
  bool flexible_dimensions = false;
  bool reductions = false;
  bool conversions = false;  ///< From sums to operands.
  bool per_element_operations = false;
  bool tensor_addressing = false;
  bool block_loads = false;
  std::uint32_t max_dimension = 0;
  std::uint32_t max_workgroup_invocations = 0;  ///< That share a matrix.
  std::uint32_t reserved_shared_bytes = 0;      ///< The driver's own, where a workgroup shares.
  std::vector<FlexibleMatrixShape> flexible_shapes;
};

/// How far VK_KHR_shader_bfloat16 reaches.
struct Bfloat16 {
  bool is_listed = false;  ///< By the driver.
  bool type = false;       ///< In shaders, for conversions and operands.
  bool cooperative_matrix = false;
};

/// Rounding and subnormal behaviour that the driver lets a shader ask for, per width.
struct FloatControls {
  bool round_to_even = false;
  bool round_to_zero = false;
  bool denorm_preserve = false;
  bool denorm_flush = false;
  bool signed_zero_inf_nan_preserve = false;
};

struct DeviceTraits {
  std::string name;
  DeviceType type = DeviceType::other;
  std::string uuid;         ///< 32 hex digits in 8-4-4-4-12 form.
  std::string pci_address;  ///< "0000:17:00.0", or empty.
  std::uint32_t vendor_id = 0;
  std::uint32_t device_id = 0;
  std::string driver_id;       ///< Vulkan's name of the driver, such as "MESA_LLVMPIPE".
  std::string driver_version;  ///< As the vendor writes it.
  std::string driver_info;
  std::string api_version;          ///< "1.3.230"
  std::string pipeline_cache_uuid;  ///< 32 hex digits; changes with the build of the driver.

  bool shader_float16 = false;  ///< fp16 arithmetic in shaders.
  bool storage_16bit = false;   ///< fp16 in storage buffers.
  bool shader_int64 = false;
  bool shader_float64 = false;
  bool subgroup_size_control = false;
  bool full_subgroups = false;       ///< A shader may ask for subgroups that lack no lane.
  bool subgroup_ballot = false;      ///< One lane may hand its value to the others.
  bool subgroup_arithmetic = false;  ///< Lanes may add up and find the largest of their values.
  bool vulkan_memory_model = false;
  bool pipeline_robustness = false;
  bool memory_budget = false;

  std::uint32_t subgroup_size = 0;
  std::uint32_t min_subgroup_size = 0;
  std::uint32_t max_subgroup_size = 0;
  std::uint32_t max_workgroup_invocations = 0;
  std::array<std::uint32_t, 3> max_workgroup_size{};
  std::array<std::uint32_t, 3> max_workgroup_count{};
  std::uint32_t max_shared_bytes = 0;  ///< Per workgroup.
  std::uint32_t max_push_bytes = 0;
  /// So many rounds of all loops of an invocation together are run; then the driver leaves every
  /// loop, in silence. 0: no such limit is known.
  std::uint32_t max_loop_rounds = 0;

  std::uint64_t device_local_bytes = 0;    ///< Largest device-local heap.
  std::uint64_t max_allocation_bytes = 0;  ///< Largest single allocation.
  std::uint64_t max_buffer_bytes = 0;      ///< Largest single buffer.
  std::uint64_t max_storage_buffer_range_bytes = 0;
  std::uint64_t max_texels = 0;  ///< That a shader may fetch from one buffer; 0: wrong or none.

  bool timestamps = false;
  std::uint32_t timestamp_valid_bits = 0;
  double timestamp_period_ns = 0;

  FloatControls float16_controls, float32_controls, float64_controls;
  bool independent_rounding = false;  ///< A width may round otherwise than the others do.
  bool independent_denorms = false;   ///< The same for subnormals.
  CooperativeMatrixSupport cooperative_matrix = CooperativeMatrixSupport::not_listed;
  std::vector<CooperativeMatrixShape> cooperative_matrices;
  CooperativeMatrix2 cooperative_matrix_2;
  Bfloat16 bfloat16;

  [[nodiscard]] bool is_software() const { return type == DeviceType::cpu; }
  /// Major version of Mesa, if this is its llvmpipe and says so; else 0.
  [[nodiscard]] std::uint32_t llvmpipe_version() const;
};

const char* to_string(DeviceType type);

}  // namespace gpubench
