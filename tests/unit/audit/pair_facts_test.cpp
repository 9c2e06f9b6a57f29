#include "audit/pair_facts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/audit/made_arrays.h"

namespace gpubench {
namespace {

using audit_tests::fp32_products;
using audit_tests::rounded;
using audit_tests::Values;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

PairFacts facts_between(const Values& reference, const Values& output) {
  double squares = 0;
  for (const double value : reference) squares += std::isfinite(value) ? value * value : 0;
  PairCollector collector(std::sqrt(squares / static_cast<double>(reference.size())));
  collector.add(0, reference, output);
  return collector.facts();
}

TEST(PairFacts, MetricsOfAHandMadePair) {
  // e = 1, -2, 0; R = 3, 4, 12; |R|² = 169, |e|² = 5, e·R = 3 - 8 = -5.
  const PairFacts facts = facts_between({3, 4, 12}, {4, 2, 12});

  EXPECT_EQ(facts.max_abs_err, 2);
  EXPECT_EQ(facts.worst_index, 1U);
  EXPECT_EQ(facts.worst_reference, 4);
  EXPECT_EQ(facts.worst_output, 2);
  EXPECT_DOUBLE_EQ(facts.mean_abs_err, 1);
  EXPECT_DOUBLE_EQ(facts.bias, -1.0 / 3);
  EXPECT_DOUBLE_EQ(facts.outward_bias, -1.0 / 3);
  EXPECT_DOUBLE_EQ(facts.rmse, std::sqrt(5.0 / 3));
  EXPECT_DOUBLE_EQ(facts.max_rel_err, 0.5);
  EXPECT_DOUBLE_EQ(facts.rel_fro_err, std::sqrt(5.0 / 169));
  EXPECT_DOUBLE_EQ(facts.nmse, 5.0 / 169);
  // cos = (R·G)/(|R||G|) with R·G = 12 + 8 + 144 and |G|² = 16 + 4 + 144.
  EXPECT_NEAR(facts.one_minus_cosine, 1 - 164 / std::sqrt(169.0 * 164.0), 1e-15);
  EXPECT_EQ(facts.counts.compared, 3U);
  EXPECT_EQ(facts.counts.identical, 1U);
}

TEST(PairFacts, CosineKeepsItsDigitsWhereThePlainFormulaLosesThem) {
  // e = 1e-9 at a right angle to R = (1, 0): 1 - cos = 1e-18/2, far below a double's 1.1e-16.
  EXPECT_NEAR(facts_between({1, 0}, {1, 1e-9}).one_minus_cosine / 5e-19, 1, 1e-6);
}

TEST(PairFacts, UlpsOfThePublishedCase) {
  const PairFacts facts =
      facts_between({0.6480752, -0.34015813, 1.4329923}, {0.6484375, -0.34033203125, 1.4326171875});
  const LatticeFacts& fp16 = facts.on(Lattice::fp16);

  // 3.623e-4/2^-11 = 0.742; the others are 0.712 and 0.384.
  EXPECT_NEAR(fp16.max_ulps, 0.742, 5e-4);
  EXPECT_NEAR(fp16.mean_ulps, (0.742 + 0.712 + 0.384) / 3, 5e-4);
  EXPECT_EQ(fp16.above_half, 2U);
  EXPECT_EQ(fp16.beyond_half, 2U);
  EXPECT_EQ(fp16.informative, 3U);
  EXPECT_EQ(fp16.on_lattice, 3U);
  EXPECT_EQ(fp16.rounded, 1U);  // The third: 0.384 ulp is less than half.
  EXPECT_EQ(fp16.chance_log2, -39);
}

/// Every count of the vector loop, by the scalar conversions of base/.
TEST(PairFacts, RoundTripsAgreeWithTheScalarConversions) {
  Values reference, output;
  for (const float value : audit_tests::normal_floats(3, 5003)) {
    // Magnitudes from 2^-20 to 2^10, so that fp16's subnormals occur.
    const int shift = static_cast<int>(reference.size() % 31) - 20;
    reference.push_back(static_cast<double>(std::ldexp(value, shift)));
  }
  // A third on each grid, a third off all.
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const auto value = static_cast<float>(reference[i]);
    const float stored = i % 3 == 0   ? round_to_half(value)
                         : i % 3 == 1 ? round_to_bf16(value)
                                      : value * (1 + 0x1p-22F);
    output.push_back(static_cast<double>(stored));
  }

  const PairFacts facts = facts_between(reference, output);

  for (const Lattice lattice : kAllLattices) {
    const auto round = [&](double value) {
      const auto narrow = static_cast<float>(value);
      if (lattice == Lattice::fp16) return static_cast<double>(round_to_half(narrow));
      return static_cast<double>(lattice == Lattice::bf16 ? round_to_bf16(narrow)
                                                          : round_to_tf32(narrow));
    };
    std::uint64_t informative = 0, on = 0, once = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const double r = reference[i], g = output[i];
      if (g == 0 || std::abs(round(r) - r) <= std::abs(r) * kOnGridAlready) continue;
      ++informative;
      on += round(g) == g;
      once += round(r) == g;
    }
    EXPECT_EQ(facts.on(lattice).informative, informative) << name_of(lattice);
    EXPECT_EQ(facts.on(lattice).on_lattice, on) << name_of(lattice);
    EXPECT_EQ(facts.on(lattice).rounded, once) << name_of(lattice);
  }
}

TEST(PairFacts, SpecialPairsAreCountedAndLeftOut) {
  //                        NaN  Inf   overflow clamp  missed  underflow ok
  const Values reference = {1, 1, 70000, 90000, kInf, 1e-9, 0.25};
  const Values output = {kNan, kInf, kInf, 65504, 7, 0, 0.25};

  const PairFacts facts = facts_between(reference, output);

  EXPECT_EQ(facts.elements, 7U);
  EXPECT_EQ(facts.counts.compared, 2U);  // 1e-9 against 0, and 0.25.
  EXPECT_EQ(facts.counts.spurious_nan, 1U);
  EXPECT_EQ(facts.counts.infinite, 2U);
  EXPECT_EQ(facts.counts.overflowed, 2U);
  EXPECT_EQ(facts.counts.spurious_infinite, 1U);  // 1 fits fp16, 70000 does not.
  EXPECT_EQ(facts.counts.missed, 1U);
  EXPECT_EQ(facts.counts.beyond_fp16, 3U);  // 70000, 90000, Inf.
  EXPECT_EQ(facts.counts.clamped, 1U);
  EXPECT_EQ(facts.counts.saturated, 2U);
  EXPECT_EQ(facts.counts.underflowed, 1U);
  EXPECT_EQ(facts.counts.underflowed_fp16, 1U);
  EXPECT_EQ(facts.max_abs_err, 1e-9);
}

TEST(PairFacts, NaNBesideAnInfiniteReferenceIsNotSpurious) {
  const PairFacts facts = facts_between({kInf, 1}, {kNan, 1});

  EXPECT_EQ(facts.counts.nan, 1U);
  EXPECT_EQ(facts.counts.spurious_nan, 0U);
}

TEST(PairFacts, ClampsNeedTheSameSign) {
  const PairFacts facts = facts_between({-90000, 90000}, {65504, 65504});

  EXPECT_EQ(facts.counts.clamped, 1U);
  EXPECT_EQ(facts.counts.compared, 1U);
}

TEST(PairFacts, QuantilesAreWithinTheirBin) {
  // |e| = 1/1000 … 1000/1000: the median is 0.5, 99 % are at most 0.99.
  Values reference(1000, 4.0), output;
  for (int i = 1; i <= 1000; ++i) output.push_back(4.0 + i / 1000.0);

  const PairFacts facts = facts_between(reference, output);

  EXPECT_NEAR(facts.abs_err_quantiles[0], 0.5, 0.5 / 16);
  EXPECT_GE(facts.abs_err_quantiles[0], 0.5);
  EXPECT_NEAR(facts.abs_err_quantiles[2], 0.99, 1.0 / 16);
  EXPECT_LE(facts.abs_err_quantiles[3], 1);
}

TEST(PairFacts, QuantilesLeaveOutWhatIsNotCompared) {
  // One error among nine NaN: no quantile is 0.
  Values reference(10, 1.0), output(10, kNan);
  output[4] = 1.25;

  EXPECT_EQ(facts_between(reference, output).abs_err_quantiles[0], 0.25);
}

TEST(PairFacts, PiecesJoinToTheWhole) {
  const auto products = fp32_products(11, 9001, 8);
  const Values output = rounded(products.backwards, [](float v) { return round_to_half(v); });
  const std::span<const double> r(products.forwards), g(output);
  PairCollector whole(1), first(1), second(1);
  whole.add(0, r, g);
  first.add(0, r.first(4999), g.first(4999));
  second.add(4999, r.subspan(4999), g.subspan(4999));

  first += second;

  const PairFacts expected = whole.facts(), joined = first.facts();
  EXPECT_EQ(joined.elements, expected.elements);
  EXPECT_EQ(joined.worst_index, expected.worst_index);
  EXPECT_EQ(joined.max_abs_err, expected.max_abs_err);
  EXPECT_EQ(joined.abs_err_quantiles, expected.abs_err_quantiles);
  EXPECT_NEAR(joined.rel_fro_err, expected.rel_fro_err, 1e-12);
  EXPECT_EQ(joined.on(Lattice::fp16).on_lattice, expected.on(Lattice::fp16).on_lattice);
  EXPECT_EQ(joined.counts.identical, expected.counts.identical);
}

TEST(PairFacts, RepeatedValuesCountOnce) {
  // A thousand times the same value: the round trip is one observation, 2^-13.
  const Values reference(1000, 0.6480752), output(1000, 0.6484375);

  const LatticeFacts fp16 = facts_between(reference, output).on(Lattice::fp16);

  EXPECT_EQ(fp16.on_lattice, 1000U);
  EXPECT_EQ(fp16.independent(), 1U);
  EXPECT_EQ(fp16.chance_log2, -13);
}

TEST(PairFacts, SurvivorsByChanceAreNoEvidence) {
  // Of a million FP32 values 122 survive the FP16 round trip by chance: the bound stays at 1.
  LatticeFacts facts;
  const auto products = fp32_products(5, 20000, 2);

  facts = facts_between(products.forwards, products.backwards).on(Lattice::fp16);

  EXPECT_LT(facts.on_lattice, 20U);
  EXPECT_GT(facts.chance_log2, -30);
}

}  // namespace
}  // namespace gpubench
