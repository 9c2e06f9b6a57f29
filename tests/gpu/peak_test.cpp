// The peaks of the device at hand: measured, proved, and above what honest kernels reach.
#include "run/peak.h"

#include <gtest/gtest.h>

#include "open_test_device.h"
#include "record/row.h"
#include "run/rates.h"

namespace gpubench {
namespace {

TEST(Peaks, AreMeasuredWithResultsThatWereChecked) {
  const auto device = testing::open_test_device();
  ASSERT_NE(device, nullptr);

  for (const Ceiling ceiling : {Ceiling::fp32_fma, Ceiling::fp16_fma, Ceiling::copy}) {
    if (ceiling == Ceiling::fp16_fma && !device->traits().shader_float16) continue;
    const Peak peak = measure_peak(*device, ceiling);

    EXPECT_EQ(peak.source, source_name(ceiling));
    EXPECT_GT(peak.per_second, 0);
    std::printf("%s: %.4g G/s\n", peak.source.c_str(), peak.per_second / 1e9);
  }
}

TEST(Peaks, OfMatrixUnitsAreMeasuredWhereTheyAre) {
  const auto device = testing::open_test_device();
  ASSERT_NE(device, nullptr);
  if (device->traits().cooperative_matrices.empty()) {
    GTEST_SKIP() << device->traits().driver_info << " has no cooperative matrices";
  }
  const KernelSources no_sources;
  RateBook rates(*device, no_sources);
  for (const auto& [precision, ceiling] :
       {std::pair{Precision::fp16, Ceiling::fp16_matrix},
        std::pair{Precision::fp16_acc32, Ceiling::fp16_acc32_matrix},
        std::pair{Precision::bf16, Ceiling::bf16_matrix}}) {
    if (precision == Precision::bf16 && !device->traits().bfloat16.cooperative_matrix) {
      std::printf("bf16 left out: %s has no matrices of it\n",
                  device->traits().driver_info.c_str());
      EXPECT_TRUE(measure_peak(*device, ceiling).source.starts_with("none: "));
      continue;
    }
    Case planned;
    planned.precision = precision;
    planned.problem.shape = {512, 512, 512, 1};
    planned.kernel.name = "coop";
    const auto rate = rates.rate_for(planned);
    ASSERT_TRUE(rate) << rate.error().message;

    const Peak peak = measure_peak(*device, ceiling);

    EXPECT_EQ(peak.source, source_name(ceiling));
    EXPECT_GT(kPeakMargin * peak.per_second, rate->flops);
    std::printf("%s: %.4g GFLOP/s, coop reaches %.4g\n", peak.source.c_str(), peak.per_second / 1e9,
                rate->flops / 1e9);
  }
}

TEST(Peaks, NoHonestKernelIsFaster) {
  const auto device = testing::open_test_device();
  ASSERT_NE(device, nullptr);
  PeakBook peaks([&](Ceiling ceiling) { return measure_peak(*device, ceiling); });
  const KernelSources no_sources;
  RateBook rates(*device, no_sources);
  for (const Precision precision : {Precision::fp32, Precision::fp16, Precision::fp16_acc32}) {
    if (precision != Precision::fp32 && !device->traits().shader_float16) continue;
    for (const char* kernel : {"naive", "tiled", "direct"}) {
      Case planned;
      planned.precision = precision;
      planned.problem.shape = {512, 512, 512, 1};
      planned.kernel.name = kernel;
      const auto ceiling = ceiling_of(planned, kernel, device->traits());
      ASSERT_TRUE(ceiling.has_value());

      const auto rate = rates.rate_for(planned);

      ASSERT_TRUE(rate) << rate.error().message;
      const double peak = peaks.beside(*ceiling, rate->flops).per_second;
      EXPECT_LE(rate->flops, kPeakMargin * peak) << kernel << ' ' << to_string(precision);
      std::printf("%s %s: %.4g of %.4g GFLOP/s\n", kernel, to_string(precision).data(),
                  rate->flops / 1e9, peak / 1e9);
    }
  }
}

}  // namespace
}  // namespace gpubench
