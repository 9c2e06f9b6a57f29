// product_direct.cpp — launches shaders/gemm/direct.comp: packs B once, then, for one run of rows
// after the other, packs the rows of A and multiplies. The runs keep the copy of A small whatever
// the size of A.

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Ids of the constants of panels.glsl and pack_b.comp.
enum Constant : std::uint32_t { kLanesId = 8, kUnrollId, kPairsPerGroupId };

// How the operands are divided and how much the packed copies take.
struct Panels {
  std::uint32_t tile_m;
  std::uint32_t lanes;
  std::uint32_t lane_columns;
  std::uint32_t unroll;
  std::uint32_t pairs;  ///< Pairs of k, padded to the unrolled loop.
  std::uint32_t pair_bytes;
  std::uint32_t run_rows;  ///< Rows of A that are packed at a time.
  [[nodiscard]] Tile tile() const { return {tile_m, lanes * lane_columns}; }
};

// The packed copy of A stays near this size, within reach of a last-level cache or close to it.
constexpr std::uint64_t kRunBytes = 64ULL << 20;
constexpr std::uint32_t kLeastPairsPerGroup = 32;
// Invocations of a workgroup that packs A, each with one pair.
constexpr std::uint32_t kPackALanes = 64;
// More pairs in a round get a smaller tile, so that a round stays as long as a driver can compile.
constexpr std::uint32_t kMostUnroll = kMostTerms / 2;
// Panels are indexed by 32-bit numbers.
constexpr std::uint64_t kMostPairs = 1ULL << 31;

std::uint32_t power_of_two_up_to(std::uint32_t value, std::uint32_t most) {
  return std::min(std::bit_ceil(value), most);
}

std::uint64_t rounds_with(std::uint32_t unroll, const Shape& shape) {
  return rounds_of_loop(shape.k, 2ULL * unroll);
}

// Where each lane is loaded by itself, loads are what counts, and 16 x 16 sums for each lane take
// fewest of them; the sums then live in the first-level cache. A GPU must keep them in registers.
Panels choose_tile(const Shape& shape, const DeviceTraits& device) {
  Panels panels{};
  const bool software = device.is_software();
  panels.lanes = software ? std::max(device.subgroup_size, 1U) : 64;
  panels.tile_m = power_of_two_up_to(shape.m, software ? 16 : 8);
  const std::uint32_t usual = software ? 1 : 2;
  panels.unroll = least_terms(
      usual, kMostUnroll, [&](std::uint32_t unroll) { return rounds_with(unroll, shape); }, device);
  const std::uint32_t most_columns = (software ? 16 : 4) * usual / panels.unroll;
  panels.lane_columns =
      power_of_two_up_to(ceil_div(shape.n, panels.lanes), std::max(most_columns, 1U));
  return panels;
}

Panels choose_panels(const Shape& shape, Precision precision, const DeviceTraits& device) {
  Panels panels = choose_tile(shape, device);
  panels.pairs = ceil_div(shape.k, 2 * panels.unroll) * panels.unroll;
  panels.pair_bytes = 2 * compute_bytes(precision);
  const std::uint64_t row_bytes =
      std::uint64_t{panels.pairs} * panels.pair_bytes * shape.batch * panels.tile_m;
  const std::uint64_t most_tiles =
      std::min<std::uint64_t>(ceil_div(shape.m, panels.tile_m), device.max_workgroup_count[1]);
  const std::uint64_t tiles =
      std::clamp<std::uint64_t>(kRunBytes / std::max<std::uint64_t>(row_bytes, 1), 1, most_tiles);
  panels.run_rows = std::uint32_t(tiles * panels.tile_m);
  return panels;
}

std::uint64_t a_pairs(const Panels& panels, const Shape& shape) {
  return std::uint64_t{panels.run_rows} * panels.pairs * shape.batch;
}

std::uint64_t b_pairs(const Panels& panels, const Shape& shape) {
  const std::uint64_t columns = std::uint64_t{ceil_div(shape.n, panels.tile().n)} * panels.tile().n;
  return columns * panels.pairs * shape.batch;
}

Outcome check_pairs(const Panels& panels, const Shape& shape) {
  if (std::max(a_pairs(panels, shape), b_pairs(panels, shape)) < kMostPairs) return Done{};
  return Error{ErrorKind::unsupported, "a packed operand would exceed 2^31 pairs"};
}

// The three pipelines of a launch and what their grids need.
struct Stages {
  Problem problem;
  DeviceTraits device;
  Panels panels;
  std::uint32_t pairs_per_group;
  PipelineSpec pack_a, pack_b, multiply;

  [[nodiscard]] Step pack_b_step() const {
    const Shape& shape = problem.shape;
    return {
        pack_b,
        push_block(problem, {0, shape.m}),
        {ceil_div(shape.n, panels.tile().n), ceil_div(panels.pairs, pairs_per_group), shape.batch}};
  }

  [[nodiscard]] Step pack_a_step(RowBand run) const {
    return {pack_a,
            push_block(problem, run),
            {ceil_div(panels.pairs, kPackALanes), ceil_div(run.end - run.begin, panels.tile_m),
             problem.shape.batch}};
  }

  [[nodiscard]] std::vector<Step> steps(RowBand band) const {
    std::vector<Step> steps;
    if (band.begin == 0) steps.push_back(pack_b_step());
    for (std::uint64_t begin = band.begin; begin < band.end; begin += panels.run_rows) {
      const auto end = std::min<std::uint64_t>(begin + panels.run_rows, band.end);
      const RowBand run{std::uint32_t(begin), std::uint32_t(end)};
      steps.push_back(pack_a_step(run));
      const auto products = cover(multiply, problem, run, panels.tile(), device);
      steps.insert(steps.end(), products.begin(), products.end());
    }
    return steps;
  }
};

Stages make_stages(const Problem& problem, Precision precision, const DeviceTraits& device,
                   const Panels& panels) {
  const bool word64 = device.shader_int64 && panels.pair_bytes == 8;
  const std::uint32_t pairs_per_group =
      std::max(kLeastPairsPerGroup, ceil_div(panels.pairs, device.max_workgroup_count[1]));
  const auto constants = contract_constants(problem, panels.tile(),
                                            {{kLanesId, panels.lanes}, {kUnrollId, panels.unroll}});
  auto pack_b_constants = constants;
  pack_b_constants.push_back({kPairsPerGroupId, pairs_per_group});
  auto pack_a_constants = contract_constants(problem, panels.tile(),
                                             {{kLanesId, kPackALanes}, {kUnrollId, panels.unroll}});
  const auto multiply =
      module_name(to_string(problem.op), word64 ? "direct_word64" : "direct", precision);
  return {problem,
          device,
          panels,
          pairs_per_group,
          pipeline_spec(module_name("pack", "a", precision), pack_a_constants),
          pipeline_spec(module_name("pack", "b", precision), pack_b_constants),
          pipeline_spec(multiply, constants)};
}

}  // namespace

Result<Launch> launch_product_direct(const Problem& problem, Precision precision,
                                     const DeviceTraits& device, ParameterValues /*none*/) {
  const Shape& shape = problem.shape;
  const Panels panels = choose_panels(shape, precision, device);
  const std::uint64_t widest =
      std::max(column_tiles(problem, panels.tile()), ceil_div(panels.pairs, kPackALanes));
  const Outcome fits = first_failure(
      {check_precision(precision, HalfScratch::yes, device),
       check_workgroup(panels.lanes, 0, device), check_groups(widest, shape.batch, device),
       check_pairs(panels, shape), check_rounds(rounds_with(panels.unroll, shape), device)});
  if (!fits) return fits.error();

  Launch launch;
  launch.params = fmt::format("tile={}x{} lanes={} unroll={}", panels.tile_m, panels.tile().n,
                              panels.lanes, 2 * panels.unroll);
  launch.scratch0_bytes = a_pairs(panels, shape) * panels.pair_bytes;
  launch.scratch1_bytes = b_pairs(panels, shape) * panels.pair_bytes;
  launch.row_granule = panels.tile_m;
  const Stages stages = make_stages(problem, precision, device, panels);
  launch.steps = [stages](RowBand band) { return stages.steps(band); };
  return launch;
}

}  // namespace gpubench
