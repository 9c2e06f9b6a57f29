// Which of a device's cooperative matrices are taken.
#include "kernels/matrix.h"

#include <gmock/gmock.h>

#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> shared_by(const DeviceTraits& device, Precision precision) {
  std::vector<std::string> texts;
  for (const auto& [matrix, threads] : shared_matrices(precision, device)) {
    texts.push_back(std::to_string(matrix.m) + "x" + std::to_string(matrix.n) + "x" +
                    std::to_string(matrix.k) + " by " + std::to_string(threads));
  }
  return texts;
}

TEST(SharedMatrices, AreWhatTheInvocationsHaveRegistersFor) {
  const DeviceTraits device = desktop_gpu();

  EXPECT_THAT(shared_by(device, Precision::fp16_acc32),
              ElementsAre("64x64x64 by 256", "64x64x64 by 128", "128x128x64 by 256",
                          "128x128x64 by 128", "128x256x32 by 256"))
      << "32768 sums in FP32 are 256 registers of each of 128 invocations";
  EXPECT_THAT(shared_by(device, Precision::fp16),
              ElementsAre("64x64x64 by 256", "64x64x64 by 128", "128x128x64 by 256",
                          "128x128x64 by 128", "128x256x32 by 256", "128x256x32 by 128"));
}

TEST(SharedMatrices, HaveSidesThatTheDeviceHas) {
  DeviceTraits device = desktop_gpu();
  for (auto& [granule, threads] : device.cooperative_matrix_2.flexible_shapes) {
    granule.m = 48;
    granule.k = 24;
  }
  device.cooperative_matrix_2.max_dimension = 144;

  EXPECT_THAT(shared_by(device, Precision::fp16_acc32),
              ElementsAre("96x64x72 by 256", "96x64x72 by 128", "144x128x72 by 256"));
}

// Drivers list a shape once for each of its other properties.
TEST(SharedMatrices, AreEachThereOnce) {
  DeviceTraits device = desktop_gpu();
  const auto once = shared_by(device, Precision::fp16);
  set_flexible_matrices(device);  // again

  EXPECT_EQ(shared_by(device, Precision::fp16), once);
}

TEST(SharedMatrices, AreNoneWithoutEverythingThatTheyNeed) {
  const auto shared_without = [](auto&& take) {
    DeviceTraits device = desktop_gpu();
    take(device);
    return shared_by(device, Precision::fp16_acc32);
  };
  EXPECT_THAT(shared_by(desktop_gpu(), Precision::bf16), IsEmpty()) << "none of this format";
  EXPECT_THAT(
      shared_without([](auto& device) { device.cooperative_matrix_2.workgroup_scope = false; }),
      IsEmpty());
  EXPECT_THAT(
      shared_without([](auto& device) { device.cooperative_matrix_2.flexible_dimensions = false; }),
      IsEmpty());
  EXPECT_THAT(shared_without([](auto& device) { device.max_workgroup_invocations = 64; }),
              IsEmpty());
}

}  // namespace
}  // namespace gpubench
