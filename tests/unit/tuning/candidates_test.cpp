#include "tuning/candidates.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <span>

#include "tuning/seeds.h"
#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::Not;

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

/// With the parameters that it does not name as they then are on a device that leaves no loops.
Tuning in_full(std::string_view tuning) {
  return *parse_tuning(fmt::format("{} unroll=1 strips=1", tuning));
}

/// The place of each tuning among the candidates; that of the end for one that is not there.
std::vector<std::ptrdiff_t> places(const std::vector<Tuning>& tunings,
                                   const std::vector<Tuning>& found) {
  std::vector<std::ptrdiff_t> places;
  for (const Tuning& tuning : tunings) {
    places.push_back(std::ranges::find(found, tuning) - found.begin());
  }
  return places;
}

TEST(Candidates, WinnersComeBeforeSeedsAndThoseBeforeNeighbours) {
  // The own choice is 128 x 128 x 16 in parts of 8 x 8. None of these is a seed: the first two
  // differ from it in several parameters, the last in one.
  const std::vector<Tuning> winners{
      in_full("tile_m=64 tile_n=32 tile_k=16 thread_m=4 thread_n=4 pad=0 group_rows=16"),
      in_full("tile_m=32 tile_n=64 tile_k=16 thread_m=4 thread_n=4 pad=0 group_rows=16")};
  const Tuning neighbour =
      in_full("tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=8 pad=0 group_rows=8");
  const std::vector<Tuning> of_vendor{
      in_full("tile_m=64 tile_n=128 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=16"),
      in_full("tile_m=32 tile_n=128 tile_k=32 thread_m=4 thread_n=4 pad=1 group_rows=8"),
      in_full("tile_m=64 tile_n=256 tile_k=32 thread_m=8 thread_n=8 pad=1 group_rows=8")};
  const std::vector<Tuning> of_any{
      in_full("tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8"),
      in_full("tile_m=128 tile_n=128 tile_k=8 thread_m=8 thread_n=16 pad=1 group_rows=8"),
      in_full("tile_m=256 tile_n=128 tile_k=16 thread_m=16 thread_n=8 pad=1 group_rows=8")};

  const auto found = candidates_for(*find_kernel(Op::gemm, "tiled"), square(1024), Precision::fp32,
                                    desktop_gpu(), 100, winners);

  EXPECT_THAT(found.front(), IsEmpty());
  EXPECT_THAT(places(winners, found), ElementsAre(1, 2));
  EXPECT_THAT(places(of_vendor, found), ElementsAre(3, 4, 5));
  EXPECT_THAT(places(of_any, found), ElementsAre(6, 7, 8));
  EXPECT_THAT(places({neighbour}, found), ElementsAre(AllOf(Gt(8), Lt(30))));
  EXPECT_EQ(found.size(), 100U) << "and then others";
}

TEST(Candidates, SeedsOfAnotherVendorAreNone) {
  DeviceTraits amd = desktop_gpu();
  amd.vendor_id = 0x1002;
  const Tuning of_nvidia =
      in_full("tile_m=32 tile_n=128 tile_k=32 thread_m=4 thread_n=4 pad=1 group_rows=8");
  const Tuning of_amd =
      in_full("tile_m=64 tile_n=128 tile_k=16 thread_m=8 thread_n=4 pad=1 group_rows=8");
  const auto found = candidates("tiled", amd, Precision::fp32, 10);
  EXPECT_EQ(found.at(1), of_amd);
  EXPECT_THAT(found, Not(Contains(of_nvidia)));
}

// One of a table that is older than a parameter, the same in full, and in another order of names.
TEST(Candidates, ThatMeanTheSameAreOne) {
  constexpr std::string_view kOlder =
      "tile_m=64 tile_n=32 tile_k=16 thread_m=4 thread_n=4 pad=0 group_rows=16";
  const std::vector<Tuning> winners{
      *parse_tuning(kOlder), in_full(kOlder),
      *parse_tuning("group_rows=16 tile_m=64 tile_n=32 tile_k=16 thread_m=4 thread_n=4 pad=0"),
      // The own choice.
      *parse_tuning("tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8")};

  const auto found = candidates_for(*find_kernel(Op::gemm, "tiled"), square(1024), Precision::fp32,
                                    desktop_gpu(), 100, winners);

  EXPECT_THAT(places({in_full(kOlder)}, found), ElementsAre(1));
  EXPECT_THAT(found, Not(Contains(winners.front())));
  EXPECT_THAT(found, Not(Contains(in_full(to_string(winners.back())))));
  EXPECT_EQ(found.at(2),
            in_full(to_string(seeds_for(*find_kernel(Op::gemm, "tiled"), 0x10DE).front())));
}

TEST(Candidates, UnrollTheLoopOverATileWhereThatIsLegal) {
  const std::string own =
      "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8 ";
  const auto found = candidates_for(*find_kernel(Op::gemm, "tiled"), square(1024), Precision::fp32,
                                    desktop_gpu(), 100);
  for (const char* order : {"unroll=4 strips=1", "unroll=8 strips=1", "unroll=16 strips=1",
                            "unroll=1 strips=2", "unroll=1 strips=4"}) {
    EXPECT_THAT(found, Contains(*parse_tuning(own + order)));
  }
  EXPECT_THAT(found, Not(Contains(*parse_tuning(own + "unroll=32 strips=1"))));
}

TEST(Candidates, IllegalWinnersAreNone) {
  const std::vector<Tuning> winners{parse_tuning("tile_m=7").value()};
  EXPECT_EQ(candidates_for(*find_kernel(Op::gemm, "tiled"), square(2048), Precision::fp16_acc32,
                           desktop_gpu(), 100, winners),
            candidates("tiled", desktop_gpu()));
}

// Two FP16 sums share a register.
TEST(Candidates, With256SumsAreThoseOfHalfSumsOnly) {
  const Tuning tuning =
      in_full("tile_m=256 tile_n=128 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8");
  for (const Precision path : find_kernel(Op::gemm, "tiled")->paths) {
    const bool halves = path == Precision::fp16 || path == Precision::fp32_via_fp16;
    const auto found = candidates("tiled", desktop_gpu(), path);
    EXPECT_EQ(std::ranges::count(found, tuning), halves ? 1 : 0) << to_string(path);
  }
}

// Whatever comes after seeds and neighbours differs in more than its last parameters.
TEST(Candidates, OthersAreOfManyTiles) {
  constexpr std::size_t kOthers = 50, kOfTheTile = 5;
  for (const char* kernel : {"tiled", "coop", "coop2"}) {
    const auto found = candidates(kernel, desktop_gpu());
    std::set<std::string> tiles;
    for (const Tuning& tuning : std::span(found).last(kOthers)) {
      tiles.insert(to_string(Tuning(tuning.begin(), tuning.begin() + kOfTheTile)));
    }
    EXPECT_GE(tiles.size(), 40U) << kernel;
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
