// fill.h — input data by a counter-based generator (Philox4x32-10): any element of any tensor can
// be made anywhere, in any order, on any number of threads, with the same bits.
// Pure but for Fill::file. Values are fp32; quantising them to a storage format is `quantise`.
// docs/inputs-and-reference.md defines every fill and says what it would expose.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "kernels/problem.h"

namespace gpubench {

enum class Tensor : std::uint8_t { a, b, bias };

/// Fills `out` with elements [first, first + out.size()) of the tensor, row-major.
/// Fails (kind input) only for Fill::file: file missing, wrong dtype or wrong shape.
Outcome fill_tensor(const Problem& problem, Tensor tensor, std::uint64_t first,
                    std::span<float> out);

/// Whether B is stored n x k, as for layout nt and always for linear.
inline bool is_b_transposed(const Problem& problem) {
  return problem.layout == Layout::nt || problem.op == Op::linear;
}

/// Rounds values to the storage format, in place, as the upload will.
void quantise(std::span<float> values, Format format);

}  // namespace gpubench
