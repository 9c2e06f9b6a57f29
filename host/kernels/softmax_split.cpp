// softmax_split.cpp — launches shaders/softmax/split_parts.comp and split_shares.comp: for few,
// very long rows, of which one workgroup each would leave most of a GPU idle.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Ids of the constants of parts.glsl.
enum Constant : std::uint32_t { kThreadsId = 8, kPartsId, kRunsOfPartId };

constexpr std::uint32_t kRun = 4;  // elements that an invocation takes at a time
constexpr std::uint32_t kThreads = 256;
// So many workgroups keep a middling GPU busy.
constexpr std::uint64_t kEnoughGroups = 128;
constexpr std::uint32_t kLeastRunsOfPart = 4 * kThreads;
constexpr std::uint32_t kPartBytes = 8;

constexpr std::array<std::uint32_t, 5> kThreadCounts{64, 128, 256, 512, 1024};
constexpr std::array<std::uint32_t, 6> kPartCounts{2, 4, 8, 16, 32, 64};
constexpr std::array<ParameterSpace, 2> kSpaces{
    {{"threads", kThreadCounts}, {"parts", kPartCounts}}};

// In the order of kSpaces.
struct Split {
  std::uint32_t threads;
  std::uint32_t parts;
  [[nodiscard]] std::uint32_t runs_of_part(std::uint32_t n) const {
    return ceil_div(ceil_div(n, kRun), parts);
  }
};

/// As many parts as it takes to fill a GPU, but none that are too short.
Split choose_split(const Shape& shape, const DeviceTraits& device) {
  const std::uint32_t most =
      std::min(device.max_workgroup_invocations, device.max_workgroup_size[0]);
  Split split{std::min(kThreads, std::max(most, 1U)), kPartCounts.front()};
  const std::uint64_t rows = std::uint64_t{shape.m} * shape.batch;
  for (const std::uint32_t parts : kPartCounts) {
    if (ceil_div(shape.n, kRun) / parts < kLeastRunsOfPart) break;
    split.parts = parts;
    if (rows * parts >= kEnoughGroups) break;
  }
  return split;
}

/// A sweep over a part, and a look at every subgroup or at every part, twice.
std::uint64_t rounds_of(const Split& split, std::uint32_t n) {
  return rounds_of_loop(split.runs_of_part(n), split.threads) +
         2 * rounds_of_loop(std::max(split.threads, split.parts), 1);
}

std::vector<Step> steps_of(const std::array<PipelineSpec, 2>& pipelines, const Problem& problem,
                           RowBand band, std::uint32_t parts, const DeviceTraits& device) {
  std::vector<Step> steps;
  for (const PipelineSpec& pipeline : pipelines) {
    for (Step& step : cover(pipeline, problem, band, {1, problem.shape.n}, device)) {
      step.groups[0] = parts;
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

}  // namespace

std::span<const ParameterSpace> parameters_of_softmax_split() {
  return kSpaces;
}

Result<Launch> launch_softmax_split(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  const Shape& shape = problem.shape;
  const Split split = values.empty() ? choose_split(shape, device) : Split{values[0], values[1]};
  const Outcome fits = first_failure(
      {check_precision(precision, HalfScratch::none, device), check_subgroup_arithmetic(device),
       check_groups(split.parts, shape.batch, device),
       check_workgroup(split.threads, 2 * sizeof(float) * split.threads, device),
       check_rounds(rounds_of(split, shape.n), device)});
  if (!fits) return fits.error();

  const auto constants = contract_constants(problem, {1, shape.n},
                                            {{kThreadsId, split.threads},
                                             {kPartsId, split.parts},
                                             {kRunsOfPartId, split.runs_of_part(shape.n)}});
  const std::array pipelines{
      pipeline_spec(module_name("softmax", "split_parts", precision), constants),
      pipeline_spec(module_name("softmax", "split_shares", precision), constants)};
  Launch launch;
  launch.params = fmt::format("threads={} parts={}x{}", split.threads, split.parts,
                              kRun * split.runs_of_part(shape.n));
  launch.tuning = tuning_of(kSpaces, std::array{split.threads, split.parts});
  launch.scratch0_bytes = std::uint64_t{shape.batch} * shape.m * split.parts * kPartBytes;
  launch.steps = [=](RowBand band) {
    return steps_of(pipelines, problem, band, split.parts, device);
  };
  return launch;
}

}  // namespace gpubench
