#include "kit/identify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <tuple>

#include "arrays/array_file.h"
#include "kit/linear_layer.h"

namespace gpubench {
namespace {

using Multiply = std::function<std::vector<float>(const RandomProduct&)>;

Multiply emulated(const MatmulArithmetic& arithmetic) {
  return [arithmetic](const RandomProduct& product) {
    return emulate_matmul(arithmetic, product.shape, product.a, product.b);
  };
}

std::vector<float> run(const KitPlan& plan, const Multiply& multiply) {
  std::vector<float> outputs;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const std::vector<float> c = multiply(plan.operands(i));
    outputs.insert(outputs.end(), c.begin(), c.end());
  }
  return outputs;
}

class IdentifyTest : public testing::Test {
 protected:
  Result<Identification> said(std::vector<float> outputs, Precision declared = Precision::fp32) {
    const KitRecording recording(*plan, std::move(outputs));
    return identify(recording, declared_for_kit(declared, plan->settings().storage));
  }

  void expect(const Multiply& multiply, PrecisionVerdict verdict, const std::string& name,
              Precision declared = Precision::fp32) {
    const auto answer = said(run(*plan, multiply), declared);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->inconclusive, "");
    EXPECT_EQ(to_string(answer->fingerprint.verdict), to_string(verdict));
    EXPECT_NE(answer->fingerprint.reason.find(name), std::string::npos)
        << answer->fingerprint.reason;
  }

  std::unique_ptr<KitPlan> plan =
      std::make_unique<KitPlan>(KitSettings{.shape = {.m = 40, .n = 48, .k = 56}});
};

constexpr auto kFp16 = NumberFormat::fp16;
constexpr auto kBf16 = NumberFormat::bf16;

TEST_F(IdentifyTest, Fp32IsConfirmedWhateverItsOrder) {
  MatmulArithmetic fp32 = {.multiply_add = MultiplyAdd::fused};
  expect(emulated(fp32), PrecisionVerdict::confirmed, "fused fp32 sums, sequential");
  fp32.order = {.groups = SummationOrder::Groups::chunks, .lanes = 2, .starts = {0, 32, 44}};
  expect(emulated(fp32), PrecisionVerdict::confirmed, "2 lanes in blocks from k = 0, 32, 44");
  fp32.multiply_add = MultiplyAdd::separate;
  fp32.order = {.within = Combining::pairwise};
  expect(emulated(fp32), PrecisionVerdict::confirmed, "separate fp32 sums, pairwise");
}

TEST_F(IdentifyTest, ShortInputsSumsAndOutputsAreNamed) {
  using enum PrecisionVerdict;
  expect(emulated({.a = {kBf16}, .b = {kBf16}}), downgraded, "bf16 inputs");
  expect(emulated({.a = {kBf16}}), downgraded, "bf16 by fp32 inputs");
  expect(emulated({.a = {NumberFormat::tf32, RoundingMode::toward_zero},
                   .b = {NumberFormat::tf32, RoundingMode::toward_zero}}),
         downgraded, "tf32 (RZ) inputs");
  expect(emulated({.a = {kFp16}, .b = {kFp16}}), downgraded, "fp16 inputs, fused or separate fp32");
  expect(emulated({.a = {kFp16}, .b = {kFp16}, .accumulator = {kFp16}, .across = {kFp16}}),
         downgraded, "fp16 inputs, separate fp16 sums");
  expect(emulated({.output = {kBf16}}), downgraded,
         "fp32 inputs, separate fp32 sums, sequential, "
         "bf16 output");
  expect(emulated({.a = {kBf16}, .b = {kBf16}, .output = {kBf16}}), confirmed, "bf16 output",
         Precision::bf16);
  expect(emulated({.accumulator = {NumberFormat::fp64}}), better, "fp64 sums");
}

// A short output counts few terms, and few pairs of masks fit where operands are short as well; but
// every k is masked somewhere.
TEST_F(IdentifyTest, UnevenChunksAreFoundToTheTermBehindShortOutputs) {
  plan = std::make_unique<KitPlan>(KitSettings{.shape = {.m = 72, .n = 56, .k = 300}});
  const SummationOrder uneven = {.groups = SummationOrder::Groups::chunks, .starts = {0, 134, 223}};
  for (const NumberFormat format : {kBf16, kFp16}) {
    const MatmulArithmetic ends = {
        .a = {format}, .b = {format}, .order = uneven, .output = {format}};
    expect(emulated(ends), PrecisionVerdict::downgraded, "blocks from k = 0, 134, 223");
  }
  expect(emulated({.order = uneven, .output = {kBf16}}), PrecisionVerdict::downgraded,
         "fp32 inputs, separate fp32 sums, blocks from k = 0, 134, 223, bf16 output");
}

// The edge kernels of CPU libraries sum the same chunks in lanes; each region has its own profile.
TEST_F(IdentifyTest, EdgeThatSumsInLanesIsNamedThoughItHasFewPairs) {
  plan = std::make_unique<KitPlan>(KitSettings{.shape = {.m = 72, .n = 56, .k = 300}});
  MatmulArithmetic half = {.a = {kFp16}, .b = {kFp16}, .output = {kFp16}};
  half.order = {.groups = SummationOrder::Groups::chunks, .starts = {0, 134, 223}};
  MatmulArithmetic laned = half;
  laned.order.lanes = 2;
  const Multiply with_edge = [=](const RandomProduct& product) {
    std::vector<float> c = emulated(half)(product);
    const std::vector<float> edge = emulated(laned)(product);
    const std::size_t n = product.shape.n;
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (i % n >= n - 3) c[i] = edge[i];
    }
    return c;
  };

  const auto answer = said(run(*plan, with_edge));

  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->fingerprint.regions.size(), 2U);
  const auto& [first, second] =
      std::tie(answer->fingerprint.regions[0], answer->fingerprint.regions[1]);
  EXPECT_NE(first.name.find("sums, blocks from k = 0, 134, 223"), std::string::npos) << first.name;
  EXPECT_NE(second.name.find("sums, 2 lanes in blocks from k = 0, 134, 223"), std::string::npos)
      << second.name;
  EXPECT_NE(profile_hash(first.inference.profile), profile_hash(second.inference.profile));
}

TEST_F(IdentifyTest, MatrixUnitIsNamed) {
  MatmulArithmetic unit = {.a = {kFp16}, .b = {kFp16}, .multiply_add = MultiplyAdd::block};
  unit.block = {.width = 8, .extra_bits = 1};
  unit.accumulator.rounding = RoundingMode::toward_zero;
  unit.across = unit.accumulator;
  expect(emulated(unit), PrecisionVerdict::downgraded, "fp16 inputs, 8-wide adder +1 bits");
}

TEST_F(IdentifyTest, KitOfFp16InputsDoesNotAccuseWideSums) {
  plan = std::make_unique<KitPlan>(
      KitSettings{.shape = {.m = 40, .n = 48, .k = 56}, .storage = kFp16});
  const MatmulArithmetic half = {.a = {kFp16}, .b = {kFp16}, .output = {kFp16}};
  expect(emulated(half), PrecisionVerdict::better, "fp32 sums", Precision::fp16);
  expect(emulated({}), PrecisionVerdict::confirmed, "fp32 sums", Precision::fp32);
}

// As a library's edge kernels do: another order in some rows, another precision in a few.
TEST_F(IdentifyTest, RowsAndColumnsThatDifferAreSeen) {
  const Multiply fp32 = emulated({.multiply_add = MultiplyAdd::fused});
  const auto with_tail = [&](const MatmulArithmetic& tail) -> Multiply {
    return [=](const RandomProduct& product) {
      std::vector<float> c = fp32(product);
      const std::vector<float> other = emulated(tail)(product);
      const std::size_t n = product.shape.n;
      std::copy(other.end() - static_cast<std::ptrdiff_t>(3 * n), other.end(),
                c.end() - static_cast<std::ptrdiff_t>(3 * n));
      return c;
    };
  };
  const SummationOrder lanes = {.groups = SummationOrder::Groups::lanes, .size = 4};
  expect(with_tail({.multiply_add = MultiplyAdd::fused, .order = lanes}),
         PrecisionVerdict::confirmed, "fused fp32 sums, sequential");
  expect(with_tail({.a = {kFp16}, .b = {kFp16}}), PrecisionVerdict::downgraded,
         "fp16 inputs, fused or separate fp32 sums, sequential");
}

TEST_F(IdentifyTest, WhatNoKnownPathGivesIsUnresolved) {
  // Every operand cut to 20 bits: no format has that many.
  const Multiply cut = [](RandomProduct product) {
    for (float& value : product.a) {
      value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xFFFFFFF0U);
    }
    return emulated({})(product);
  };
  const auto answer = said(run(*plan, cut));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->fingerprint.verdict, PrecisionVerdict::unresolved);
}

/// FP32 whose products and sums `step` makes.
template <class Step>
Multiply stepwise(Step step) {
  return [step](const RandomProduct& product) {
    const auto [m, n, k] = product.shape;
    std::vector<float> c;
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        float sum = 0;
        for (std::size_t p = 0; p < k; ++p) {
          sum = step(product.a[i * k + p], product.b[p * n + j], sum);
        }
        c.push_back(sum);
      }
    }
    return c;
  };
}

// Random data are the same to the bit: only Z5 tells such paths from FP32.
TEST_F(IdentifyTest, InfinitiesAndNanThatVanishAreSaid) {
  expect(stepwise([](float a, float b, float sum) {
           return a == 0 || b == 0 ? sum : std::fma(a, b, sum);
         }),
         PrecisionVerdict::confirmed, "to the bit; Inf · 0 gives 0, not NaN, and 1 more");
  expect(stepwise([](float a, float b, float sum) {
           return std::isnan(a) || std::isnan(b) ? sum : std::fma(a, b, sum);
         }),
         PrecisionVerdict::confirmed, "to the bit; NaN · 1 gives 0, not NaN, and 1 more");
}

Multiply with_last_of_k_in_bf16(std::size_t count, bool of_b) {
  return [=](RandomProduct product) {
    const auto [m, n, k] = product.shape;
    for (std::size_t i = 0; i < product.a.size(); ++i) {
      float& value = product.a[i];
      if (!of_b && i % k >= k - count) value = static_cast<float>(rounded({kBf16}, value));
    }
    for (std::size_t i = 0; i < product.b.size(); ++i) {
      float& value = product.b[i];
      if (of_b && i / n >= k - count) value = static_cast<float>(rounded({kBf16}, value));
    }
    return emulated({})(product);
  };
}

TEST_F(IdentifyTest, ShortFormatInThePartOfKWhereItIsIsSaid) {
  expect(with_last_of_k_in_bf16(1, false), PrecisionVerdict::unresolved,
         "; 4/3 · 1 at k = 55 gives 1.3359375, not 1.3333334");
  expect(with_last_of_k_in_bf16(1, true), PrecisionVerdict::unresolved,
         "; 1 · 4/3 at k = 55 gives 1.3359375, not 1.3333334");
}

// A path that skips tiny parts of k which random data do not touch: the probes still count.
TEST_F(IdentifyTest, StoppedSumIsSaidThoughRandomOutputsAgree) {
  const float most = 32;  // Random sums of this size have fractions.
  expect(
      [=](const RandomProduct& product) {
        std::vector<float> c = emulated({})(product);
        for (float& value : c) {
          if (value == 56) value = most;
        }
        return c;
      },
      PrecisionVerdict::unresolved, "to the bit; ones at every k gives 32, not 56");
}

TEST_F(IdentifyTest, RowsOfZerosThatAreMixedAreSaid) {
  expect(
      [](const RandomProduct& product) {
        std::vector<float> c = emulated({})(product);
        const std::size_t half = c.size() / 2;
        // As if the lower half had been added to the upper and taken away again, piece by piece.
        for (std::size_t i = 0; i < half; ++i) {
          const float other = c[i + half];
          c[i] = c[i] + 3 * other - other - other - other;
        }
        return c;
      },
      PrecisionVerdict::unresolved, "rows of zeros in A came out");
}

TEST_F(IdentifyTest, OtherBitsInEverySecondProductAreNondeterministic) {
  int calls = 0;
  expect(
      [&](const RandomProduct& product) {
        const std::uint32_t size = ++calls % 2 == 0 ? 8 : 16;
        return emulated({.order = {.groups = SummationOrder::Groups::blocks, .size = size}})(
            product);
      },
      PrecisionVerdict::nondeterministic, "the second time");
}

TEST_F(IdentifyTest, WrongProductsAreWrong) {
  const Multiply last_missing = [](RandomProduct product) {
    for (std::size_t j = 0; j < product.shape.n; ++j) {
      product.b[(product.shape.k - 1) * product.shape.n + j] = 0;
    }
    return emulated({})(product);
  };
  expect(last_missing, PrecisionVerdict::wrong, "are wrong");
}

TEST_F(IdentifyTest, OtherBitsTheSecondTimeAreNondeterministic) {
  std::vector<float> outputs = run(*plan, emulated({}));
  outputs.back() = std::nextafter(outputs.back(), 0.0F);
  const auto answer = said(outputs);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->fingerprint.verdict, PrecisionVerdict::nondeterministic);
}

TEST_F(IdentifyTest, ConstantsAndNanProveNothing) {
  const std::vector<float> outputs = run(*plan, emulated({}));
  for (const float value : {0.0F, 1.5F, std::numeric_limits<float>::quiet_NaN()}) {
    const auto answer = said(std::vector<float>(outputs.size(), value));
    ASSERT_TRUE(answer.ok());
    EXPECT_NE(answer->inconclusive.find("nothing was multiplied"), std::string::npos);
  }
}

TEST_F(IdentifyTest, OutputsInAnotherOrderProveNothing) {
  std::vector<float> outputs = run(*plan, emulated({}));
  std::rotate(outputs.begin(), outputs.begin() + 40 * 48, outputs.end());
  const auto answer = said(outputs);
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->inconclusive.find("not in their order"), std::string::npos);
}

TEST_F(IdentifyTest, OutputsOfAnotherKitAreRefused) {
  const KitPlan other({.shape = plan->settings().shape, .seed = 43});
  const auto answer = said(run(other, emulated({})));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::input);
  EXPECT_NE(answer.error().message.find(other.id()), std::string::npos);
}

TEST(KitPlan, EveryInputIsANumberOfItsStorage) {
  const KitPlan plan({.shape = {.m = 16, .n = 8, .k = 40}, .storage = kFp16});
  for (std::size_t i = 0; i < plan.size(); ++i) {
    for (const auto& values : {plan.operands(i).a, plan.operands(i).b}) {
      for (const float value : values) {
        const auto stored = static_cast<float>(rounded({kFp16}, value));
        ASSERT_TRUE(same_answer(stored, value)) << value << " in product " << i;
      }
    }
  }
}

TEST(KitSettings, ShapesThatAreTooSmallOrTooLargeAreRefused) {
  for (const MatmulShape& shape : {MatmulShape{7, 8, 16},
                                   {8, 7, 16},
                                   {8, 8, 15},
                                   {4096, 4096, 4096},
                                   {1 << 20, 1 << 20, 16}}) {
    const auto checked = check_kit_settings({.shape = shape});
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().kind, ErrorKind::usage);
  }
  EXPECT_TRUE(check_kit_settings({.shape = {8, 8, 16}}).ok());
}

TEST(LinearLayer, HasThePublishedWeights) {
  const auto file = ArrayFile::open(GPUBENCH_SCENARIOS_DIR "/data/mlp_weight.npy");
  ASSERT_TRUE(file.ok()) << file.error().message;
  std::vector<double> weights(kLinearWeights.size());
  ASSERT_TRUE(file->read(0, weights).ok());
  EXPECT_TRUE(std::equal(weights.begin(), weights.end(), kLinearWeights.begin()));
}

}  // namespace
}  // namespace gpubench
