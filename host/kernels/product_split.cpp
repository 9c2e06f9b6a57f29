// product_split.cpp — launches shaders/gemm/tiled.comp over parts of k, and add_parts.comp after
// it: for few outputs with long sums, whose tiles alone would leave most of a GPU idle.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"
#include "kernels/tiled_constants.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kTileK = 16;
constexpr std::uint32_t kPad = 1;
constexpr std::uint32_t kGroupRows = 8;
// Columns that a workgroup of add_parts.comp adds up.
constexpr std::uint32_t kAddColumns = 128;
// So many workgroups keep a middling GPU busy.
constexpr std::uint64_t kEnoughTiles = 128;
// A shorter part is not worth the memory that its sums take.
constexpr std::uint32_t kLeastTermsOfPart = 256;
constexpr std::uint64_t kMostSums = 1ULL << 32;  // shaders index them by 32-bit numbers

constexpr std::array<std::uint32_t, 3> kSides{32, 64, 128};
constexpr std::array<std::uint32_t, 4> kSplitCounts{2, 4, 8, 16};
constexpr std::array<ParameterSpace, 2> kSpaces{{{"tile", kSides}, {"splits", kSplitCounts}}};

// In the order of kSpaces.
struct Split {
  std::uint32_t side;
  std::uint32_t splits;

  [[nodiscard]] Tile tile() const { return {side, side}; }
  // 64 sums to an invocation of the large tile, 32 and 16 to those of the small ones.
  [[nodiscard]] std::uint32_t thread_m() const { return side >= 64 ? 8 : 4; }
  [[nodiscard]] std::uint32_t thread_n() const { return side >= 128 ? 8 : 4; }
  [[nodiscard]] std::uint32_t threads() const { return side * side / (thread_m() * thread_n()); }
  /// Whole tiles, so that none lies across two parts.
  [[nodiscard]] std::uint32_t terms_of_part(std::uint32_t k) const {
    return std::max(ceil_div(ceil_div(k, splits), kTileK), 1U) * kTileK;
  }
};

/// As many parts as it takes to fill a GPU, but none that are too short.
Split choose_split(const Shape& shape) {
  Split split{64, kSplitCounts.front()};
  const std::uint64_t tiles =
      std::uint64_t{ceil_div(shape.m, split.side)} * ceil_div(shape.n, split.side) * shape.batch;
  for (const std::uint32_t splits : kSplitCounts) {
    if (splits > 8 || shape.k / splits < kLeastTermsOfPart) break;
    split.splits = splits;
    if (tiles * splits >= kEnoughTiles) break;
  }
  return split;
}

std::uint64_t rounds_with(bool unrolled, std::uint32_t terms) {
  const std::uint64_t tiles = rounds_of_loop(terms, kTileK);
  return unrolled ? tiles : tiles + tiles * rounds_of_loop(kTileK, 1);
}

std::uint64_t shared_bytes(const Split& split, Precision precision) {
  return std::uint64_t{kTileK} * 2 * (split.side / 4 + kPad) * 4 * compute_bytes(precision);
}

Outcome check_sums(std::uint64_t sums) {
  if (sums < kMostSums) return Done{};
  return Error{ErrorKind::unsupported, "the sums of all parts would exceed 2^32"};
}

/// The products of a band, part by part along z, then the additions.
struct Stages {
  Problem problem;
  DeviceTraits device;
  Split split;
  PipelineSpec multiply, add;

  [[nodiscard]] std::vector<Step> steps(RowBand band) const {
    std::vector<Step> steps = cover(multiply, problem, band, split.tile(), device);
    for (Step& step : steps) step.groups[2] *= split.splits;
    const auto additions = cover(add, problem, band, {1, kAddColumns}, device);
    steps.insert(steps.end(), additions.begin(), additions.end());
    return steps;
  }
};

Stages make_stages(const Problem& problem, Precision precision, const DeviceTraits& device,
                   const Split& split, bool unrolled) {
  const std::string_view op = to_string(problem.op);
  return {
      problem, device, split,
      pipeline_spec(module_name(op, "split", precision),
                    contract_constants(problem, split.tile(),
                                       {{kThreadsId, split.threads()},
                                        {kTileKId, kTileK},
                                        {kThreadMId, split.thread_m()},
                                        {kThreadNId, split.thread_n()},
                                        {kPadId, kPad},
                                        {kGroupRowsId, kGroupRows},
                                        {kUnrolledId, unrolled ? 1U : 0U},
                                        {kSplitsId, split.splits},
                                        {kTermsOfPartId, split.terms_of_part(problem.shape.k)}})),
      pipeline_spec(module_name(op, "add_parts", precision),
                    contract_constants(problem, {1, kAddColumns}, {{kSplitsId, split.splits}}))};
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_split() {
  return kSpaces;
}

Result<Launch> launch_product_split(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  const Shape& shape = problem.shape;
  const Split split = values.empty() ? choose_split(shape) : Split{values[0], values[1]};
  const std::uint32_t terms = split.terms_of_part(shape.k);
  const bool unrolled = !check_rounds(rounds_with(false, terms), device);
  const std::uint64_t sums = split.splits * shape.c_elements();
  const Outcome fits = first_failure(
      {check_precision(precision, HalfScratch::none, device),
       check_workgroup(split.threads(), shared_bytes(split, precision), device),
       check_groups(std::max(column_tiles(problem, split.tile()), ceil_div(shape.n, kAddColumns)),
                    std::uint64_t{shape.batch} * split.splits, device),
       check_sums(sums), check_rounds(rounds_with(unrolled, terms), device)});
  if (!fits) return fits.error();

  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} splits={}x{}{}", split.side, split.side, kTileK,
                              split.splits, terms, unrolled ? " unrolled" : "");
  launch.tuning = tuning_of(kSpaces, std::array{split.side, split.splits});
  launch.scratch0_bytes = sums * sizeof(float);
  launch.row_granule = split.side;
  const Stages stages = make_stages(problem, precision, device, split, unrolled);
  launch.steps = [stages](RowBand band) { return stages.steps(band); };
  return launch;
}

}  // namespace gpubench
