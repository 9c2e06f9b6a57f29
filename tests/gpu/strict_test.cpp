// The strict build on the device at hand: its results follow from the source alone, bit for bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "emulator/matmul.h"
#include "gpu/open_test_device.h"
#include "run/checker.h"
#include "run/prepare.h"

namespace gpubench {
namespace {

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

Case strict_product(const char* kernel, Precision precision) {
  Case planned;
  planned.problem.shape = {33, 35, 129, 1};
  planned.precision = precision;
  planned.kernel.name = kernel;
  planned.kernel.build = "strict";
  return planned;
}

/// Both signs and a few bits, which FP16 holds, from 1/2 to 2: no product or sum is subnormal.
std::vector<float> numbers(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    const auto drawn = static_cast<std::uint32_t>(random());
    value = std::ldexp(float(512 + drawn % 1536), -10) * ((drawn >> 16 & 1U) == 0 ? 1.0F : -1.0F);
  }
  return values;
}

/// A product rounded, then a sum rounded, in the order of k.
std::vector<float> emulated(const Case& planned, const std::vector<float>& a,
                            const std::vector<float>& b) {
  MatmulArithmetic arithmetic;
  arithmetic.accumulator.format =
      planned.precision == Precision::fp16 ? NumberFormat::fp16 : NumberFormat::fp32;
  const Shape& shape = planned.problem.shape;
  return emulate_matmul(arithmetic, {shape.m, shape.n, shape.k}, a, b);
}

class Strict : public ::testing::TestWithParam<const char*> {
 protected:
  static void expect_bits(const Case& planned) {
    const auto kernel =
        prepare_kernel(planned.kernel, planned.problem, planned.precision, device().traits(), {});
    ASSERT_TRUE(kernel) << kernel.error().message;
    const auto a = numbers(planned.problem.a_elements(), 1);
    const auto b = numbers(planned.problem.b_elements(), 2);
    const auto execution = Execution::create(device(), planned.problem, planned.precision, *kernel,
                                             InputData::constant, 1);
    ASSERT_TRUE(execution) << execution.error().message;
    ASSERT_TRUE((*execution)->set_operands(a, b));
    ASSERT_TRUE((*execution)->launch(1));
    const auto output = (*execution)->output();
    ASSERT_TRUE(output) << output.error().message;

    const std::vector<float> wanted = emulated(planned, a, b);

    ASSERT_EQ(output->size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) ASSERT_EQ(output->at(i), wanted[i]) << i;
  }
};

TEST_P(Strict, Fp32IsAProductAndASumEachRounded) {
  if (!device().traits().float32_controls.round_to_even) {
    GTEST_SKIP() << "this device cannot be asked to round FP32 to nearest even";
  }
  expect_bits(strict_product(GetParam(), Precision::fp32));
}

TEST_P(Strict, Fp16IsAProductAndASumEachRounded) {
  if (!device().traits().shader_float16 || !device().traits().float16_controls.round_to_even) {
    GTEST_SKIP() << "this device has no FP16 that can be asked to round to nearest even";
  }
  expect_bits(strict_product(GetParam(), Precision::fp16));
}

INSTANTIATE_TEST_SUITE_P(Products, Strict, ::testing::Values("naive", "tiled", "direct"),
                         [](const auto& kernel) { return std::string(kernel.param); });

// The other paths differ from fp32 in how inputs are rounded alone.
TEST(StrictBuild, EveryKernelOfTheCatalogueIsRight) {
  Checker checker;
  for (const Kernel& kernel : catalogue()) {
    for (const Precision precision : {Precision::fp32, Precision::fp16, Precision::fp32_relaxed}) {
      Case planned = strict_product("", precision);
      planned.kernel.name = kernel.name;
      planned.problem.op = kernel.op;
      if (kernel.op == Op::linear) planned.problem.layout = Layout::nt;
      if (kernel.op == Op::softmax) planned.problem.shape.k = 0;
      const std::string where =
          fmt::format("{} {} {}", to_string(kernel.op), kernel.name, to_string(precision));
      const auto prepared =
          prepare_kernel(planned.kernel, planned.problem, planned.precision, device().traits(), {});
      if (!prepared && prepared.error().kind == ErrorKind::unsupported) continue;
      ASSERT_TRUE(prepared) << where << prepared.error().message;
      ASSERT_TRUE(checker.prepare(planned)) << where;
      const auto execution = Execution::create(device(), planned.problem, planned.precision,
                                               *prepared, InputData::from_fill, 1);
      ASSERT_TRUE(execution) << where << execution.error().message;
      ASSERT_TRUE((*execution)->poison_output()) << where;
      ASSERT_TRUE((*execution)->launch(1)) << where;
      const auto output = (*execution)->output();
      ASSERT_TRUE(output) << where;

      EXPECT_EQ(checker.judge(*output, nullptr).check.status, CheckStatus::passed) << where;
    }
  }
}

}  // namespace
}  // namespace gpubench
