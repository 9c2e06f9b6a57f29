#include "fingerprint/fingerprint.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include "base/parallel.h"
#include "unit/fingerprint/ground_truth.h"

namespace gpubench {
namespace {

std::string validating_page() {
  std::ifstream file(GPUBENCH_DOCS_DIR "/validating.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// And docs/validating.md has the very line that fingerprint_table prints.
TEST(Fingerprint, EveryKnownPathIsNamedRightOrRightlyLeftOpen) {
  const std::vector<KnownPath> paths = known_paths();
  const std::string page = validating_page();
  ASSERT_GE(paths.size(), 25U);
  for (const KnownPath& path : paths) {
    const auto said = take_fingerprint(path.under_test, path.declared, 1);
    ASSERT_TRUE(said.ok()) << path.name;

    EXPECT_EQ(judged(path, *said), Judged::right)
        << path.name << ": " << to_string(said->verdict) << ", " << said->reason;
    EXPECT_NE(page.find(table_line(path, *said)), std::string::npos) << table_line(path, *said);
  }
}

TEST(Fingerprint, Fp32IsNeverAccusedWhateverTheSeed) {
  std::atomic<int> not_confirmed = 0;
  parallel_for(1000, 10, [&](std::size_t begin, std::size_t end) {
    for (std::size_t seed = begin; seed < end; ++seed) {
      const MatmulShape shape = {.m = 33, .n = 31, .k = 17 + seed % 7};
      const auto said =
          take_fingerprint(emulated_path(some_fp32(seed), shape), Precision::fp32, seed);
      const bool confirmed = said.ok() && said->verdict == PrecisionVerdict::confirmed;
      if (!confirmed) ++not_confirmed;
      if (!confirmed) ADD_FAILURE() << seed << ": " << (said ? said->reason : said.error().message);
    }
  });
  EXPECT_EQ(not_confirmed, 0);
}

TEST(Fingerprint, TellsTheFactsOfATf32Path) {
  const MatmulArithmetic tf32 = {.a = {NumberFormat::tf32, RoundingMode::toward_zero}};
  const auto said =
      take_fingerprint(emulated_path(tf32, {.m = 70, .n = 70, .k = 40}), Precision::fp32, 7);

  ASSERT_TRUE(said.ok());
  const RegionFingerprint& region = said->regions.front();
  EXPECT_EQ(region.inference.kept_bits_a, 10);
  EXPECT_EQ(region.inference.kept_bits_b, 23);
  EXPECT_EQ(region.inference.arithmetic.a.rounding, RoundingMode::toward_zero);
  EXPECT_TRUE(region.inference.unexplained.empty());
  EXPECT_GE(region.agreement.outputs, 4096U);
  EXPECT_EQ(said->verdict, PrecisionVerdict::downgraded);
}

TEST(Fingerprint, OrderHashTellsOrdersApartAndRepeats) {
  const auto hash = [](const SummationOrder& order) {
    const MatmulArithmetic arithmetic = {.order = order};
    const auto said = take_fingerprint(emulated_path(arithmetic, {.m = 70, .n = 40, .k = 64}),
                                       Precision::fp32, 1);
    return profile_hash(said->regions.front().inference.profile);
  };

  using Groups = SummationOrder::Groups;
  const std::vector<SummationOrder> orders = {
      {},
      {.within = Combining::pairwise},
      {.within = Combining::halving},
      {.groups = Groups::blocks, .size = 8},
      {.groups = Groups::blocks, .size = 16},
      {.groups = Groups::blocks, .size = 16, .across = Combining::pairwise},
      {.groups = Groups::blocks, .size = 8, .part = 32},
      {.groups = Groups::chunks, .starts = {0, 20, 47}},
      {.groups = Groups::lanes, .size = 4},
      {.groups = Groups::lanes, .size = 4, .across = Combining::pairwise},
      {.groups = Groups::chunks, .lanes = 2, .starts = {0, 20, 47}}};
  std::set<std::string> seen;
  for (const SummationOrder& order : orders) {
    EXPECT_EQ(hash(order), hash(order));
    EXPECT_EQ(hash(order).size(), 32U);
    seen.insert(hash(order));
  }
  EXPECT_EQ(seen.size(), orders.size());
}

// Matrix units whose k is split: the last part is as long as the others, shorter, or only a few
// terms of a block; k = 1111 has more terms than are masked.
TEST(Fingerprint, BlocksInPartsAreNamedAndConfirmed) {
  using enum NumberFormat;
  struct Row {
    std::uint32_t k, size, part;
  };
  for (const auto& [k, size, part] :
       {Row{64, 8, 32}, Row{96, 16, 48}, Row{96, 8, 64}, Row{107, 8, 32}, Row{1111, 8, 288}}) {
    for (const NumberFormat sum : {fp16, fp32}) {
      const NumberRule half = {fp16}, sums = {sum};
      const MatmulArithmetic arithmetic = {
          .a = half,
          .b = half,
          .accumulator = sums,
          .order = {.groups = SummationOrder::Groups::blocks, .size = size, .part = part},
          .across = sums,
          .output = half};
      const auto said =
          take_fingerprint(emulated_path(arithmetic, {.m = 70, .n = 70, .k = k}, fp16),
                           sum == fp16 ? Precision::fp16 : Precision::fp16_acc32, 7);
      ASSERT_TRUE(said.ok());
      EXPECT_EQ(said->verdict, PrecisionVerdict::confirmed) << k;
      EXPECT_EQ(order_name(said->regions.front().inference.arithmetic),
                fmt::format("blocks of {} in parts of {}", size, part));
    }
  }
}

/// FP32 whose products and sums `step` makes.
template <class Step>
MatmulUnderTest stepwise(const MatmulShape& shape, Step step) {
  return {shape, NumberFormat::fp32, [=](auto a, auto b) -> Result<std::vector<float>> {
            std::vector<float> c;
            for (std::size_t i = 0; i < shape.m; ++i) {
              for (std::size_t j = 0; j < shape.n; ++j) {
                float sum = 0;
                for (std::size_t p = 0; p < shape.k; ++p) {
                  sum = step(a[i * shape.k + p], b[p * shape.n + j], sum);
                }
                c.push_back(sum);
              }
            }
            return c;
          }};
}

// Random data are the same to the bit: only Z5 tells such paths from FP32.
TEST(Fingerprint, InfinitiesAndNanThatVanishAreSaid) {
  const MatmulShape shape = {.m = 70, .n = 70, .k = 24};
  const auto skipping = [](float a, float b, float sum) {
    return a == 0 || b == 0 ? sum : std::fma(a, b, sum);
  };
  const auto dropping = [](float a, float b, float sum) {
    return std::isnan(a) || std::isnan(b) ? sum : std::fma(a, b, sum);
  };

  const auto skips = take_fingerprint(stepwise(shape, skipping), Precision::fp32, 1);
  const auto drops = take_fingerprint(stepwise(shape, dropping), Precision::fp32, 1);

  ASSERT_TRUE(skips.ok() && drops.ok());
  EXPECT_EQ(skips->verdict, PrecisionVerdict::confirmed);
  EXPECT_EQ(skips->regions.front().odd_specials,
            (std::vector<std::string>{"Inf · 0 gives 0, not NaN", "0 · Inf gives 0, not NaN"}));
  EXPECT_NE(skips->reason.find("; Inf · 0 gives 0, not NaN, and 1 more"), std::string::npos);
  EXPECT_EQ(drops->verdict, PrecisionVerdict::confirmed);
  EXPECT_EQ(drops->regions.front().odd_specials,
            (std::vector<std::string>{"NaN · 1 gives 0, not NaN", "1 · NaN gives 0, not NaN"}));
  EXPECT_TRUE(skips->regions.front().odd_places.empty());
}

TEST(Fingerprint, ShortFormatInTheLastPartOfKIsSaidWhereItIs) {
  const MatmulShape shape = {.m = 70, .n = 70, .k = 48};
  const MatmulUnderTest path = {
      shape, NumberFormat::fp32, [&](auto a, auto b) -> Result<std::vector<float>> {
        std::vector<float> cut(a.begin(), a.end());
        for (std::size_t i = 0; i < cut.size(); ++i) {
          const bool last = i % shape.k >= 40;
          if (last) cut[i] = static_cast<float>(rounded({NumberFormat::bf16}, cut[i]));
        }
        return emulate_matmul({}, shape, cut, b);
      }};

  const auto said = take_fingerprint(path, Precision::fp32, 1);

  ASSERT_TRUE(said.ok());
  EXPECT_EQ(said->verdict, PrecisionVerdict::unresolved);
  EXPECT_EQ(said->regions.front().odd_places,
            std::vector<std::string>{"4/3 · 1 at k = 47 gives 1.3359375, not 1.3333334"});
}

TEST(Fingerprint, StrassenIsKnownByRowsOfZeros) {
  const std::vector<KnownPath> paths = known_paths();
  const auto path = std::ranges::find(paths, "fp32 by Strassen's seven products", &KnownPath::name);
  ASSERT_NE(path, paths.end());

  const auto said = take_fingerprint(path->under_test, path->declared, 1);

  ASSERT_TRUE(said.ok());
  EXPECT_NE(said->reason.find("rows of zeros in A came out"), std::string::npos) << said->reason;
  EXPECT_EQ(said->launches, 3);
}

// The name says nothing where an output differs, however small the difference.
TEST(Fingerprint, OneOutputInThousandsThatDiffersLeavesThePathUnresolved) {
  const MatmulShape shape = {.m = 70, .n = 70, .k = 32};
  const MatmulUnderTest honest = emulated_path({.multiply_add = MultiplyAdd::fused}, shape);
  const MatmulUnderTest off = {
      shape, NumberFormat::fp32, [&](auto a, auto b) -> Result<std::vector<float>> {
        auto c = honest.multiply(a, b);
        // Beyond any probe and any sum of signs, and found in a few random outputs of thousands.
        for (float& value : *c) {
          const bool hit =
              std::abs(value) > 90 && std::abs(value) < 256 && std::fmod(value, 1) != 0;
          if (hit) value = std::nextafter(value, 0.0F);
        }
        return c;
      }};

  const auto said = take_fingerprint(off, Precision::fp32, 1);

  ASSERT_TRUE(said.ok());
  EXPECT_EQ(said->verdict, PrecisionVerdict::unresolved);
  EXPECT_GT(said->regions.front().agreement.mismatches, 0U);
  EXPECT_LT(said->regions.front().agreement.mismatch_rate(), 0.05);
}

/// From the last k to the first, which no order that is known gives.
MatmulUnderTest backwards(const MatmulArithmetic& arithmetic, const MatmulShape& shape) {
  return {shape, NumberFormat::fp32, [=](auto a, auto b) -> Result<std::vector<float>> {
            const auto [m, n, k] = shape;
            std::vector<float> turned_a;
            std::vector<float> turned_b;
            for (std::size_t i = 0; i < m * k; ++i) {
              turned_a.push_back(a[i / k * k + (k - 1 - i % k)]);
            }
            for (std::size_t i = 0; i < k * n; ++i) {
              turned_b.push_back(b[(k - 1 - i / n) * n + i % n]);
            }
            return emulate_matmul(arithmetic, shape, turned_a, turned_b);
          }};
}

TEST(Fingerprint, WhatIsSureWithoutTheOrderIsSaidOfAnUnresolvedPath) {
  const MatmulShape shape = {.m = 70, .n = 70, .k = 64};
  const MatmulArithmetic reduced = {.a = {NumberFormat::bf16}, .output = {NumberFormat::fp16}};

  const auto said = take_fingerprint(backwards(reduced, shape), Precision::fp32, 1);
  const auto fp32 = take_fingerprint(backwards({}, shape), Precision::fp32, 1);

  ASSERT_TRUE(said.ok() && fp32.ok());
  EXPECT_EQ(said->verdict, PrecisionVerdict::unresolved);
  EXPECT_EQ(said->regions.front().proven,
            (std::vector<std::string>{"all of 4900 random outputs are numbers of fp16, as chance "
                                      "would have one in 8192",
                                      "7 of 23 fraction bits of A reach the result"}));
  EXPECT_NE(said->reason.find("; sure is: all of 4900"), std::string::npos) << said->reason;
  EXPECT_EQ(fp32->verdict, PrecisionVerdict::unresolved);
  EXPECT_TRUE(fp32->regions.front().proven.empty()) << fp32->reason;
  EXPECT_EQ(fp32->reason.find("sure is"), std::string::npos);
  EXPECT_EQ(profile_hash(fp32->regions.front().inference.profile).size(), 32U);
}

TEST(Fingerprint, TailIsFoundWhereItIs) {
  const MatmulShape shape = {.m = 40, .n = 40, .k = 32};
  const MatmulUnderTest path = {
      shape, NumberFormat::fp32, [&](auto a, auto b) -> Result<std::vector<float>> {
        auto c = emulate_matmul({}, shape, a, b);
        const auto tail = emulate_matmul({.a = {NumberFormat::bf16}}, shape, a, b);
        for (std::size_t i = 32 * shape.n; i < c.size(); ++i) c[i] = tail[i];
        return c;
      }};

  const auto said = take_fingerprint(path, Precision::fp32, 1);

  ASSERT_TRUE(said.ok());
  ASSERT_EQ(said->regions.size(), 2U);
  EXPECT_EQ(said->regions[0].verdict, PrecisionVerdict::confirmed);
  EXPECT_EQ(said->regions[1].verdict, PrecisionVerdict::downgraded);
  EXPECT_EQ(said->regions[1].region.rows.front(), 32U);
}

TEST(Fingerprint, FewLaunchesAreEnough) {
  const auto said = take_fingerprint(
      emulated_path({.multiply_add = MultiplyAdd::fused}, {.m = 300, .n = 256, .k = 64}),
      Precision::fp32, 1);

  ASSERT_TRUE(said.ok());
  // Integers, twice the same, rows, columns, masks, all other probes, random outputs.
  EXPECT_EQ(said->launches, 8);
}

TEST(Fingerprint, ErrorsOfThePathAreHandedOn) {
  const MatmulUnderTest failing = {
      {.m = 8, .n = 8, .k = 8}, NumberFormat::fp32, [](auto, auto) -> Result<std::vector<float>> {
        return Error{ErrorKind::device_lost, "gone"};
      }};

  const auto said = take_fingerprint(failing, Precision::fp32, 1);

  ASSERT_FALSE(said.ok());
  EXPECT_EQ(said.error().message, "gone");
}

TEST(Fingerprint, TooLittleDepthIsBadInput) {
  const auto said =
      take_fingerprint(emulated_path({}, {.m = 8, .n = 8, .k = 2}), Precision::fp32, 1);

  ASSERT_FALSE(said.ok());
  EXPECT_EQ(said.error().kind, ErrorKind::input);
}

}  // namespace
}  // namespace gpubench
