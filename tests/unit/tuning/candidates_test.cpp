#include "tuning/candidates.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

Problem square(std::uint32_t side) {
  Problem problem;
  problem.shape = {side, side, side, 1};
  return problem;
}

std::vector<Tuning> candidates(const char* kernel, const DeviceTraits& device,
                               Precision path = Precision::fp16_acc32, std::size_t most = 100) {
  return candidates_for(*find_kernel(Op::gemm, kernel), square(2048), path, device, most);
}

TEST(Candidates, OwnChoiceComesFirstAndNoneTwice) {
  for (const char* kernel : {"tiled", "coop", "coop_split", "coop2"}) {
    const auto found = candidates(kernel, desktop_gpu());
    ASSERT_EQ(found.size(), 100U) << kernel;
    EXPECT_TRUE(found.front().empty());
    const auto own =
        find_kernel(Op::gemm, kernel)->launch(square(2048), Precision::fp16_acc32, desktop_gpu());
    std::set<std::string> words;
    for (const Tuning& tuning : found) {
      words.insert(to_string(tuning));
      EXPECT_NE(tuning, own->tuning);
    }
    EXPECT_EQ(words.size(), found.size()) << kernel;
  }
}

TEST(Candidates, EachIsLegalHere) {
  DeviceTraits small = desktop_gpu();
  small.max_workgroup_invocations = 128;
  small.max_shared_bytes = 16 * 1024;
  const auto found = candidates("tiled", small);
  ASSERT_GT(found.size(), 10U);
  for (const Tuning& tuning : found) {
    EXPECT_TRUE(
        find_kernel(Op::gemm, "tiled")->launch(square(2048), Precision::fp16_acc32, small, tuning))
        << to_string(tuning);
  }
}

TEST(Candidates, SeedsAreTuningsOfTheirKernels) {
  const auto found = candidates("tiled", desktop_gpu());
  EXPECT_EQ(to_string(found.at(1)),
            "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8");
  EXPECT_EQ(to_string(candidates("coop", desktop_gpu()).at(1)),
            "subgroups_m=2 subgroups_n=4 part_m=64 part_n=64 tile_k=32 pad=1 group_rows=8");
  EXPECT_EQ(to_string(candidates("coop2", desktop_gpu()).at(1)),
            "threads=256 tile_m=128 tile_n=256 tile_k=64 unroll=4 group_rows=8 tensors=1");
}

TEST(Candidates, GivenSeedsComeBeforeAllOthers) {
  const auto unseeded = candidates("tiled", desktop_gpu());
  const std::vector<Tuning> seeds{unseeded.at(9), parse_tuning("tile_m=7").value()};
  const auto found = candidates_for(*find_kernel(Op::gemm, "tiled"), square(2048),
                                    Precision::fp16_acc32, desktop_gpu(), 100, seeds);
  EXPECT_EQ(found.at(1), unseeded.at(9));
  EXPECT_EQ(found.at(2), unseeded.at(1)) << "illegal seeds are none";
}

// Two FP16 sums share a register.
TEST(Candidates, With256SumsAreThoseOfHalfSumsOnly) {
  const Tuning tuning =
      *parse_tuning("tile_m=256 tile_n=128 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8");
  for (const Precision path : find_kernel(Op::gemm, "tiled")->paths) {
    const bool halves = path == Precision::fp16 || path == Precision::fp32_via_fp16;
    const auto found = candidates("tiled", desktop_gpu(), path);
    EXPECT_EQ(std::ranges::count(found, tuning), halves ? 1 : 0) << to_string(path);
  }
}

TEST(Candidates, OfAKernelWithoutParametersAreItsOwnChoiceAlone) {
  EXPECT_EQ(candidates("naive", desktop_gpu()).size(), 1U);
}

TEST(Candidates, OfAKernelThatCannotRunAreNone) {
  DeviceTraits without_units = desktop_gpu();
  without_units.cooperative_matrices.clear();
  EXPECT_TRUE(candidates("coop", without_units).empty());
}

TEST(Candidates, SpaceThatIsSmallerThanTheMostIsExhausted) {
  Problem rows;
  rows.op = Op::softmax;
  rows.shape = {512, 512, 0, 1};
  const auto found = candidates_for(*find_kernel(Op::softmax, "tiled"), rows, Precision::fp32,
                                    desktop_gpu(), 1000);
  // Six thread counts, read once or twice, less the own choice, which stands first as itself.
  EXPECT_EQ(found.size(), 12U);
}

}  // namespace
}  // namespace gpubench
