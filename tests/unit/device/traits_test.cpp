#include "device/traits.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

std::uint32_t loop_rounds_of_driver(const char* driver_id, const char* driver_info) {
  DeviceTraits traits;
  traits.driver_id = driver_id;
  traits.driver_info = driver_info;
  return gpubench::loop_rounds_of_driver(traits);
}

TEST(Traits, OnlyLlvmpipesOfOldMesasLeaveLoops) {
  EXPECT_EQ(loop_rounds_of_driver("MESA_LLVMPIPE", "Mesa 22.3.6 (LLVM 15.0.6)"), 65535U);
  EXPECT_EQ(loop_rounds_of_driver("MESA_LLVMPIPE", "Mesa 24.3.1-1 (LLVM 19.1.0)"), 65535U);
  EXPECT_EQ(loop_rounds_of_driver("MESA_LLVMPIPE", "Mesa 25.0.7-2+deb13u1 (LLVM 19.1.7)"), 0U);
  EXPECT_EQ(loop_rounds_of_driver("MESA_LLVMPIPE", "a version that nobody can read"), 65535U);
  EXPECT_EQ(loop_rounds_of_driver("MESA_RADV", "Mesa 22.3.6 (LLVM 15.0.6)"), 0U);
  EXPECT_EQ(loop_rounds_of_driver("NVIDIA_PROPRIETARY", "525.85"), 0U);
}

TEST(Traits, WideLlvmpipesOfNewMesasHaveNoTexels) {
  const auto texels = [](const char* driver_info, std::uint32_t lanes) {
    DeviceTraits traits;
    traits.driver_id = "MESA_LLVMPIPE";
    traits.driver_info = driver_info;
    traits.subgroup_size = lanes;
    return texels_of_driver(traits, 1000);
  };
  EXPECT_EQ(texels("Mesa 25.0.7-2+deb13u1 (LLVM 19.1.7)", 8), 1000U);
  EXPECT_EQ(texels("Mesa 25.0.7-2+deb13u1 (LLVM 19.1.7)", 16), 0U);
  EXPECT_EQ(texels("Mesa 26.1.6-1 (LLVM 21.1.8)", 16), 0U);
  EXPECT_EQ(texels("Mesa 22.3.6 (LLVM 15.0.6)", 16), 1000U);
  EXPECT_EQ(texels_of_driver(DeviceTraits{}, 1000), 1000U);
}

}  // namespace
}  // namespace gpubench
