// softmax.h — softmax of rows on the CPU: in fp32 as a reference, in fp64 as the oracle.
// exp(x - max) / sum, the maximum always taken out first.
#pragma once

#include <cstdint>
#include <span>

namespace gpubench {

/// All rows, in fp32 arithmetic. Spans of rows x columns elements.
void softmax_fp32(std::span<const float> x, std::uint64_t columns, std::span<float> out);

/// One row, in fp64 arithmetic.
void softmax_fp64(std::span<const float> x, std::span<double> out);

}  // namespace gpubench
