#include "judge/criteria.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto criteria = parse_criteria(text, "c.yaml");
  return criteria.ok() ? "no error" : criteria.error().message;
}

TEST(Criteria, EveryKeyIsRead) {
  const auto criteria = parse_criteria(R"(
name: node
description: a rack
allow_software: true
min_samples: 12
max_change_within_run: 0.1
max_throttle_ratio: 0.2
max_temp_c: 85
limits:
  - name: drift
    where: {op: [gemm, linear], precision: fp32, m: 1024}
    metric: rel_fro_err
    at_most: 2e-6
    required: false
    severity: warn
    action: monitor
waivers:
  - check: drift
    where: {host: node17}
    reason: known board fault
    expires: 2026-12-31
)",
                                       "c.yaml");

  ASSERT_TRUE(criteria.ok()) << criteria.error().message;
  EXPECT_TRUE(criteria->allow_software);
  EXPECT_EQ(criteria->min_samples, 12U);
  EXPECT_EQ(criteria->max_temp_c, 85);
  const Limit& limit = criteria->limits.at(0);
  EXPECT_EQ(limit.source, "c.yaml:10");
  EXPECT_EQ(limit.where.size(), 3U);
  EXPECT_EQ(limit.at_most, 2e-6);
  EXPECT_FALSE(limit.at_least.has_value());
  EXPECT_FALSE(limit.required);
  EXPECT_EQ(limit.severity, Severity::warn);
  EXPECT_EQ(limit.action, Action::monitor);
  EXPECT_EQ(criteria->waivers.at(0).expires, "2026-12-31");
}

TEST(Criteria, UnknownKeysColumnsAndWordsNameTheirPlace) {
  EXPECT_THAT(error_of("name: a\nlimit: []\n"), HasSubstr("c.yaml:2:1"));
  EXPECT_THAT(error_of("name: a\nlimits:\n  - {name: x, metric: rel_fro_er, at_most: 1}\n"),
              HasSubstr("did you mean \"rel_fro_err\""));
  EXPECT_THAT(
      error_of(
          "name: a\nlimits:\n  - {name: x, where: {presicion: a}, metric: rmse, at_most: 1}\n"),
      HasSubstr("precision"));
  EXPECT_THAT(
      error_of("name: a\nlimits:\n  - {name: x, metric: rmse, at_most: 1, action: panic}\n"),
      HasSubstr("panic"));
}

TEST(Criteria, ALimitWithoutBoundsOrWithCrossedOnesIsAnError) {
  EXPECT_THAT(error_of("name: a\nlimits:\n  - {name: x, metric: rmse}\n"),
              HasSubstr("at_least\" or \"at_most"));
  EXPECT_THAT(error_of("name: a\nlimits:\n  - {name: x, metric: rmse, at_least: 2, at_most: 1}\n"),
              HasSubstr("no value can meet both"));
}

TEST(Criteria, ANameThatIsTakenIsAnError) {
  EXPECT_THAT(error_of("name: a\nlimits:\n  - {name: peers, metric: rmse, at_most: 1}\n"),
              HasSubstr("taken by another check"));
}

TEST(Criteria, AWaiverNeedsAKnownCheckAReasonAndADate) {
  const std::string head = "name: a\nwaivers:\n  - ";
  EXPECT_THAT(error_of(head + "{check: correctnes, reason: r, expires: 2026-12-31}\n"),
              HasSubstr("did you mean \"correctness\""));
  EXPECT_THAT(error_of(head + "{check: correctness, expires: 2026-12-31}\n"), HasSubstr("reason"));
  EXPECT_THAT(error_of(head + "{check: correctness, reason: r, expires: 31.12.2026}\n"),
              HasSubstr("expected a date"));
  for (const char* day :
       {"2026-13-01", "2026-02-31", "2026-02-29", "2026-04-31", "2026-00-10", "2026-01-00"}) {
    EXPECT_FALSE(is_date(day)) << day;
    EXPECT_THAT(error_of(head + "{check: correctness, reason: r, expires: " + day + "}\n"),
                HasSubstr("expected a date"));
  }
  EXPECT_TRUE(is_date("2028-02-29"));
}

TEST(Criteria, AWaiverOfAWholeRunIsAnErrorSinceItCouldNotHold) {
  for (const char* check : {"complete", "real_device", "api_validation", "expected_host"}) {
    EXPECT_THAT(error_of(std::string("name: a\nwaivers:\n  - {check: ") + check +
                         ", reason: r, expires: 2026-12-31}\n"),
                HasSubstr("only checks of rows can be waived"));
  }
}

}  // namespace
}  // namespace gpubench
