// emulate.h — rows of an output as a given arithmetic would compute them, step by step in order:
// one product and one addition after the other, each rounded. Shows what a lower precision does to
// this very data. Knows nothing of tolerances.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "emulator/number_rule.h"
#include "kernels/problem.h"

namespace gpubench {

/// Formats to which steps round, to nearest, ties to even: fp32, tf32, bf16 or fp16. Inputs are
/// rounded to `multiplied`; products, sums and (for softmax and activations) the results
/// of functions to `accumulated`; the result to `output`.
struct Arithmetic {
  NumberFormat multiplied = NumberFormat::fp32;
  NumberFormat accumulated = NumberFormat::fp32;
  NumberFormat output = NumberFormat::fp32;
  bool operator==(const Arithmetic&) const = default;
};

/// What the path declares.
Arithmetic declared_arithmetic(Precision precision);

/// The nearest arithmetic that would be a downgrade of what the path declares. tf32 inputs for
/// fp32; fp16 sums for fp16_acc32; bf16 inputs for tf32; bf16 throughout for the others, whose
/// declared floor is fp16 (bf16's is its own inputs).
Arithmetic next_lower_arithmetic(Precision precision);

/// Rows of the flattened output, rows.size() x columns. Inputs are those of the problem, rounded
/// to the storage format first.
Result<std::vector<float>> emulate_rows(const Problem& problem, Format storage,
                                        const Arithmetic& arithmetic,
                                        std::span<const std::uint64_t> rows);

/// Some of `rows`, evenly spread and at least one, that emulation handles in about a second.
std::vector<std::uint64_t> affordable_rows(const Problem& problem,
                                           std::span<const std::uint64_t> rows);

}  // namespace gpubench
