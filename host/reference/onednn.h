// onednn.h — FP32 matrix products by oneDNN, never in a lower precision. The only place that knows
// oneDNN.
#pragma once

#include <string>

#include "kernels/problem.h"

namespace gpubench {

enum class Transposed { no, yes };

/// C = A·B for every batch member; B is n x k if transposed. Inputs are never rounded to a lower
/// precision, whatever oneDNN's environment variables say. Uses all cores of the affinity mask.
/// Throws std::exception if oneDNN fails.
void onednn_product(const Shape& shape, Transposed b_transposed, const float* a, const float* b,
                    float* c);

/// "2.6.3": the library in use, not the headers.
std::string onednn_version();

}  // namespace gpubench
