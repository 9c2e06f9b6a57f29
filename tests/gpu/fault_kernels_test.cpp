// The kernels of tests/faults do what their heads say: each is honest but for its fault. Whether
// gpubench catches them is the business of the tests of the runner.

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "gpu/kernel_rig.h"

namespace gpubench {
namespace {

using testing::Inputs;
using testing::KernelRig;

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

std::string read_text(const std::string& file) {
  std::ifstream stream(std::string(GPUBENCH_FAULTS_DIR) + "/" + file);
  EXPECT_TRUE(stream) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::uint32_t> compile_fault(const std::string& name) {
  const std::string include = "#include \"contract.glsl\"";
  std::string source = read_text(name + ".comp");
  source.replace(source.find(include), include.size(), read_text("contract.glsl"));
  return testing::compile_glsl(source);
}

Problem gemm(Shape shape) {
  return {.op = Op::gemm, .shape = shape};
}

// A faulty kernel on one problem, ready to be run again and again.
class Planted {
 public:
  Planted(const std::string& name, const Problem& problem)
      : problem_(problem),
        code_(compile_fault(name)),
        launch_(
            launch_user_kernel({8, 16, {}}, problem, Precision::fp32, device().traits()).value()),
        rig_(device(), problem, Precision::fp32, launch_,
             testing::make_inputs(problem, Precision::fp32)) {}

  std::vector<float> run() {
    rig_.run(problem_.shape.m, code_);
    return rig_.output();
  }
  std::string damaged_guard() { return rig_.damaged_guard(); }

 private:
  Problem problem_;
  std::vector<std::uint32_t> code_;
  Launch launch_;
  KernelRig rig_;
};

const Problem kRagged = gemm({19, 37, 29, 2});

std::vector<float> honest(const Problem& problem) {
  return Planted("honest", problem).run();
}

std::size_t differing(const std::vector<float>& x, const std::vector<float>& y) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < x.size(); ++i) count += x[i] == y[i] ? 0 : 1;  // NaN differs
  return count;
}

TEST(Faults, HonestEqualsTheNaiveKernel) {
  const auto launch =
      find_kernel(Op::gemm, "naive")->launch(kRagged, Precision::fp32, device().traits());
  KernelRig rig(device(), kRagged, Precision::fp32, *launch,
                testing::make_inputs(kRagged, Precision::fp32));
  rig.run(kRagged.shape.m);

  EXPECT_EQ(honest(kRagged), rig.output());
}

TEST(Faults, WholeOutputIsWrongWhereTheLoopIsWrong) {
  const std::size_t all = kRagged.c_elements();
  for (const char* name : {"k_tail", "fp16_accumulate"}) {
    EXPECT_GT(differing(Planted(name, kRagged).run(), honest(kRagged)), all * 9 / 10) << name;
  }
}

TEST(Faults, SwappedStrideIsRightWhenNEqualsK) {
  const Problem square = gemm({16, 16, 16});

  EXPECT_EQ(Planted("swapped_stride", square).run(), honest(square));
  EXPECT_GT(differing(Planted("swapped_stride", kRagged).run(), honest(kRagged)), 0U);
}

// 19 rows are 3 row tiles of 8: rows 8 and 16 are wrong, in both batch members.
TEST(Faults, OffByOneTileSpoilsTheFirstRowsOfTiles) {
  EXPECT_EQ(differing(Planted("off_by_one_tile", kRagged).run(), honest(kRagged)), 2U * 2 * 37);
}

TEST(Faults, OneElementIsOne) {
  const auto output = Planted("one_element", kRagged).run();
  const auto right = honest(kRagged);

  EXPECT_EQ(differing(output, right), 1U);
  const std::size_t middle = 19 / 2 * 37 + 37 / 2;
  // 100,000 billionths of the norm of a row of 29 normal values, about 5.4.
  EXPECT_NEAR(output[middle] - right[middle], 5.4e-4, 3e-4);
}

TEST(Faults, NondeterministicChangesOneBitEachTime) {
  Planted planted("nondeterministic", kRagged);
  const auto first = planted.run(), second = planted.run(), third = planted.run();

  EXPECT_EQ(differing(first, second), 1U);
  EXPECT_EQ(first, third);
}

TEST(Faults, StaleIsRightOnce) {
  Planted planted("stale_value", kRagged);

  EXPECT_EQ(planted.run(), honest(kRagged));
  EXPECT_GT(differing(planted.run(), honest(kRagged)), kRagged.c_elements() * 9 / 10);
  EXPECT_EQ(Planted("stale", kRagged).run(), honest(kRagged));
}

TEST(Faults, PoisonLeavesTheLastColumn) {
  const auto output = Planted("poison", kRagged).run();

  EXPECT_EQ(differing(output, honest(kRagged)), 2U * 19);
  EXPECT_TRUE(std::isnan(output[36]));
}

TEST(Faults, OverrunIsRightAndDamagesAGuard) {
  Planted planted("overrun", kRagged);

  EXPECT_EQ(planted.run(), honest(kRagged));
  EXPECT_NE(planted.damaged_guard(), "");
}

}  // namespace
}  // namespace gpubench
