// The FP32 peak of the device at hand: measured, proved, and above what honest kernels reach.
#include "run/peak.h"

#include <gtest/gtest.h>

#include "open_test_device.h"
#include "record/row.h"
#include "run/rates.h"

namespace gpubench {
namespace {

TEST(Fp32Peak, IsMeasuredByChainsWhoseResultsAreThoseOfFp32) {
  const auto device = testing::open_test_device();
  ASSERT_NE(device, nullptr);

  const Peak peak = measure_fp32_peak(*device);

  EXPECT_EQ(peak.source, "measured_fp32_fma");
  EXPECT_GT(peak.flops, 0);
  std::printf("FP32 peak: %.4g GFLOP/s\n", peak.flops / 1e9);
}

TEST(Fp32Peak, NoHonestKernelIsFaster) {
  const auto device = testing::open_test_device();
  ASSERT_NE(device, nullptr);
  PeakBook peaks([&] { return measure_fp32_peak(*device); });
  const UserCode no_code;
  RateBook rates(*device, no_code);
  for (const char* kernel : {"naive", "tiled", "direct"}) {
    Case planned;
    planned.problem.shape = {512, 512, 512, 1};
    planned.kernel.name = kernel;

    const auto rate = rates.rate_for(planned);

    ASSERT_TRUE(rate) << rate.error().message;
    const double peak = peaks.fp32_beside(rate->flops).flops;
    EXPECT_LE(rate->flops, kPeakMargin * peak) << kernel;
    std::printf("%s: %.4g of %.4g GFLOP/s\n", kernel, rate->flops / 1e9, peak / 1e9);
  }
}

}  // namespace
}  // namespace gpubench
