#include "plan/ceiling.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

constexpr std::uint32_t kLarge = 8192;

Case product(Precision precision, std::uint32_t size = kLarge) {
  Case planned;
  planned.precision = precision;
  planned.problem.shape = {size, size, size, 1};
  return planned;
}

DeviceTraits gpu() {
  DeviceTraits device;
  device.type = DeviceType::discrete;
  return device;
}

DeviceTraits software() {
  DeviceTraits device;
  device.type = DeviceType::cpu;
  return device;
}

TEST(Ceiling, ProductsAreHeldToTheFormatTheyMultiplyIn) {
  for (const Precision precision : {Precision::fp32, Precision::fp16_acc32, Precision::fp32_relaxed,
                                    Precision::tf32, Precision::bf16}) {
    EXPECT_EQ(ceiling_of(product(precision), "tiled", gpu()), Ceiling::fp32_fma)
        << to_string(precision);
  }
  for (const Precision precision : {Precision::fp16, Precision::fp32_via_fp16}) {
    EXPECT_EQ(ceiling_of(product(precision), "tiled", gpu()), Ceiling::fp16_fma)
        << to_string(precision);
  }
}

TEST(Ceiling, ShortWorkTellsNothing) {
  EXPECT_FALSE(ceiling_of(product(Precision::fp32, 256), "tiled", gpu()).has_value());
  EXPECT_TRUE(ceiling_of(product(Precision::fp32, 512), "tiled", gpu()).has_value());
}

TEST(Ceiling, MatrixUnitsAreHeldToTheirOwn) {
  EXPECT_EQ(ceiling_of(product(Precision::fp16), "coop", gpu()), Ceiling::fp16_matrix);
  EXPECT_EQ(ceiling_of(product(Precision::fp16_acc32), "coop", gpu()), Ceiling::fp16_acc32_matrix);
  EXPECT_EQ(ceiling_of(product(Precision::bf16), "coop", gpu()), Ceiling::bf16_matrix);
  EXPECT_EQ(ceiling_of(product(Precision::fp16), "coop_split", gpu()), Ceiling::fp16_matrix);
  EXPECT_EQ(source_name(Ceiling::bf16_matrix), "measured_bf16_matrix");
}

// They may pass what the instructions of a subgroup reach: that is the question.
TEST(Ceiling, MatricesOfAWorkgroupAreHeldToTheirOwn) {
  DeviceTraits device = gpu();
  device.cooperative_matrix_2.workgroup_scope = true;
  EXPECT_EQ(ceiling_of(product(Precision::fp16_acc32), "coop2", device),
            Ceiling::fp16_acc32_workgroup_matrix);
  EXPECT_EQ(ceiling_of(product(Precision::fp16), "coop2", device), Ceiling::fp16_workgroup_matrix);
  EXPECT_EQ(ceiling_of(product(Precision::fp16), "coop", device), Ceiling::fp16_matrix);
  EXPECT_EQ(source_name(Ceiling::fp16_acc32_workgroup_matrix),
            "measured_fp16_acc32_workgroup_matrix");

  EXPECT_EQ(ceiling_of(product(Precision::fp16_acc32), "coop2", gpu()), Ceiling::fp16_acc32_matrix)
      << "a device that shares none";
}

// It may use matrix units, unless it declares what those do not do.
TEST(Ceiling, TheUsersCodeIsHeldToFp32Alone) {
  EXPECT_FALSE(ceiling_of(product(Precision::fp16_acc32), "user:mine.comp", gpu()).has_value());
  EXPECT_EQ(ceiling_of(product(Precision::fp32), "user:mine.comp", gpu()), Ceiling::fp32_fma);
}

TEST(Ceiling, SoftmaxIsHeldToMemoryWhereCachesDoNotHoldIt) {
  Case planned;
  planned.problem.op = Op::softmax;
  planned.problem.shape = {4096, 4096, 0, 1};  // 128 MiB, read and written

  EXPECT_EQ(ceiling_of(planned, "tiled", software()), Ceiling::copy);
  EXPECT_FALSE(ceiling_of(planned, "tiled", gpu()).has_value());

  planned.problem.shape = {16384, 16384, 0, 1};
  EXPECT_EQ(ceiling_of(planned, "tiled", gpu()), Ceiling::copy);
}

}  // namespace
}  // namespace gpubench
