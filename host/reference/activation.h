// activation.h — the activation functions, by their definitions in fp64.
#pragma once

#include <cmath>
#include <numbers>

#include "kernels/problem.h"

namespace gpubench {

/// gelu is the exact one, x·Φ(x), not the tanh approximation. NaN stays NaN.
inline double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x < 0 ? 0.0 : x;
    case Activation::gelu:
      return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

}  // namespace gpubench
