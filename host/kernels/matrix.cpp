#include "kernels/matrix.h"

namespace gpubench {
namespace {

bool suits(const CooperativeMatrixShape& shape, Precision precision) {
  const bool whole_vectors =
      shape.m % kMatrixVector == 0 && shape.n % kMatrixVector == 0 && shape.k % kMatrixVector == 0;
  return whole_vectors && shape.scope == "subgroup" && has_formats_of(precision, shape);
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

}  // namespace gpubench
