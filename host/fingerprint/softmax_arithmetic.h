// softmax_arithmetic.h — a softmax as a given arithmetic computes it, but for one thing: exp is
// rounded correctly, which no device promises. Emulated rows are therefore near, never exact.
#pragma once

#include <string>
#include <vector>

#include "emulator/arithmetic.h"
#include "kernels/problem.h"

namespace gpubench {

/// y = exp(x - max) / Σ exp(x - max) over a row.
struct SoftmaxArithmetic {
  NumberRule input;                          ///< How x enters.
  NumberFormat exp = NumberFormat::fp32;     ///< Of the difference and its exp.
  NumberFormat sum = NumberFormat::fp32;     ///< Of the running sum.
  Combining order = Combining::sequential;   ///< Of the sum.
  NumberFormat output = NumberFormat::fp32;  ///< Of the quotient.
  /// As 2^(y·log2 e) with the product rounded, as most devices do, or as e^y.
  enum class Base : std::uint8_t { two, e } base = Base::two;
  enum class Shift : std::uint8_t { by_maximum, none } shift = Shift::by_maximum;
  bool operator==(const SoftmaxArithmetic&) const = default;
};

/// x at some places of a row; everywhere else it is kFarBelow, whose exp is 0 in any format.
struct SoftmaxRow {
  std::vector<std::size_t> columns;  ///< Ascending.
  std::vector<float> x;
};
/// Exact in fp16, and far enough from all other x that it adds nothing.
inline constexpr float kFarBelow = -60000.0F;

/// exp(x - max) of each row at its places, which input, exp, base and shift alone decide.
std::vector<std::vector<float>> exponentials(const SoftmaxArithmetic& arithmetic,
                                             const std::vector<SoftmaxRow>& rows);
bool same_exponentials(const SoftmaxArithmetic& one, const SoftmaxArithmetic& other);
/// Each row over its sum.
std::vector<std::vector<float>> shares(const SoftmaxArithmetic& arithmetic,
                                       std::vector<std::vector<float>> exponentials);
/// Both: y of each row at its places.
std::vector<std::vector<float>> emulate_softmax(const SoftmaxArithmetic& arithmetic,
                                                const std::vector<SoftmaxRow>& rows);

/// Largest relative error of an output that Vulkan lets a device make on such a row: exp off by
/// 3 + 2|y| ulp (1 + 2|y| in fp16), a quotient by 2.5, and sums of `terms` rounded one by one.
/// `depth` is the largest |y| = |x - max|.
double allowed_error(const SoftmaxArithmetic& arithmetic, double depth, std::size_t terms);

/// Significand bits of the parts.
struct SoftmaxBits {
  int input = 24;
  int exp = 24;
  int sum = 24;
  int output = 24;
  bool operator==(const SoftmaxBits&) const = default;
};
SoftmaxBits bits_of(const SoftmaxArithmetic& arithmetic);
/// What a path declares: sums are FP32 on every path (docs/inputs-and-reference.md).
SoftmaxBits declared_softmax_bits(Precision precision);
/// Whether any part has fewer bits.
bool has_fewer(const SoftmaxBits& observed, const SoftmaxBits& declared);

/// "fp16 inputs, fp16 exp, fp32 sums, fp16 output". Where several `sums` cannot be told apart it
/// names them all; their order is never claimed.
std::string softmax_name(const SoftmaxArithmetic& arithmetic,
                         const std::vector<NumberFormat>& sums);

/// Every combination of formats that is tried, those of the same exponentials together.
std::vector<SoftmaxArithmetic> softmax_choices(NumberFormat storage, NumberFormat output);

}  // namespace gpubench
