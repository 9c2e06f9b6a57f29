#include "record/expect_verdict.h"

#include <gtest/gtest.h>

#include <limits>

namespace gpubench {
namespace {

ExpectRule at_most(double limit) {
  ExpectRule rule;
  rule.metric = "rel_fro_err";
  rule.at_most = limit;
  return rule;
}

ExpectRule ends(std::string status) {
  ExpectRule rule;
  rule.check_status = std::move(status);
  return rule;
}

TEST(ExpectVerdict, LimitsBelongToWhatIsAllowed) {
  ExpectRule rule = at_most(2);
  rule.at_least = 1;

  EXPECT_EQ(keeps(rule, "", 1.0), true);
  EXPECT_EQ(keeps(rule, "", 2.0), true);
  EXPECT_EQ(keeps(rule, "", 0.999), false);
  EXPECT_EQ(keeps(rule, "", 2.001), false);
}

TEST(ExpectVerdict, WhatIsNoNumberIsInNoLimit) {
  EXPECT_EQ(keeps(at_most(2), "", std::numeric_limits<double>::quiet_NaN()), false);
}

TEST(ExpectVerdict, AnEmptyMetricIsNotJudgedWhateverTheCheckSaid) {
  EXPECT_EQ(keeps(at_most(2), "failed", std::nullopt), std::nullopt);
}

TEST(ExpectVerdict, AStatusIsJudgedWhereTheRowWasChecked) {
  EXPECT_EQ(keeps(ends("failed"), "failed", std::nullopt), true);
  EXPECT_EQ(keeps(ends("failed"), "passed", std::nullopt), false);
  EXPECT_EQ(keeps(ends("failed"), "not_run", std::nullopt), std::nullopt);
  EXPECT_EQ(keeps(ends("failed"), "", std::nullopt), std::nullopt);
}

TEST(ExpectVerdict, TheColumnIsTheMetricOrTheStatus) {
  EXPECT_EQ(judged_column(at_most(2)), "rel_fro_err");
  EXPECT_EQ(judged_column(ends("failed")), "check_status");
}

}  // namespace
}  // namespace gpubench
