#include "base/hash.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(ContentHash, EmptyTextHasThePublishedHashOfXxh3) {
  EXPECT_EQ(content_hash(""), "99aa06d3014798d86001c324468d497f");
}

TEST(ContentHash, OneBitChangesTheHash) {
  EXPECT_NE(content_hash("a"), content_hash("b"));
}

}  // namespace
}  // namespace gpubench
