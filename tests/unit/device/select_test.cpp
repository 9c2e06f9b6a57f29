#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/device.h"

namespace gpubench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DeviceCandidate candidate(std::uint32_t index, std::string name, DeviceType type) {
  DeviceCandidate made;
  made.index = index;
  made.traits.name = std::move(name);
  made.traits.type = type;
  made.traits.uuid = "0000000" + std::to_string(index) + "-0000-0000-0000-000000000000";
  return made;
}

std::vector<DeviceCandidate> machine() {
  return {candidate(0, "llvmpipe (LLVM 15)", DeviceType::cpu),
          candidate(1, "Radeon 780M", DeviceType::integrated),
          candidate(2, "NVIDIA H100", DeviceType::discrete),
          candidate(3, "NVIDIA H200", DeviceType::discrete)};
}

TEST(SelectDevices, EmptyTakesTheFirstDiscreteGpu) {
  EXPECT_THAT(select_devices(machine(), "").value(), ElementsAre(2));
}

TEST(SelectDevices, SoftwareIsTakenOnlyWhenThereIsNothingElse) {
  const std::vector<DeviceCandidate> software = {candidate(0, "llvmpipe", DeviceType::cpu)};

  EXPECT_THAT(select_devices(software, "").value(), ElementsAre(0));
  EXPECT_THAT(select_devices(software, "all").value(), ElementsAre(0));
}

TEST(SelectDevices, AllLeavesSoftwareOutBesideGpus) {
  EXPECT_THAT(select_devices(machine(), "all").value(), ElementsAre(1, 2, 3));
}

TEST(SelectDevices, NamePartIndexAndUuidFindOneDevice) {
  EXPECT_THAT(select_devices(machine(), "h200").value(), ElementsAre(3));
  EXPECT_THAT(select_devices(machine(), "LLVMpipe").value(), ElementsAre(0));
  EXPECT_THAT(select_devices(machine(), "1").value(), ElementsAre(1));
  EXPECT_THAT(select_devices(machine(), "00000002-0000-0000-0000-000000000000").value(),
              ElementsAre(2));
}

TEST(SelectDevices, NameThatFitsTwoListsThem) {
  const auto found = select_devices(machine(), "nvidia");

  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::usage);
  EXPECT_THAT(found.error().message, HasSubstr("--device nvidia fits 2 devices"));
  EXPECT_THAT(found.error().message, HasSubstr("3: NVIDIA H200 (discrete"));
}

TEST(SelectDevices, NameThatFitsNoneListsWhatThereIs) {
  const auto found = select_devices(machine(), "arc");

  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::usage);
  EXPECT_THAT(found.error().message, HasSubstr("--device arc fits no device"));
  EXPECT_THAT(found.error().message, HasSubstr("1: Radeon 780M (integrated"));
}

TEST(SelectDevices, RefusedDeviceIsPassedOverAndEveryReasonIsTold) {
  std::vector<DeviceCandidate> one = {candidate(0, "Old GPU", DeviceType::discrete)};
  one[0].refusals = {"Vulkan 1.1 is too old", "no compute queue"};

  const auto found = select_devices(one, "");

  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::no_device);
  EXPECT_THAT(found.error().message, HasSubstr("refused: Vulkan 1.1 is too old"));
  EXPECT_THAT(found.error().message, HasSubstr("refused: no compute queue"));
}

TEST(SelectDevices, RefusedDeviceAskedForByNameSaysWhy) {
  std::vector<DeviceCandidate> all = machine();
  all[2].refusals = {"no bufferDeviceAddress"};

  const auto found = select_devices(all, "H100");

  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::no_device);
  EXPECT_THAT(found.error().message, HasSubstr("no bufferDeviceAddress"));
}

}  // namespace
}  // namespace gpubench
