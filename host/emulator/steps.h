// steps.h — the inner loops: one element of A times a row of B, added to a row of sums.
// Knows nothing of matrices or of the order in which it is called.
#pragma once

#include <cstddef>
#include <span>

#include "emulator/arithmetic.h"

namespace gpubench {

/// sums[j] += a·b[j], product and sum each rounded to nearest in `format` (fp32, tf32, bf16 or
/// fp16). The same bits as the general step gives, and several times faster.
void add_products_to_nearest(NumberFormat format, float a, std::span<const float> b, float* sums);

/// `value` rounded to nearest, ties to even; as `rounded`, inline and for the same formats.
float rounded_to_nearest(NumberFormat format, float value);

/// The same for each value.
void round_to_nearest(NumberFormat format, std::span<float> values);

/// sums[j] += a·b[j], separate or fused.
void add_products(MultiplyAdd multiply_add, const NumberRule& accumulator, float a,
                  std::span<const float> b, double* sums);

/// Rows of B that a BlockAdder takes at once.
struct BlockTerms {
  const float* a;             ///< One element for each term.
  const float* const* b;      ///< One row for each term.
  std::size_t count;          ///< At most the adder's width.
  std::int64_t min_exponent;  ///< Of a product's operands together: subnormals have no less.
};
void add_block(const BlockAdder& adder, const NumberRule& accumulator, const BlockTerms& terms,
               std::size_t columns, double* sums);

/// sums[j] = sums[j] + more[j], rounded once.
void add_rows(const NumberRule& rule, std::span<const double> more, double* sums);

}  // namespace gpubench
