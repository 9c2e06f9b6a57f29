#include "kernels/matrix.h"

#include <algorithm>
#include <array>

#include "kernels/contract.h"

namespace gpubench {
namespace {

bool suits(const CooperativeMatrixShape& shape, Precision precision) {
  const bool whole_vectors =
      shape.m % kMatrixVector == 0 && shape.n % kMatrixVector == 0 && shape.k % kMatrixVector == 0;
  return whole_vectors && shape.scope == "subgroup" && has_formats_of(precision, shape);
}

// What others found good for products.
constexpr std::array kSharedSizes{Matrix{64, 64, 64}, Matrix{128, 128, 64}, Matrix{128, 256, 32}};
// FP32 registers of an invocation; one holds two sums in FP16.
constexpr std::uint64_t kMostRegisters = 128;

Matrix rounded_up(const Matrix& matrix, const CooperativeMatrixShape& granule) {
  return {ceil_div(matrix.m, granule.m) * granule.m, ceil_div(matrix.n, granule.n) * granule.n,
          ceil_div(matrix.k, granule.k) * granule.k};
}

bool is_within_limits(const SharedMatrix& shared, Precision precision, const DeviceTraits& device) {
  const auto& [matrix, threads] = shared;
  const std::uint32_t most_threads = std::min(
      device.max_workgroup_invocations, device.cooperative_matrix_2.max_workgroup_invocations);
  const std::uint64_t sum_bytes = std::uint64_t{matrix.m} * matrix.n * compute_bytes(precision);
  return threads > 0 && threads <= most_threads &&
         std::max({matrix.m, matrix.n, matrix.k}) <= device.cooperative_matrix_2.max_dimension &&
         sum_bytes <= kMostRegisters * sizeof(float) * threads;
}

}  // namespace

bool has_formats_of(Precision precision, const CooperativeMatrixShape& shape) {
  const std::string_view operand = matrix_operand_type(precision);
  const std::string_view sum = matrix_sum_type(precision);
  return shape.a_type == operand && shape.b_type == operand && shape.c_type == sum &&
         shape.result_type == sum;
}

std::string_view matrix_operand_type(Precision precision) {
  return precision == Precision::bf16 ? "bfloat16" : "float16";
}

std::string_view matrix_sum_type(Precision precision) {
  return precision == Precision::fp16 ? "float16" : "float32";
}

std::optional<Matrix> best_matrix(Precision precision, const DeviceTraits& device) {
  std::optional<Matrix> best;
  for (const CooperativeMatrixShape& shape : device.cooperative_matrices) {
    const Matrix matrix{shape.m, shape.n, shape.k};
    if (!suits(shape, precision)) continue;
    if (!best || matrix.products() > best->products()) best = matrix;
  }
  return best;
}

std::vector<SharedMatrix> shared_matrices(Precision precision, const DeviceTraits& device) {
  const CooperativeMatrix2& matrices = device.cooperative_matrix_2;
  std::vector<SharedMatrix> shared;
  if (!matrices.workgroup_scope || !matrices.flexible_dimensions) return shared;
  for (const Matrix& size : kSharedSizes) {
    for (const auto& [granule, threads] : matrices.flexible_shapes) {
      if (granule.scope != "workgroup" || !has_formats_of(precision, granule)) continue;
      const SharedMatrix candidate{rounded_up(size, granule), threads};
      const bool is_new = std::ranges::find(shared, candidate) == shared.end();
      if (is_new && is_within_limits(candidate, precision, device)) shared.push_back(candidate);
    }
  }
  return shared;
}

}  // namespace gpubench
