#include "compare/outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

SeriesSide ten() {
  return side_of(std::vector<double>(10, 1.0));
}

/// The one finding that there must be.
OutputFinding only(const SeriesSide& base, const SeriesSide& fresh) {
  const std::vector<OutputFinding> findings = compare_outputs(base, fresh);
  EXPECT_EQ(findings.size(), 1U);
  return findings.empty() ? OutputFinding{} : findings.front();
}

void expect(const OutputFinding& finding, OutputAspect aspect, OutputChange change) {
  EXPECT_EQ(finding.aspect, aspect) << finding.message;
  EXPECT_EQ(finding.change, change) << finding.message;
}

TEST(CompareOutputs, TheSameIsSilent) {
  EXPECT_THAT(compare_outputs(ten(), ten()), IsEmpty());
}

TEST(CompareOutputs, ACaseThatFailsNowIsWorse) {
  SeriesSide fresh = ten();
  fresh.bad_rows = 1;
  fresh.bad_status = "failed: wrong_result: 3 of 9 elements";

  const OutputFinding finding = only(ten(), fresh);

  expect(finding, OutputAspect::status, OutputChange::worse);
  EXPECT_THAT(finding.message, HasSubstr("1 of 10 rows"));
  EXPECT_THAT(finding.message, HasSubstr("wrong_result"));
  expect(only(fresh, ten()), OutputAspect::status, OutputChange::better);
}

TEST(CompareOutputs, AnErrorBeyondTwiceTheOldOneIsWorse) {
  SeriesSide nearly = ten(), beyond = ten(), exact = ten();
  nearly.rel_fro_err = 1.9e-7;
  beyond.rel_fro_err = 2.1e-7;
  exact.rel_fro_err = 0;

  EXPECT_THAT(compare_outputs(ten(), nearly), IsEmpty());
  expect(only(ten(), beyond), OutputAspect::drift, OutputChange::worse);
  expect(only(beyond, ten()), OutputAspect::drift, OutputChange::better);
  expect(only(exact, ten()), OutputAspect::drift, OutputChange::worse);
  EXPECT_THAT(compare_outputs(exact, exact), IsEmpty());
}

TEST(CompareOutputs, EveryStepDownOfThePrecisionVerdictIsWorse) {
  SeriesSide base = ten(), fresh = ten();
  for (const PrecisionRank rank : {PrecisionRank::unresolved, PrecisionRank::downgraded,
                                   PrecisionRank::nondeterministic, PrecisionRank::wrong}) {
    fresh.precision = rank;
    expect(only(base, fresh), OutputAspect::precision, OutputChange::worse);
    expect(only(fresh, base), OutputAspect::precision, OutputChange::better);
    base.precision = rank;
    EXPECT_THAT(compare_outputs(base, fresh), IsEmpty());
  }
}

TEST(CompareOutputs, ThePrecisionsAreNamed) {
  SeriesSide fresh = ten();
  fresh.precision = PrecisionRank::downgraded;
  fresh.observed_precision = "tf32 inputs";

  EXPECT_EQ(only(ten(), fresh).message, "precision was confirmed, is downgraded (tf32 inputs)");
}

TEST(CompareOutputs, WhatIsNoLongerLookedAtIsUnchecked) {
  SeriesSide unprobed = ten(), unchecked = ten();
  unprobed.precision = PrecisionRank::not_probed;
  unchecked.checked_rows = 0;

  expect(only(ten(), unprobed), OutputAspect::precision, OutputChange::unchecked);
  expect(only(ten(), unchecked), OutputAspect::check, OutputChange::unchecked);
  expect(only(unprobed, ten()), OutputAspect::precision, OutputChange::better);
}

TEST(CompareOutputs, AnOutputThatProvesNothingNowIsWorse) {
  SeriesSide fresh = ten();
  fresh.mistrusted_rows = 10;

  expect(only(ten(), fresh), OutputAspect::check, OutputChange::worse);
}

TEST(CompareOutputs, RepeatsThatDifferNowAreWorse) {
  SeriesSide fresh = ten();
  fresh.distinct_outputs = 3;

  expect(only(ten(), fresh), OutputAspect::repeatability, OutputChange::worse);
}

TEST(CompareOutputs, OtherBitsOfTheSameKernelAreForInformation) {
  SeriesSide bits = ten(), kernel = ten();
  bits.output_hash = {"other", false};
  kernel.output_hash = {"other", false};
  kernel.kernel_hash.text = "another";

  expect(only(ten(), bits), OutputAspect::bits, OutputChange::changed);
  EXPECT_THAT(compare_outputs(ten(), kernel), IsEmpty());
  bits.output_hash.mixed = true;
  expect(only(ten(), bits), OutputAspect::bits, OutputChange::changed);
}

TEST(CompareOutputs, TheWorstComesFirst) {
  SeriesSide fresh = ten();
  fresh.output_hash = {"other", false};
  fresh.checked_rows = 0;
  fresh.rel_fro_err = 1;

  const std::vector<OutputFinding> findings = compare_outputs(ten(), fresh);

  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].change, OutputChange::worse);
  EXPECT_EQ(findings[1].change, OutputChange::unchecked);
  EXPECT_EQ(findings[2].change, OutputChange::changed);
}

}  // namespace
}  // namespace gpubench
