// product_direct.cpp — launches shaders/gemm/direct.comp: packs B once, then, for one run of rows
// after the other, packs the rows of A and multiplies. The runs keep the copy of A small whatever
// the size of A.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/contract.h"
#include "kernels/direct_feed.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Ids of the constants of panels.glsl, pack_b.comp and direct.comp.
enum Constant : std::uint32_t {
  kLanesId = 8,
  kUnrollId,
  kRunAId,
  kRunBId,
  kRunsPerGroupId,
  kStoreInLoopId
};

constexpr std::array<std::uint32_t, 6> kTileRows{1, 2, 4, 8, 16, 32};
constexpr std::array<std::uint32_t, 5> kLaneColumns{1, 2, 4, 8, 16};
constexpr std::array<std::uint32_t, 6> kUnrolls{2, 4, 8, 16, 32, 64};
constexpr std::array<ParameterSpace, 4> kSpaces{{{"tile_m", kTileRows},
                                                 {"lane_columns", kLaneColumns},
                                                 {"unroll", kUnrolls},
                                                 {"feed", kFeedValues}}};

// What may be chosen.
struct Parameters {
  std::uint32_t tile_m;
  std::uint32_t lane_columns;
  std::uint32_t unroll;  ///< Steps of k in a round of the loop.
  Feed feed;
};

// How the operands are divided and how much the packed copies take.
struct Panels {
  Parameters chosen;
  std::uint32_t lanes;
  std::uint32_t padded_k;
  std::uint32_t run_rows;  ///< Rows of A that are packed at a time.
  [[nodiscard]] Tile tile() const { return {chosen.tile_m, lanes * chosen.lane_columns}; }
};

// The packed copy of A stays near this size, within reach of a last-level cache or close to it.
constexpr std::uint64_t kRunBytes = 64ULL << 20;
constexpr std::uint32_t kLeastRunsPerGroup = 32;
// Invocations of a workgroup that packs A, each with one run of each row.
constexpr std::uint32_t kPackALanes = 64;
// Where a GPU has no subgroup to fit.
constexpr std::uint32_t kGpuLanes = 64;
// Panels are indexed by runs, in numbers of 31 bits.
constexpr std::uint64_t kMostRuns = 1ULL << 31;
// Sums of an invocation: of 8 lanes in the first-level cache, or in the registers of a GPU.
constexpr std::uint32_t kMostSoftwareSums = 256, kMostGpuSums = 128;

std::uint32_t power_of_two_up_to(std::uint32_t value, std::uint32_t most) {
  return std::min(std::bit_ceil(value), most);
}

std::uint32_t lanes_for(Feed feed, const DeviceTraits& device) {
  const bool of_subgroup = device.is_software() || feed == Feed::broadcast;
  return of_subgroup ? std::max(device.subgroup_size, 1U) : kGpuLanes;
}

// Where each lane is loaded by itself, loads are what counts, and 16 x 16 sums for each lane take
// fewest of them; the sums then live in the first-level cache. A GPU must keep them in registers,
// and so does a processor where loads cost little.
Parameters usual_for(Feed feed, const DeviceTraits& device) {
  if (!device.is_software()) return {8, 4, 4, feed};
  if (feed == Feed::broadcast) return {16, 4, 4, feed};
  if (feed == Feed::uniform) return {16, 1, 64, feed};
  return {16, 16, runs_of(feed).step, feed};
}

// Over k, and over the rows that are stored.
std::uint64_t rounds_with(std::uint32_t unroll, std::uint32_t tile_m, const Shape& shape) {
  return rounds_of_loop(shape.k, unroll) + rounds_of_loop(tile_m, 1);
}

// More steps in a round get a smaller tile, so that a round stays as long as a driver can compile.
Parameters fitted(Parameters usual, const Shape& shape, const DeviceTraits& device) {
  Parameters chosen = usual;
  chosen.tile_m = power_of_two_up_to(shape.m, usual.tile_m);
  chosen.unroll = least_terms(
      usual.unroll, kMostTerms,
      [&](std::uint32_t unroll) { return rounds_with(unroll, chosen.tile_m, shape); }, device);
  const std::uint32_t most_columns = usual.lane_columns * usual.unroll / chosen.unroll;
  chosen.lane_columns = power_of_two_up_to(ceil_div(shape.n, lanes_for(usual.feed, device)),
                                           std::max(most_columns, 1U));
  return chosen;
}

Panels divide(const Parameters& chosen, const Problem& problem, Precision precision,
              const DeviceTraits& device) {
  const Shape& shape = problem.shape;
  Panels panels{chosen, lanes_for(chosen.feed, device), 0, 0};
  panels.padded_k = ceil_div(shape.k, chosen.unroll) * chosen.unroll;
  const std::uint64_t tile_bytes =
      std::uint64_t{panels.padded_k} * compute_bytes(precision) * shape.batch * chosen.tile_m;
  const std::uint64_t most_tiles =
      std::min<std::uint64_t>(ceil_div(shape.m, chosen.tile_m), device.max_workgroup_count[1]);
  const std::uint64_t tiles =
      std::clamp<std::uint64_t>(kRunBytes / std::max<std::uint64_t>(tile_bytes, 1), 1, most_tiles);
  panels.run_rows = std::uint32_t(tiles * chosen.tile_m);
  return panels;
}

std::uint64_t a_elements(const Panels& panels, const Shape& shape) {
  return std::uint64_t{panels.run_rows} * panels.padded_k * shape.batch;
}

std::uint64_t b_elements(const Panels& panels, const Shape& shape) {
  const std::uint64_t columns = std::uint64_t{ceil_div(shape.n, panels.tile().n)} * panels.tile().n;
  return columns * panels.padded_k * shape.batch;
}

Outcome check_feed_of(const Panels& panels, const Shape& shape, Precision precision,
                      const DeviceTraits& device) {
  const std::uint64_t larger = std::max(a_elements(panels, shape), b_elements(panels, shape));
  return check_feed(panels.chosen.feed, {precision, panels.lanes, larger}, device);
}

Outcome check_runs(const Panels& panels, const Shape& shape) {
  const FeedRuns runs = runs_of(panels.chosen.feed);
  if (std::max(a_elements(panels, shape) / runs.a, b_elements(panels, shape) / runs.b) <
      kMostRuns) {
    return Done{};
  }
  return Error{ErrorKind::unsupported,
               fmt::format("a packed operand would exceed 2^31 runs of {}", runs.b)};
}

// What no device could have, or no compiler take in good time.
Outcome check_parameters(const Parameters& chosen, const DeviceTraits& device) {
  const std::uint32_t sums = chosen.tile_m * chosen.lane_columns;
  const std::uint32_t most = device.is_software() ? kMostSoftwareSums : kMostGpuSums;
  const std::uint32_t step = runs_of(chosen.feed).step;
  std::string why;
  if (sums > most) why = fmt::format("{} sums an invocation, more than {}", sums, most);
  if (sums * chosen.unroll > kMostProducts) {
    why = fmt::format("{} products a round, more than {}", sums * chosen.unroll, kMostProducts);
  }
  if (chosen.unroll < step) {
    why = fmt::format("feed {} takes {} steps of k at a time, unroll is {}", to_string(chosen.feed),
                      step, chosen.unroll);
  }
  if (why.empty()) return Done{};
  return Error{ErrorKind::unsupported, why};
}

// The launch's own choice of parameters, and why where that depends on the driver.
struct Choice {
  Panels panels;
  std::string why;
};

Choice choose(const Problem& problem, Precision precision, const DeviceTraits& device) {
  const auto with = [&](Feed feed) {
    return divide(fitted(usual_for(feed, device), problem.shape, device), problem, precision,
                  device);
  };
  const FeedChoice preferred = preferred_feed(precision, device);
  const Panels panels = with(preferred.feed);
  const Outcome fits = check_feed_of(panels, problem.shape, precision, device);
  if (fits) return {panels, preferred.why};
  return {with(plain_feed(precision, device)), fits.error().message};
}

Parameters parameters_from(ParameterValues values) {
  return {values[0], values[1], values[2], static_cast<Feed>(values[3])};
}

// The three pipelines of a launch and what their grids need.
struct Stages {
  Problem problem;
  DeviceTraits device;
  Panels panels;
  std::uint32_t runs_per_group;
  PipelineSpec pack_a, pack_b, multiply;

  [[nodiscard]] Step pack_b_step() const {
    const Shape& shape = problem.shape;
    const std::uint32_t runs = panels.padded_k / runs_of(panels.chosen.feed).b;
    return {pack_b,
            push_block(problem, {0, shape.m}),
            {ceil_div(shape.n, panels.tile().n), ceil_div(runs, runs_per_group), shape.batch}};
  }

  [[nodiscard]] Step pack_a_step(RowBand run) const {
    const std::uint32_t runs = panels.padded_k / runs_of(panels.chosen.feed).a;
    return {pack_a,
            push_block(problem, run),
            {ceil_div(runs, kPackALanes), ceil_div(run.end - run.begin, panels.chosen.tile_m),
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

std::vector<SpecConstant> constants_of(const Problem& problem, const Panels& panels,
                                       std::uint32_t lanes) {
  const FeedRuns runs = runs_of(panels.chosen.feed);
  return contract_constants(
      problem, panels.tile(),
      {{kLanesId, lanes}, {kUnrollId, panels.chosen.unroll}, {kRunAId, runs.a}, {kRunBId, runs.b}});
}

PipelineSpec multiply_spec(const Problem& problem, Precision precision, const DeviceTraits& device,
                           const Panels& panels) {
  const Feed feed = panels.chosen.feed;
  const auto kernel =
      feed == Feed::pairs ? std::string("direct") : fmt::format("direct_{}", to_string(feed));
  auto constants = constants_of(problem, panels, panels.lanes);
  constants.push_back({kStoreInLoopId, device.is_software() ? 1U : 0U});
  auto spec = pipeline_spec(module_name(to_string(problem.op), kernel, precision), constants);
  if (fetches_texels(feed)) {
    spec.texels = {{BufferRole::scratch0, TexelFormat::f32},
                   {BufferRole::scratch1, TexelFormat::f32}};
  }
  if (feed == Feed::broadcast && device.subgroup_size_control) {
    spec.required_subgroup_size = panels.lanes;
  }
  return spec;
}

Stages make_stages(const Problem& problem, Precision precision, const DeviceTraits& device,
                   const Panels& panels) {
  const std::uint32_t runs = panels.padded_k / runs_of(panels.chosen.feed).b;
  const std::uint32_t runs_per_group =
      std::max(kLeastRunsPerGroup, ceil_div(runs, device.max_workgroup_count[1]));
  auto pack_b_constants = constants_of(problem, panels, panels.lanes);
  pack_b_constants.push_back({kRunsPerGroupId, runs_per_group});
  return {problem,
          device,
          panels,
          runs_per_group,
          pipeline_spec(module_name("pack", "a", precision),
                        constants_of(problem, panels, kPackALanes)),
          pipeline_spec(module_name("pack", "b", precision), pack_b_constants),
          multiply_spec(problem, precision, device, panels)};
}

Outcome check_launch(const Problem& problem, Precision precision, const DeviceTraits& device,
                     const Panels& panels) {
  const Shape& shape = problem.shape;
  const std::uint64_t widest =
      std::max(column_tiles(problem, panels.tile()),
               ceil_div(panels.padded_k / runs_of(panels.chosen.feed).a, kPackALanes));
  return first_failure(
      {check_precision(precision, HalfScratch::yes, device),
       check_parameters(panels.chosen, device), check_feed_of(panels, shape, precision, device),
       check_workgroup(panels.lanes, 0, device), check_groups(widest, shape.batch, device),
       check_runs(panels, shape),
       check_rounds(rounds_with(panels.chosen.unroll, panels.chosen.tile_m, shape), device)});
}

std::array<std::uint32_t, kSpaces.size()> values_from(const Parameters& chosen) {
  return {chosen.tile_m, chosen.lane_columns, chosen.unroll,
          static_cast<std::uint32_t>(chosen.feed)};
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_direct() {
  return kSpaces;
}

Result<Launch> launch_product_direct(const Problem& problem, Precision precision,
                                     const DeviceTraits& device, ParameterValues values) {
  const Choice choice =
      values.empty() ? choose(problem, precision, device)
                     : Choice{divide(parameters_from(values), problem, precision, device), ""};
  const Panels& panels = choice.panels;
  const Outcome fits = check_launch(problem, precision, device, panels);
  if (!fits) return fits.error();

  Launch launch;
  launch.params =
      fmt::format("tile={}x{} lanes={} unroll={} feed={}", panels.tile().m, panels.tile().n,
                  panels.lanes, panels.chosen.unroll, to_string(panels.chosen.feed));
  launch.why = choice.why;
  launch.tuning = tuning_of(kSpaces, values_from(panels.chosen));
  launch.scratch0_bytes = a_elements(panels, problem.shape) * compute_bytes(precision);
  launch.scratch1_bytes = b_elements(panels, problem.shape) * compute_bytes(precision);
  launch.row_granule = panels.chosen.tile_m;
  const Stages stages = make_stages(problem, precision, device, panels);
  launch.steps = [stages](RowBand band) { return stages.steps(band); };
  return launch;
}

}  // namespace gpubench
