// What is known of one kernel's speed must not be taken for another's.
#include "run/rates.h"

#include <gtest/gtest.h>

#include "fake_device.h"

namespace gpubench {
namespace {

Case users_product() {
  Case planned;
  planned.problem = {.op = Op::gemm, .shape = {1024, 1024, 1024, 1}};
  planned.kernel.name = "user";
  planned.kernel.glsl_file = "k.comp";
  planned.kernel.tile_m = planned.kernel.tile_n = 16;
  return planned;
}

class Rates : public ::testing::Test {
 protected:
  /// Submissions that asking for the rate took.
  int asked(const Case& planned) {
    const int before = device_.submissions;
    const auto rate = rates_.rate_for(planned);
    EXPECT_TRUE(rate) << rate.error().message;
    return device_.submissions - before;
  }

  run_tests::FakeDevice device_;
  const KernelSources code_{{{"glsl:k.comp", {0x07230203U}}}, {}};
  RateBook rates_{device_, code_};
};

TEST_F(Rates, AnotherSizeOfTheSameKernelIsNotProbedAgain) {
  Case larger = users_product();
  larger.problem.shape.m = 4096;

  EXPECT_GT(asked(users_product()), 0);
  EXPECT_EQ(asked(larger), 0);
}

TEST_F(Rates, OtherTilesOrConstantsAreAnotherKernel) {
  Case tiles = users_product(), constants = tiles;
  tiles.kernel.tile_n = 32;
  constants.kernel.constants = {{8, 1}};

  EXPECT_GT(asked(users_product()), 0);
  EXPECT_GT(asked(tiles), 0);
  EXPECT_GT(asked(constants), 0);
  EXPECT_EQ(asked(constants), 0);
}

}  // namespace
}  // namespace gpubench
