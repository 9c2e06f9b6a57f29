// Predicted work, memory and time.
#include "plan/estimate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "plan/reasons.h"

namespace gpubench {
namespace {

Case gemm(std::uint32_t m, std::uint32_t n, std::uint32_t k, Precision precision) {
  Case planned;
  planned.problem.shape = {m, n, k, 1};
  planned.precision = precision;
  return planned;
}

Rates rates(double flops, double bytes) {
  Rates rates;
  rates.flop_per_s.fill(flops);
  rates.bytes_per_s = bytes;
  return rates;
}

TEST(Estimate, CountsWorkAndMemoryOfAProduct) {
  // A 2x4, B 4x3, C 2x3: 8 + 12 + 6 = 26 elements, 2·2·3·4 = 48 FLOP.
  const Estimate cost = estimate(gemm(2, 3, 4, Precision::fp16), rates(48, 1e9));

  EXPECT_EQ(cost.flop, 48);
  EXPECT_EQ(cost.moved_bytes, 52);
  EXPECT_EQ(cost.device_bytes, 52U);
  EXPECT_EQ(cost.host_bytes, 26U * 4 + 6U * 2);
  ASSERT_TRUE(cost.seconds);
  EXPECT_DOUBLE_EQ(*cost.launch_s, 1);
  EXPECT_DOUBLE_EQ(*cost.seconds, 5);  // 1 check, 1 warm-up, 3 samples.
}

TEST(Estimate, MemoryBoundLaunchesCostTheirTraffic) {
  // 26 fp32 elements at 52 B/s are 2 s; the arithmetic would be 1 s.
  const Estimate cost = estimate(gemm(2, 3, 4, Precision::fp32), rates(48, 52));

  EXPECT_DOUBLE_EQ(*cost.launch_s, 2);
}

TEST(Estimate, EachPrecisionHasItsOwnRate) {
  Rates measured = rates(100, 1e12);
  measured.flop_per_s[static_cast<std::size_t>(Precision::fp16)] = 25;

  const Estimate single = estimate(gemm(10, 10, 10, Precision::fp32), measured);
  const Estimate half = estimate(gemm(10, 10, 10, Precision::fp16), measured);

  EXPECT_DOUBLE_EQ(*half.launch_s, 4 * *single.launch_s);
}

TEST(Estimate, LargestOperandsDoNotOverflow) {
  // 46340² = 2147395600 elements in each of three operands.
  const Estimate cost = estimate(gemm(46340, 46340, 46340, Precision::fp32), rates(1e12, 1e12));

  EXPECT_EQ(cost.device_bytes, 3ULL * 2147395600ULL * 4ULL);
}

TEST(Estimate, WithoutRatesThereIsNoTime) {
  const Estimate cost = estimate(gemm(2, 3, 4, Precision::fp32), {});

  EXPECT_FALSE(cost.seconds);
  EXPECT_FALSE(over_budget(gemm(2, 3, 4, Precision::fp32), cost));
}

TEST(Estimate, OverBudgetSaysBothTimes) {
  // 2·8192³ FLOP at 20 GFLOP/s are 55 s a launch, 275 s for five.
  Case planned = gemm(8192, 8192, 8192, Precision::fp32);
  planned.budget_s = 40;
  const Estimate cost = estimate(planned, rates(20e9, 10e9));

  const auto reason = over_budget(planned, cost);
  planned.budget_s = std::numeric_limits<double>::infinity();

  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->code, "budget");
  EXPECT_EQ(reason->text, "needs about 4 min 35 s, the budget is 40.0 s");
  EXPECT_FALSE(over_budget(planned, cost));
}

TEST(Reasons, CodesAreUniqueWordsWithAMeaning) {
  std::set<std::string_view> codes;
  for (const ReasonCode& entry : kReasonCodes) {
    EXPECT_TRUE(codes.insert(entry.code).second) << entry.code;
    EXPECT_EQ(entry.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
    EXPECT_FALSE(entry.meaning.empty()) << entry.code;
  }
}

}  // namespace
}  // namespace gpubench
