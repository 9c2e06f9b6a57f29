#include "compare/outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/distributions.h"
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

TEST(CompareOutputs, AShareOfBadRowsThatRoseIsWorseWhereChanceDoesNotExplainIt) {
  const auto with_bad = [](std::size_t rows) {
    SeriesSide side = ten();
    side.bad_rows = rows;
    side.bad_status = "failed: wrong_result";
    return side;
  };

  const OutputFinding risen = only(with_bad(1), with_bad(9));
  expect(risen, OutputAspect::status, OutputChange::worse);
  EXPECT_EQ(risen.message,
            "9 of 10 rows ended badly, 1 of 10 before; the first: failed: wrong_result");
  expect(only(with_bad(9), with_bad(1)), OutputAspect::status, OutputChange::better);
  // p = 0.5: one run more may be chance; five more, with p = 0.029, hardly.
  expect(only(with_bad(1), with_bad(2)), OutputAspect::status, OutputChange::changed);
  expect(only(with_bad(2), with_bad(1)), OutputAspect::status, OutputChange::changed);
  expect(only(with_bad(1), with_bad(6)), OutputAspect::status, OutputChange::worse);
  EXPECT_THAT(compare_outputs(with_bad(5), with_bad(5)), IsEmpty());
}

TEST(CompareOutputs, AWrongResultAfterOtherFailuresIsWorse) {
  SeriesSide base = ten(), fresh = ten();
  base.bad_rows = fresh.bad_rows = 2;
  base.bad_status = "timeout";
  fresh.check_failed_rows = 1;

  expect(only(base, fresh), OutputAspect::check, OutputChange::worse);
}

TEST(CompareOutputs, AFirstLookThatFindsLessThanIsDeclaredIsWorse) {
  SeriesSide unprobed = ten(), downgraded = ten(), unresolved = ten();
  unprobed.precision = PrecisionRank::not_probed;
  downgraded.precision = PrecisionRank::downgraded;
  unresolved.precision = PrecisionRank::unresolved;

  // As of fp32_via_fp16, which declares it.
  expect(only(unprobed, downgraded), OutputAspect::precision, OutputChange::changed);
  downgraded.accused_rows = 1;
  expect(only(unprobed, downgraded), OutputAspect::precision, OutputChange::worse);
  expect(only(unprobed, unresolved), OutputAspect::precision, OutputChange::changed);
}

TEST(CompareOutputs, AShareOfAccusedRowsThatRoseIsWorse) {
  SeriesSide few = ten(), most = ten();
  few.precision = most.precision = PrecisionRank::downgraded;
  few.accused_rows = 1;
  most.accused_rows = 9;

  expect(only(few, most), OutputAspect::precision, OutputChange::worse);
}

TEST(CompareOutputs, AShaderThatDeclaresLessNowIsWorse) {
  SeriesSide base = ten(), less = ten(), unknown = ten();
  base.declared_rows = less.declared_rows = 10;
  less.declares_less_rows = 10;
  less.declared_evidence = "relaxed";

  expect(only(base, less), OutputAspect::precision, OutputChange::worse);
  EXPECT_THAT(only(base, less).message,
              HasSubstr("declares less, none before; the first: relaxed"));
  expect(only(less, base), OutputAspect::precision, OutputChange::better);
  // Of a table that is too old to say, or of a baseline.
  expect(only(unknown, less), OutputAspect::precision, OutputChange::worse);
  EXPECT_THAT(compare_outputs(unknown, base), IsEmpty());
  expect(only(base, unknown), OutputAspect::precision, OutputChange::unchecked);
}

TEST(CompareOutputs, AnErrorThatIsNoLongerKnownIsUnchecked) {
  SeriesSide fresh = ten();
  fresh.rel_fro_err = std::nan("");

  expect(only(ten(), fresh), OutputAspect::drift, OutputChange::unchecked);
  fresh.checked_rows = 0;  // Which says it all.
  expect(only(ten(), fresh), OutputAspect::check, OutputChange::unchecked);
}

TEST(CompareOutputs, ACaseThatIsNewHasItsFaultsToldAndNothingElse) {
  SeriesSide fresh = ten();
  EXPECT_THAT(faults_of(fresh), IsEmpty());
  fresh.bad_rows = fresh.check_failed_rows = 3;
  fresh.bad_status = "failed: wrong_result";
  fresh.accused_rows = 1;
  fresh.precision = PrecisionRank::downgraded;

  const std::vector<OutputFinding> findings = faults_of(fresh);

  ASSERT_EQ(findings.size(), 2U);
  expect(findings[0], OutputAspect::status, OutputChange::worse);
  EXPECT_EQ(findings[0].message,
            "3 of 10 rows ended badly, and the base lacks the case; the first: failed: "
            "wrong_result");
  expect(findings[1], OutputAspect::precision, OutputChange::worse);
}

TEST(HypergeometricUpperTail, IsThatOfCountedWays) {
  // Of 16 runs 8 fail: 7 or 8 of 8 drawn, (64 + 1) of 12870 ways.
  EXPECT_NEAR(hypergeometric_upper_tail(7, 8, 8, 16), 65.0 / 12870, 1e-12);
  EXPECT_NEAR(hypergeometric_upper_tail(0, 8, 8, 16), 1, 1e-12);
  EXPECT_NEAR(hypergeometric_upper_tail(3, 8, 15, 16), 1, 1e-12);
  EXPECT_EQ(hypergeometric_upper_tail(9, 8, 8, 16), 0);
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
