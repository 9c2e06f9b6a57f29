#include "fingerprint/softmax_fingerprint.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>

#include "base/parallel.h"
#include "unit/fingerprint/softmax_ground_truth.h"

namespace gpubench {
namespace {

std::string validating_page() {
  std::ifstream file(GPUBENCH_DOCS_DIR "/validating.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// And docs/validating.md has the very line that fingerprint_table prints.
TEST(SoftmaxFingerprint, EveryKnownSoftmaxIsNamedRightOrRightlyLeftOpen) {
  const std::string page = validating_page();
  for (const KnownSoftmax& known : known_softmaxes()) {
    const auto said = take_softmax_fingerprint(known.under_test, known.declared, 1);
    ASSERT_TRUE(said.ok()) << known.name;

    EXPECT_TRUE(judged_right(known, *said))
        << known.name << ": " << to_string(said->verdict) << ", " << said->reason;
    EXPECT_NE(page.find(table_line(known, *said)), std::string::npos) << table_line(known, *said);
  }
}

/// FP32 in the ways that devices compute it.
MadeSoftmax some_fp32(std::size_t choice) {
  using enum MadeSoftmax::Order;
  MadeSoftmax made;
  made.exp_ulp = static_cast<double>(choice % 4);
  made.base = choice % 3 == 0 ? MadeSoftmax::Base::two : MadeSoftmax::Base::e;
  made.order = std::array{sequential, pairwise, online}[choice / 3 % 3];
  return made;
}

TEST(SoftmaxFingerprint, Fp32IsNeverAccusedWhateverTheSeed) {
  std::atomic<int> confirmed = 0;
  parallel_for(1000, 10, [&](std::size_t begin, std::size_t end) {
    for (std::size_t seed = begin; seed < end; ++seed) {
      const auto under_test = made_softmax(some_fp32(seed), 17 + seed % 5, 2 + seed % 40);
      const auto said = take_softmax_fingerprint(under_test, Precision::fp32, seed);
      const bool right = said.ok() && said->verdict == PrecisionVerdict::confirmed;
      confirmed += right ? 1 : 0;
      if (!right) ADD_FAILURE() << seed << ": " << (said ? said->reason : said.error().message);
    }
  });
  EXPECT_EQ(confirmed, 1000);
}

TEST(SoftmaxFingerprint, TellsWhatTheProbesSaw) {
  const auto said = take_softmax_fingerprint(
      made_softmax({.input = {NumberFormat::fp16}, .shifted = true}, 70, 3000), Precision::fp32, 7);

  ASSERT_TRUE(said.ok());
  EXPECT_EQ(said->seen.input, 10);
  EXPECT_EQ(said->seen.exp, 24);
  EXPECT_EQ(said->seen.sum, 24);
  EXPECT_TRUE(said->seen.shifted);
  EXPECT_EQ(said->seen.wide_range, false);
  EXPECT_NEAR(said->seen.ones, 3000, 1e-3);
  EXPECT_GE(said->outputs, 4096U);
  EXPECT_LE(said->largest_error, said->allowed_error);
}

// Short sums stop growing: this many ones come to what the format can count to.
TEST(SoftmaxFingerprint, LongRowsShowASumThatStopsGrowing) {
  const auto said = take_softmax_fingerprint(made_softmax({.sum = NumberFormat::fp16}, 16, 4096),
                                             Precision::fp32, 1);

  ASSERT_TRUE(said.ok());
  EXPECT_NEAR(said->seen.ones, 2048, 1e-3);
  EXPECT_EQ(said->verdict, PrecisionVerdict::downgraded) << said->reason;
}

// An exp in fp16 that is off by an ulp hides what an fp16 sum adds, so neither is claimed.
TEST(SoftmaxFingerprint, SumsThatCannotBeToldApartAreBothNamed) {
  const MadeSoftmax made = {.input = {NumberFormat::fp16},
                            .exp = NumberFormat::fp16,
                            .output = NumberFormat::fp16,
                            .exp_ulp = 1};
  const auto said =
      take_softmax_fingerprint(made_softmax(made, 64, 64, NumberFormat::fp16), Precision::fp16, 1);

  ASSERT_TRUE(said.ok());
  EXPECT_EQ(said->verdict, PrecisionVerdict::confirmed) << said->reason;
  EXPECT_NE(said->name.find("fp32 or fp16 sums"), std::string::npos) << said->name;
}

TEST(SoftmaxFingerprint, FewLaunchesAreEnough) {
  const auto said = take_softmax_fingerprint(made_softmax({}, 300, 256), Precision::fp32, 1);

  ASSERT_TRUE(said.ok());
  // Equal numbers, random ones twice, all probes.
  EXPECT_EQ(said->launches, 4);
  EXPECT_EQ(softmax_fingerprint_cost(300, 256).launches, 4);
}

TEST(SoftmaxFingerprint, ErrorsOfThePathAreHandedOn) {
  const SoftmaxUnderTest failing = {8, 8, NumberFormat::fp32,
                                    [](auto) -> Result<std::vector<float>> {
                                      return Error{ErrorKind::device_lost, "gone"};
                                    }};

  const auto said = take_softmax_fingerprint(failing, Precision::fp32, 1);

  ASSERT_FALSE(said.ok());
  EXPECT_EQ(said.error().message, "gone");
}

TEST(SoftmaxFingerprint, RowsOfOneAreBadInput) {
  const auto said = take_softmax_fingerprint(made_softmax({}, 8, 1), Precision::fp32, 1);

  ASSERT_FALSE(said.ok());
  EXPECT_EQ(said.error().kind, ErrorKind::input);
}

}  // namespace
}  // namespace gpubench
