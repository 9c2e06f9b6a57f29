#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace gpubench {
namespace {

TEST(ParallelFor, EveryItemIsVisitedOnceInChunksOfTheGrain) {
  std::vector<std::atomic<int>> visits(10'007);
  std::atomic<bool> chunks_fit{true};

  parallel_for(visits.size(), 64, [&](std::size_t begin, std::size_t end) {
    if (begin % 64 != 0 || end - begin > 64) chunks_fit = false;
    for (std::size_t i = begin; i < end; ++i) ++visits[i];
  });

  EXPECT_TRUE(chunks_fit);
  for (const auto& count : visits) ASSERT_EQ(count, 1);
}

TEST(ParallelFor, NothingToDoCallsNothing) {
  std::atomic<int> calls{0};

  parallel_for(0, 16, [&](std::size_t, std::size_t) { ++calls; });

  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace gpubench
