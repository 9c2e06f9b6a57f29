// Every code that a row can get is on the list that the page and the reports are made from.
#include "run/reason_of.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "plan/reasons.h"

namespace gpubench {
namespace {

bool is_listed(const Reason& reason) {
  return std::any_of(kReasonCodes.begin(), kReasonCodes.end(),
                     [&](const ReasonCode& listed) { return listed.code == reason.code; });
}

TEST(ReasonOf, EveryErrorHasAListedCodeAndKeepsItsText) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    const Reason reason = reason_of(Error{static_cast<ErrorKind>(kind), "text"});
    EXPECT_TRUE(is_listed(reason)) << kind;
    EXPECT_NE(reason.code, reason::kInternal) << kind;
    EXPECT_EQ(reason.text, "text");
  }
}

TEST(ReasonOf, EveryFindingHasAListedCode) {
  for (int i = 0; i <= static_cast<int>(CheckFinding::constant_output); ++i) {
    const Reason reason =
        reason_of(Check{CheckStatus::failed, static_cast<CheckFinding>(i), "text", ""});
    EXPECT_TRUE(is_listed(reason)) << i;
    EXPECT_NE(reason.code, reason::kInternal) << i;
  }
}

TEST(ReasonOf, ClocksThatAgreeAreNoReason) {
  EXPECT_FALSE(reason_of(HostCheck{HostVerdict::consistent, 1.1, ""}));
  EXPECT_FALSE(reason_of(HostCheck{}));
  EXPECT_EQ(reason_of(HostCheck{HostVerdict::gpu_exceeds_host, 0.4, "text"})->code,
            reason::kTimerMismatch);
}

}  // namespace
}  // namespace gpubench
