#include "tuning/seeds.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "tuning/candidates.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

DeviceTraits without_matrix_units(DeviceTraits device) {
  device.cooperative_matrix = CooperativeMatrixSupport::not_listed;
  device.cooperative_matrices.clear();
  device.cooperative_matrix_2 = {};
  device.bfloat16 = {};
  return device;
}

DeviceTraits amd() {
  DeviceTraits device = desktop_gpu();
  device.driver_id = "MESA_RADV";
  device.cooperative_matrix_2 = {};
  device.subgroup_size = device.max_subgroup_size = 64;
  device.max_shared_bytes = 65536;
  return device;
}

/// Its matrices are not square.
DeviceTraits intel() {
  DeviceTraits device = without_matrix_units(desktop_gpu());
  device.min_subgroup_size = 16;
  device.max_shared_bytes = 65536;
  device.cooperative_matrix = CooperativeMatrixSupport::supported;
  for (const char* sum : {"float16", "float32"}) {
    device.cooperative_matrices.push_back({8, 16, 16, "float16", "float16", sum, sum, "subgroup"});
  }
  return device;
}

DeviceTraits mobile(std::uint32_t subgroup_size, std::uint32_t invocations) {
  DeviceTraits device = without_matrix_units(desktop_gpu());
  device.type = DeviceType::integrated;
  device.shader_int64 = false;
  device.subgroup_size = device.min_subgroup_size = device.max_subgroup_size = subgroup_size;
  device.max_workgroup_invocations = invocations;
  device.max_shared_bytes = 32768;
  return device;
}

/// A device of each vendor that has seeds, with the limits that its GPUs have in common.
std::map<std::uint32_t, DeviceTraits> devices() {
  std::map<std::uint32_t, DeviceTraits> devices{
      {0x10DE, desktop_gpu()},     {0x1002, amd()},           {0x8086, intel()},
      {0x5143, mobile(64, 1024)},  {0x13B5, mobile(16, 512)}, {0x106B, mobile(32, 1024)},
      {0x10005, software_device()}};
  for (auto& [vendor_id, device] : devices) device.vendor_id = vendor_id;
  return devices;
}

/// Whether a tuner gets to try the seed there, on some path.
bool is_tried_on(const DeviceTraits& device, const Seed& seed) {
  Problem problem;
  problem.shape = {2048, 2048, 2048, 1};
  const Kernel& kernel = *find_kernel(Op::gemm, seed.kernel);
  return std::ranges::any_of(kernel.paths, [&](Precision path) {
    const auto launch = kernel.launch(problem, path, device, *parse_tuning(seed.tuning));
    if (!launch) return false;
    const auto found = candidates_for(kernel, problem, path, device, 50);
    return std::ranges::find(found, launch->tuning) != found.end();
  });
}

std::set<std::uint32_t> vendors_that_try(const Seed& seed) {
  std::set<std::uint32_t> vendors;
  for (const auto& [vendor_id, device] : devices()) {
    if (is_tried_on(device, seed)) vendors.insert(vendor_id);
  }
  return vendors;
}

TEST(Seeds, AreTuningsOfTheirKernels) {
  for (const Seed& seed : all_seeds()) {
    const Kernel* kernel = find_kernel(Op::gemm, seed.kernel);
    ASSERT_NE(kernel, nullptr) << seed.kernel;
    const auto tuning = parse_tuning(seed.tuning);
    ASSERT_TRUE(tuning) << seed.tuning << tuning.error().message;
    const auto values = values_of(*tuning, kernel->parameters());
    ASSERT_TRUE(values) << seed.tuning << values.error().message;
  }
}

TEST(Seeds, OfAVendorAreTriedOnItsDevices) {
  for (const Seed& seed : all_seeds()) {
    if (seed.vendor_id == kAnyVendor) continue;
    EXPECT_THAT(vendors_that_try(seed), Contains(seed.vendor_id))
        << seed.kernel << ' ' << seed.tuning;
  }
}

TEST(Seeds, OfAnyVendorAreTriedOnDevicesOfSeveral) {
  for (const Seed& seed : all_seeds()) {
    if (seed.vendor_id != kAnyVendor) continue;
    EXPECT_GE(vendors_that_try(seed).size(), 2U) << seed.kernel << ' ' << seed.tuning;
  }
}

TEST(Seeds, EveryVendorHasSomeAndNoneTwice) {
  for (const auto& [vendor_id, device] : devices()) {
    std::set<std::string> words;
    std::size_t own = 0;
    for (const Seed& seed : all_seeds()) {
      if (seed.vendor_id != vendor_id && seed.vendor_id != kAnyVendor) continue;
      EXPECT_TRUE(words.insert(std::string(seed.kernel) + ' ' + std::string(seed.tuning)).second)
          << seed.tuning;
      if (seed.vendor_id == vendor_id) ++own;
    }
    EXPECT_GT(own, 0U) << vendor_id;
  }
  for (const Seed& seed : all_seeds()) {
    EXPECT_TRUE(seed.vendor_id == kAnyVendor || devices().contains(seed.vendor_id));
  }
}

TEST(Seeds, OfASoftmaxAreNone) {
  EXPECT_THAT(seeds_for(*find_kernel(Op::softmax, "tiled"), 0x10DE), IsEmpty());
}

}  // namespace
}  // namespace gpubench
