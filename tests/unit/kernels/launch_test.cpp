#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "unit/kernels/launches.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

// Fields 10 and 11 of the push block are row_begin and row_end.
RowBand rows_of(const Step& step) {
  return {step.push[10].value, step.push[11].value};
}

bool writes_output(const Step& step) {
  const std::string& shader = step.pipeline.shader;
  return !shader.starts_with("pack") && !shader.starts_with("gemm_split") &&
         !shader.starts_with("linear_split") && !shader.starts_with("coop_parts") &&
         !shader.starts_with("softmax_split_parts");
}

// How often each row is covered by row tiles of dispatches that write.
std::vector<int> coverage(const Launch& launch, std::uint32_t m, std::uint32_t band_rows) {
  std::vector<int> count(m, 0);
  for (std::uint32_t begin = 0; begin < m; begin += band_rows) {
    for (const Step& step : launch.steps({begin, std::min(begin + band_rows, m)})) {
      if (!writes_output(step)) continue;
      const RowBand rows = rows_of(step);
      const std::uint32_t tile_m = constant(step, 3);
      const std::uint64_t reach = rows.begin + std::uint64_t{step.groups[1]} * tile_m;
      for (std::uint64_t row = rows.begin; row < std::min<std::uint64_t>(reach, rows.end); ++row) {
        ++count[row];
      }
    }
  }
  return count;
}

TEST(Launch, EveryRowIsWrittenOnceWhateverTheBands) {
  for (const DeviceTraits& device : {desktop_gpu(), software_device()}) {
    for (const Kernel& kernel : catalogue()) {
      for (const std::uint32_t m : {1U, 97U, 1000U}) {
        const auto launch = kernel.launch(problem_of(kernel.op, {.m = m, .n = 33, .k = 17}),
                                          kernel.paths.front(), device);
        ASSERT_TRUE(launch) << launch.error().message;
        for (const std::uint32_t band : {m, launch->row_granule, 3 * launch->row_granule}) {
          const auto count = coverage(*launch, m, band);
          EXPECT_TRUE(std::ranges::all_of(count, [](int times) { return times == 1; }))
              << device.name << " " << to_string(kernel.op) << " " << kernel.name << " m = " << m
              << " band = " << band;
        }
      }
    }
  }
}

// With 2 workgroups along y, the 97 rows of a tile of 8 need 13 row tiles: 7 dispatches.
TEST(Launch, RowTilesBeyondTheLimitBecomeMoreDispatches) {
  DeviceTraits device = desktop_gpu();
  device.max_workgroup_count = {65535, 2, 65535};
  const auto launch =
      find_kernel(Op::gemm, "naive")->launch(gemm({97, 5, 3}), Precision::fp32, device);

  const auto steps = launch->steps({0, 97});

  EXPECT_EQ(steps.size(), 7U);
  for (const Step& step : steps) EXPECT_LE(step.groups[1], 2U);
  EXPECT_TRUE(std::ranges::all_of(coverage(*launch, 97, 97), [](int times) { return times == 1; }));
}

TEST(Launch, EveryGridFitsTheDevice) {
  const DeviceTraits device = software_device();
  for (const Kernel& kernel : catalogue()) {
    const auto problem = problem_of(kernel.op, {.m = 1U << 20, .n = 100, .k = 3, .batch = 7});
    const auto launch = kernel.launch(problem, kernel.paths.front(), device);
    ASSERT_TRUE(launch) << launch.error().message;
    for (const Step& step : launch->steps({0, problem.shape.m})) {
      for (int axis = 0; axis < 3; ++axis) {
        EXPECT_GT(step.groups[axis], 0U);
        EXPECT_LE(step.groups[axis], device.max_workgroup_count[axis]);
      }
    }
  }
}

TEST(Launch, EveryModuleThatALaunchNamesIsEmbedded) {
  for (bool int64 : {true, false}) {
    DeviceTraits device = software_device();
    device.shader_int64 = int64;
    set_bfloat16(device, 8);
    for (const Kernel& kernel : catalogue()) {
      for (const Precision precision : kernel.paths) {
        const auto launch =
            kernel.launch(problem_of(kernel.op, {.m = 9, .n = 9, .k = 9}), precision, device);
        ASSERT_TRUE(launch) << launch.error().message;
        for (const Step& step : launch->steps({0, 9})) {
          EXPECT_FALSE(shader_code(step.pipeline.shader).empty()) << step.pipeline.shader;
        }
      }
    }
  }
}

TEST(Launch, NoConstantIsGivenTwice) {
  for (const Kernel& kernel : catalogue()) {
    const auto launch = kernel.launch(problem_of(kernel.op, {.m = 999, .n = 999, .k = 999}),
                                      kernel.paths.front(), desktop_gpu());
    for (const Step& step : launch->steps({0, 999})) {
      std::set<std::uint32_t> ids;
      for (const SpecConstant& entry : step.pipeline.constants) {
        EXPECT_TRUE(ids.insert(entry.id).second) << step.pipeline.shader << " id " << entry.id;
      }
    }
  }
}

// B as 64-bit pairs takes as much as B itself when nothing needs padding: 1 GiB at 16384². A is
// packed 64 MiB at a time.
TEST(Memory, HeadlineSizeOnASoftwareDeviceStaysBelowFiveGiB) {
  const Problem problem = gemm({16384, 16384, 16384});
  const auto launch =
      find_kernel(Op::gemm, "direct")->launch(problem, Precision::fp32, software_device());

  EXPECT_EQ(launch->scratch0_bytes, 64ULL << 20);
  EXPECT_EQ(launch->scratch1_bytes, 1ULL << 30);
  const std::uint64_t four_matrices_and_a_run = (4ULL << 30) + (64ULL << 20);
  EXPECT_EQ(device_bytes(problem, Precision::fp32, *launch),
            four_matrices_and_a_run + 5 * 128 * 1024);  // guards of five buffers
}

}  // namespace
}  // namespace gpubench
