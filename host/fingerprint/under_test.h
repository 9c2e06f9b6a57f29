// under_test.h — something that multiplies matrices, as the fingerprint sees it: a shape and a
// call.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "emulator/matmul.h"

namespace gpubench {

struct MatmulUnderTest {
  MatmulShape shape;
  NumberFormat storage = NumberFormat::fp32;  ///< Of A, B and C in memory.
  /// C of row-major A and B, whose values the storage format holds exactly.
  std::function<Result<std::vector<float>>(std::span<const float> a, std::span<const float> b)>
      multiply;
};

}  // namespace gpubench
