#include "kernels/matrix.h"

namespace gpubench {
namespace {

bool suits(const CooperativeMatrixShape& shape, Precision precision) {
  const bool whole_vectors =
      shape.m % kMatrixVector == 0 && shape.n % kMatrixVector == 0 && shape.k % kMatrixVector == 0;
  return whole_vectors && shape.scope == "subgroup" && multiplies_fp16(shape, precision);
}

}  // namespace

bool multiplies_fp16(const CooperativeMatrixShape& shape, Precision precision) {
  const std::string_view sum = matrix_sum_type(precision);
  return shape.a_type == "float16" && shape.b_type == "float16" && shape.c_type == sum &&
         shape.result_type == sum;
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
