// inputs.h — a problem's input tensors in host memory, as a device would have them: generated and
// rounded to the storage format.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "kernels/fill.h"
#include "reference/float_array.h"

namespace gpubench {

struct Inputs {
  FloatArray a;             ///< For softmax: the input.
  FloatArray b;             ///< Empty for softmax.
  std::vector<float> bias;  ///< Empty if there is none.
};

Result<Inputs> make_inputs(const Problem& problem, Format storage);

/// What tolerances need to know of the data.
struct InputFacts {
  double largest = 0;                ///< Largest |input| that is finite.
  double half_subnormal_share = 0;   ///< Non-zero elements below 2^-14.
  double float_subnormal_share = 0;  ///< Non-zero elements below 2^-126.
};

/// Over A and B together.
InputFacts facts_of(const Inputs& inputs);

}  // namespace gpubench
