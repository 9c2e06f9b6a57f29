// matrix.h — which of a device's cooperative matrices products take. Knows no kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/device_traits.h"
#include "kernels/problem.h"

namespace gpubench {

/// Operands of a vector of 16 bytes; the sides of a matrix are multiples of it.
inline constexpr std::uint32_t kMatrixVector = 8;

/// A cooperative matrix of a subgroup: A is m x k, B is k x n, both in the path's format.
struct Matrix {
  std::uint32_t m = 0, n = 0, k = 0;
  [[nodiscard]] std::uint64_t products() const { return std::uint64_t{m} * n * k; }
  bool operator==(const Matrix&) const = default;
};

/// Whether the path's operands give what it sums in.
bool has_formats_of(Precision precision, const CooperativeMatrixShape& shape);

/// What the path multiplies on matrix units, as Vulkan spells it: "float16" or "bfloat16".
std::string_view matrix_operand_type(Precision precision);
/// What it sums in: "float16" or "float32".
std::string_view matrix_sum_type(Precision precision);

/// The largest that suits, with the most products for each element that is loaded; none if the
/// device lists none.
std::optional<Matrix> best_matrix(Precision precision, const DeviceTraits& device);

/// A cooperative matrix that the invocations of a workgroup share.
struct SharedMatrix {
  Matrix matrix;
  std::uint32_t threads = 0;
  bool operator==(const SharedMatrix&) const = default;
};

/// From small to large, for as many invocations as the device wants, with sums that these have the
/// registers for, each once; empty where the device shares none of the path's matrices.
std::vector<SharedMatrix> shared_matrices(Precision precision, const DeviceTraits& device);

}  // namespace gpubench
