#include "drift/expected.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/drift/tensors.h"

namespace gpubench {
namespace {

using emulation::Tensor;

/// Two rows of two outputs of a product with ‖a‖·‖b‖ = k and |R| = √k: zero-mean data's own shape.
struct MadeRows {
  explicit MadeRows(double k) : tensor(2, 2, std::vector<float>(4)) {
    tensor.row_scale = {std::sqrt(k), std::sqrt(k)};
    tensor.column_scale = {std::sqrt(k), std::sqrt(k)};
    const double value = std::sqrt(k);
    tensor.oracle = {{0, 1}, {value, -value, value, value}};
  }
  Tensor tensor;
};

double expected_for(ToleranceInput input, std::uint64_t k) {
  input.k = k;
  const MadeRows made(static_cast<double>(k));
  return expected_rel_fro_err(input, made.tensor.view());
}

TEST(ExpectedDrift, ZeroMeanSumsGrowAsTheRootOfK) {
  const ToleranceInput input;

  // 0.4247·2^-24·√(1/2 + 1/k)·‖a‖‖b‖/|R|, and the latter is √k.
  EXPECT_NEAR(expected_for(input, 64), 0.4247 * 0x1p-24 * std::sqrt(33.0), 1e-12);
  EXPECT_NEAR(expected_for(input, 1024) / expected_for(input, 64), std::sqrt(513.0 / 33.0), 1e-6);
}

TEST(ExpectedDrift, PositiveSumsGrowByAThirdOfK) {
  ToleranceInput input;
  input.data = DataKind::positive;
  input.accumulated = kF16;

  EXPECT_NEAR(expected_for(input, 300), 0.4247 * 0x1p-11 * std::sqrt(101.0), 1e-9);
}

TEST(ExpectedDrift, RoundedInputsCostTheSameWhateverK) {
  ToleranceInput input;
  input.multiplied = kBf16;

  // √2·0.4247·2^-8 = 2.35e-3: what numerics of bf16 products on normal data show.
  EXPECT_NEAR(expected_for(input, 64), 2.346e-3, 1e-5);
  EXPECT_NEAR(expected_for(input, 65536), 2.346e-3, 1e-5);
}

TEST(ExpectedDrift, OutputInFp16IsRoundedOnce) {
  ToleranceInput input;
  input.stored = input.multiplied = input.output = kF16;

  EXPECT_NEAR(expected_for(input, 64), 0.4247 * 0x1p-11, 1e-8);
}

TEST(ExpectedDrift, IsSilentWhereTheoryHasABoundAlone) {
  ToleranceInput softmax, sigmoid, structured, exact;
  softmax.operation = Operation::softmax;
  sigmoid.activation = ActivationKind::sigmoid;
  structured.data = DataKind::structured;
  exact.data = DataKind::exact;

  for (const ToleranceInput& input : {softmax, sigmoid, structured, exact}) {
    EXPECT_TRUE(std::isnan(expected_for(input, 64)));
  }
  const Tensor without_oracle(2, 2, {1, 2, 3, 4});
  EXPECT_TRUE(std::isnan(expected_rel_fro_err({}, without_oracle.view())));
}

}  // namespace
}  // namespace gpubench
