// The peak of FP32 arithmetic: what its chains prove, and that a wrong one is not believed.
#include "run/peak.h"

#include <gmock/gmock.h>

#include <cmath>

#include "unit/run/fake_device.h"

namespace gpubench {
namespace {

using run_tests::FakeDevice;
using ::testing::StartsWith;

/// To nearest with so many significant bits.
double rounded(double x, int bits) {
  const double scale = std::exp2(bits - 1 - std::ilogb(x));
  return std::nearbyint(x * scale) / scale;
}

TEST(Peak, ChainsOfShorterFormatsStopFarFromTheResultOfFp32) {
  constexpr int kSteps = 8192;      // the fewest that are run
  for (const int bits : {8, 11}) {  // bf16; fp16 and tf32
    for (const double start : {1.0, 63.0, 1023.0}) {
      double x = start;
      for (int i = 0; i < kSteps; ++i) x = rounded(x + 3, bits);

      EXPECT_LT(x, 0.5 * (start + 3 * kSteps)) << bits << " bits from " << start;
    }
  }
}

TEST(Peak, WrongResultOfAChainIsNoPeak) {
  FakeDevice device;  // leaves zeros

  const Peak peak = measure_fp32_peak(device);

  EXPECT_EQ(peak.flops, 0);
  EXPECT_THAT(peak.source, StartsWith("none: a chain of FP32 multiply-adds gave 0, not "));
}

TEST(Peak, DeviceThatFailsHasNone) {
  FakeDevice device;
  device.submit_fails = {{1, {ErrorKind::device_lost, "lost"}}};

  const Peak peak = measure_fp32_peak(device);

  EXPECT_EQ(peak.flops, 0);
  EXPECT_EQ(peak.source, "none: lost");
}

TEST(Peak, IsMeasuredOnceUnlessARateIsAboveIt) {
  int measurements = 0;
  PeakBook peaks([&] { return Peak{100e9, std::to_string(++measurements)}; });

  EXPECT_EQ(peaks.fp32_beside(35e9).source, "1");
  EXPECT_EQ(peaks.fp32_beside(105e9).source, "1") << "within the error of two measurements";
  EXPECT_EQ(measurements, 1);
  EXPECT_EQ(peaks.fp32_beside(200e9).source, "1") << "the larger is kept, here the first";
  EXPECT_EQ(measurements, 10);
}

}  // namespace
}  // namespace gpubench
