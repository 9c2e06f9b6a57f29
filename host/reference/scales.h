// scales.h — the size of the numbers behind each output element, against which an error is large
// or small.
#pragma once

#include <vector>

#include "kernels/problem.h"
#include "reference/inputs.h"

namespace gpubench {

/// The scale of element (i, j) is row[i] · column[batch·columns + j].
struct ErrorScales {
  std::vector<double> row;
  std::vector<double> column;
};

/// ‖a_i‖₂ and ‖b_j‖₂. A bias counts as one more product, 1·bias_j.
ErrorScales product_scales(const Problem& problem, const Inputs& inputs);

/// The largest result of each row, and 1.
ErrorScales softmax_scales(std::span<const float> results, std::uint64_t columns);

}  // namespace gpubench
