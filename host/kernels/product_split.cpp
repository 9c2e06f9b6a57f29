// product_split.cpp — launches shaders/gemm/tiled.comp over parts of k, and add_parts.comp after
// it.

#include <fmt/format.h>

#include <array>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/parts.h"
#include "kernels/rounds.h"
#include "kernels/tiled_constants.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kTileK = 16;
constexpr std::uint32_t kPad = 1;
constexpr std::uint32_t kGroupRows = 8;

constexpr std::array<std::uint32_t, 3> kSides{32, 64, 128};
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
};

Split choose_split(const Shape& shape) {
  constexpr std::uint32_t kSide = 64;
  const std::uint64_t tiles =
      std::uint64_t{ceil_div(shape.m, kSide)} * ceil_div(shape.n, kSide) * shape.batch;
  return {kSide, choose_splits(shape.k, tiles)};
}

std::uint64_t rounds_with(bool unrolled, std::uint32_t terms) {
  const std::uint64_t tiles = rounds_of_loop(terms, kTileK);
  return unrolled ? tiles : tiles + tiles * rounds_of_loop(kTileK, 1);
}

std::uint64_t shared_bytes(const Split& split, Precision precision) {
  return std::uint64_t{kTileK} * 2 * (split.side / 4 + kPad) * 4 * compute_bytes(precision);
}

PipelineSpec multiply_of(const Problem& problem, Precision precision, const Split& split,
                         const Parts& parts, bool unrolled) {
  return pipeline_spec(module_name(to_string(problem.op), "split", precision),
                       contract_constants(problem, split.tile(),
                                          {{kThreadsId, split.threads()},
                                           {kTileKId, kTileK},
                                           {kThreadMId, split.thread_m()},
                                           {kThreadNId, split.thread_n()},
                                           {kPadId, kPad},
                                           {kGroupRowsId, kGroupRows},
                                           {kUnrolledId, unrolled ? 1U : 0U},
                                           {kSplitsId, parts.splits},
                                           {kTermsOfPartId, parts.terms}}));
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_split() {
  return kSpaces;
}

Result<Launch> launch_product_split(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  const Split split = values.empty() ? choose_split(problem.shape) : Split{values[0], values[1]};
  const Parts parts = parts_of(problem.shape.k, split.splits, kTileK);
  const bool unrolled = !check_rounds(rounds_with(false, parts.terms), device);
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_workgroup(split.threads(), shared_bytes(split, precision), device),
                     check_parts(parts, problem, split.tile(), device),
                     check_rounds(rounds_with(unrolled, parts.terms), device)});
  if (!fits) return fits.error();

  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} splits={}x{}{}", split.side, split.side, kTileK,
                              parts.splits, parts.terms, unrolled ? " unrolled" : "");
  launch.tuning = tuning_of(kSpaces, std::array{split.side, split.splits});
  launch.scratch0_bytes = bytes_of_sums(parts, problem.shape);
  launch.row_granule = split.side;
  launch.steps = steps_of_parts(multiply_of(problem, precision, split, parts, unrolled), parts,
                                problem, precision, split.tile(), device);
  return launch;
}

}  // namespace gpubench
