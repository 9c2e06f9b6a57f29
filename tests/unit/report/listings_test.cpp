#include "report/listings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/report/golden.h"
#include "unit/report/made_rows.h"

namespace gpubench {
namespace {

using report_tests::expect_fits;
using report_tests::expect_golden;

TEST(Listings, DevicesMatchGolden) {
  DeviceTraits gpu;
  gpu.name = "NVIDIA H100 80GB HBM3";
  gpu.type = DeviceType::discrete;
  gpu.uuid = "00000000-0000-0000-0000-000000000001";
  gpu.driver_id = "NVIDIA_PROPRIETARY";
  gpu.driver_info = "550.54.15";
  gpu.api_version = "1.3.277";
  gpu.shader_float16 = true;
  gpu.subgroup_size_control = true;
  gpu.subgroup_size = gpu.min_subgroup_size = gpu.max_subgroup_size = 32;
  gpu.cooperative_matrices = {{16, 16, 16, "float16", "float16", "float32", "float32", "subgroup"},
                              {16, 16, 16, "float16", "float16", "float16", "float16", "subgroup"}};
  const std::vector<DeviceEntry> devices = {
      {0, gpu, {"no buffer device address, which every kernel needs to reach its operands"}},
      {1, report_tests::software_device(), {}}};

  const std::string text = devices_text(devices, {});

  expect_fits(text, 80);
  expect_golden("devices.txt", text);
}

TEST(Listings, DryRunMatchesGolden) {
  const auto entry = [](std::uint32_t size, Precision precision) {
    const double n = size;
    PlannedEntry planned;
    planned.planned = report_tests::planned_row(size, precision).planned;
    planned.flop = 2 * n * n * n;
    planned.device_bytes = std::uint64_t{3} * size * size * 4;
    return planned;
  };
  std::vector<PlannedEntry> entries = {entry(256, Precision::fp32), entry(4096, Precision::fp16),
                                       entry(16384, Precision::fp32)};
  entries[0].seconds = 0.5;
  entries[1].seconds = 20;
  entries[2].seconds = 930;
  entries[2].dropped = Reason{"budget", "predicted 15 min 30 s, budget 30.0 s"};

  const std::string text = dry_run_text(entries, {});

  expect_fits(text, 80);
  expect_golden("dry_run.txt", text);
}

TEST(Listings, UnknownTimesAreCounted) {
  std::vector<PlannedEntry> entries(2);

  EXPECT_NE(dry_run_text(entries, {}).find("2 cases: 2 would run (2 of unknown time); 0 would not"),
            std::string::npos);
}

TEST(Listings, CaseIdsStandWhole) {
  Plan plan;
  plan.cases.resize(2);
  plan.cases[0].id = std::string(200, 'a');
  plan.cases[1].id = "b";

  EXPECT_EQ(cases_text(plan), std::string(200, 'a') + "\nb\n");
}

TEST(Listings, ScenarioFilesStandWholeAboveTheirQuestion) {
  const std::vector<ScenarioEntry> scenarios = {{"scenarios/a.yaml", "one two three four", 21},
                                                {"scenarios/b.yaml", "five", 1}};

  EXPECT_EQ(scenarios_text(scenarios, {.width = 20}),
            "scenarios/a.yaml  21 cases\n"
            "    one two three\n"
            "    four\n"
            "scenarios/b.yaml  1 case\n"
            "    five\n");
}

TEST(Listings, KernelsAreListedOnceAndTheirCountsSummedByPath) {
  const Kernel naive{"naive", Op::gemm, "one output per invocation", nullptr, {}};
  const Kernel tiled{"tiled", Op::gemm, "tiles", nullptr, {}};
  const std::vector<KernelEntry> kernels = {{&naive, Precision::fp32, {.fp32 = 2}},
                                            {&naive, Precision::fp32_relaxed, {.relaxed = 7}},
                                            {&tiled, Precision::fp32, {.fp32 = 40}},
                                            {&tiled, Precision::fp32_relaxed, {.relaxed = 10}}};

  const std::string text = kernels_text(kernels, "A", {});

  expect_fits(text, 80);
  EXPECT_EQ(text.find("op    kernel  what it does\n"
                      "gemm  naive   one output per invocation\n"
                      "gemm  tiled   tiles\n"
                      "\n"
                      "Instructions in the SPIR-V of these kernels\n"
                      "path           FP32  FP16  to FP16  bf16  relaxed  no contraction\n"
                      "fp32             42     0        0     0        0               0\n"),
            0U)
      << text;
  EXPECT_NE(text.find("fp32_relaxed      0     0        0     0       17               0\n"),
            std::string::npos)
      << text;
}

TEST(Listings, AbsentKernelsComeWithTheirReason) {
  const Kernel coop{"coop", Op::gemm, "matrix units", nullptr, {}};
  std::vector<KernelEntry> kernels = {
      {&coop, Precision::fp16, {.fp16 = 2}, "driver: it does not list the extension"}};

  EXPECT_THAT(kernels_text(kernels, "A card", {}),
              ::testing::HasSubstr("Absent on A card\n"
                                   "  gemm coop fp16: driver: it does not list the extension\n"));
  EXPECT_THAT(kernels_text(kernels, "", {}), ::testing::HasSubstr("No device here"));
  EXPECT_EQ(nlohmann::json::parse(kernels_json(kernels))[0]["absent"], kernels[0].absent);
  kernels[0].absent = "";
  EXPECT_THAT(kernels_text(kernels, "A card", {}),
              ::testing::HasSubstr("Absent on A card: nothing\n"));
}

TEST(Listings, KernelsAreListedForProgramsToo) {
  const Kernel naive{"naive", Op::gemm, "one output per invocation", nullptr, {}};
  const std::vector<KernelEntry> kernels = {
      {&naive, Precision::fp32, {.fp32 = 2, .relaxed = 1, .modes = "RoundingModeRTE 32"}}};

  const auto list = nlohmann::json::parse(kernels_json(kernels));

  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["kernel"], "naive");
  EXPECT_EQ(list[0]["precision"], "fp32");
  EXPECT_EQ(list[0]["spirv_relaxed"], 1);
  EXPECT_EQ(list[0]["spirv_modes"], "RoundingModeRTE 32");
  EXPECT_EQ(list[0]["declared_evidence"], "relaxed");
}

TEST(Listings, DryRunSaysWhichShaderIsNotAsDeclared) {
  PlannedEntry entry;
  entry.planned.problem.shape = {64, 64, 64, 1};
  entry.declared = DeclaredArithmetic{.fp32 = 2};
  const std::vector<PlannedEntry> honest = {entry};
  entry.declared->relaxed = 5;
  const std::vector<PlannedEntry> relaxed = {entry};

  EXPECT_EQ(dry_run_text(honest, {}).find("not as declared"), std::string::npos);
  EXPECT_NE(dry_run_text(relaxed, {}).find("not as declared: declares fp32"), std::string::npos);
}

}  // namespace
}  // namespace gpubench
