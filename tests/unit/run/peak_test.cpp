// What a device reaches at most: what its measurements prove, and that a wrong one is not believed.
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

  for (const Ceiling ceiling : {Ceiling::fp32_fma, Ceiling::fp16_fma}) {
    const Peak peak = measure_peak(device, ceiling);

    EXPECT_EQ(peak.per_second, 0);
    EXPECT_THAT(peak.source, StartsWith("none: a chain of multiply-adds gave 0, not "));
  }
}

TEST(Peak, DeviceWithoutFp16HasNoPeakOfIt) {
  FakeDevice device;
  device.facts.shader_float16 = false;

  EXPECT_EQ(measure_peak(device, Ceiling::fp16_fma).source,
            "none: the device has no FP16 arithmetic");
}

/// Whose driver has matrices of a workgroup, none of them small.
FakeDevice device_with_shared_matrices(std::uint32_t threads) {
  FakeDevice device;
  DeviceTraits& facts = device.facts;
  facts.type = DeviceType::discrete;
  facts.subgroup_size = 32;
  facts.vulkan_memory_model = facts.subgroup_size_control = facts.full_subgroups = true;
  facts.cooperative_matrices = {
      {16, 16, 16, "float16", "float16", "float32", "float32", "subgroup"}};
  CooperativeMatrix2& matrices = facts.cooperative_matrix_2;
  matrices.workgroup_scope = matrices.flexible_dimensions = true;
  matrices.max_dimension = matrices.max_workgroup_invocations = 256;
  matrices.flexible_shapes = {
      {{128, 128, 64, "float16", "float16", "float32", "float32", "workgroup"}, threads}};
  return device;
}

// Chains of both are run; those of subgroups give something else here, and count for nothing.
TEST(Peak, OfAWorkgroupsMatricesIsTheirsOrASubgroups) {
  constexpr std::uint32_t kThreads = 256, kMostGroups = 8192;
  FakeDevice device = device_with_shared_matrices(kThreads);
  for (std::uint32_t i = 0; i < kMostGroups * kThreads; ++i) {
    const std::uint32_t start = i / kThreads % 8;
    device.answer.push_back(static_cast<float>(start + 64 * 256 + 64 * 3));
  }

  const Peak peak = measure_peak(device, Ceiling::fp16_acc32_workgroup_matrix);

  EXPECT_EQ(peak.source, "measured_fp16_acc32_workgroup_matrix");
  EXPECT_DOUBLE_EQ(peak.per_second, 2.0 * 128 * 256 * 64 * (2 * 256 + 1) * kMostGroups / 1e-3)
      << "of the largest matrix, in the millisecond that each launch takes here";
  EXPECT_EQ(measure_peak(device, Ceiling::fp16_acc32_matrix).source,
            "none: a chain of matrix products gave 0, not " + std::to_string(8 + 2 * 16 * 2051))
      << "two chains, from 0 and from 8";
}

TEST(Peak, CopyThatLeavesItsTargetIsNoPeak) {
  FakeDevice device;
  device.copies = false;

  const Peak peak = measure_peak(device, Ceiling::copy);

  EXPECT_EQ(peak.per_second, 0);
  EXPECT_EQ(peak.source, "none: a copy of 64 MiB is not its original");
}

// The driver copies, the shader does not.
TEST(Peak, EachWayToCopyIsChecked) {
  FakeDevice device;

  EXPECT_EQ(measure_peak(device, Ceiling::copy).source,
            "none: a copy of 64 MiB is not its original");
}

TEST(Peak, DeviceThatFailsHasNone) {
  FakeDevice device;
  device.submit_fails = {{1, {ErrorKind::device_lost, "lost"}}};

  const Peak peak = measure_peak(device, Ceiling::fp32_fma);

  EXPECT_EQ(peak.per_second, 0);
  EXPECT_EQ(peak.source, "none: lost");
}

TEST(Peak, IsMeasuredOnceUnlessARateIsAboveIt) {
  int measurements = 0;
  PeakBook peaks([&](Ceiling) { return Peak{100e9, std::to_string(++measurements)}; });
  const auto source = [&](double rate) { return peaks.beside(Ceiling::fp32_fma, rate).source; };

  EXPECT_EQ(source(35e9), "1");
  EXPECT_EQ(source(105e9), "1") << "within the error of two measurements";
  EXPECT_EQ(measurements, 1);
  EXPECT_EQ(source(200e9), "1") << "the larger is kept, here the first";
  EXPECT_EQ(measurements, 10);
  EXPECT_EQ(peaks.beside(Ceiling::copy, 1e9).source, "11") << "each ceiling has its own";
}

}  // namespace
}  // namespace gpubench
