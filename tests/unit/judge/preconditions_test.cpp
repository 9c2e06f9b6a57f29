#include "judge/preconditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/judge/judged_runs.h"

namespace gpubench {
namespace {

using testing::HasSubstr;

TEST(ExpectedHosts, CountsCommentsAndBlanksAreRead) {
  const auto hosts = parse_expected_hosts("# rack 1\nnode1\n\n  node2 8 # all of them\n", "h.txt");

  ASSERT_TRUE(hosts.ok()) << hosts.error().message;
  ASSERT_EQ(hosts->size(), 2U);
  EXPECT_EQ((*hosts)[1].name, "node2");
  EXPECT_EQ((*hosts)[1].devices, 8U);
}

TEST(ExpectedHosts, WhatIsNoHostIsAnErrorWithItsLine) {
  for (const char* text : {"ok\nnode x\n", "ok\nnode 0\n", "ok\na b c\n", "ok\nok\n"}) {
    const auto hosts = parse_expected_hosts(text, "h.txt");
    ASSERT_FALSE(hosts.ok()) << text;
    EXPECT_THAT(hosts.error().message, HasSubstr("h.txt:2:"));
  }
  EXPECT_FALSE(parse_expected_hosts("# none\n", "h.txt").ok());
}

}  // namespace
}  // namespace gpubench
