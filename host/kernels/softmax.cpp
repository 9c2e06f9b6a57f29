// softmax.cpp — launches the shaders of shaders/softmax.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Ids of the shaders' own constants.
enum NaiveConstant : std::uint32_t { kTermsId = 8 };
enum TiledConstant : std::uint32_t { kThreadsId = 8, kCachedRunsId, kReadsId };
enum DirectConstant : std::uint32_t { kLanesId = 8, kRunsId };

constexpr std::uint32_t kRun = 4;  // elements that an invocation takes at a time

constexpr std::array<std::uint32_t, 6> kThreadCounts{32, 64, 128, 256, 512, 1024};
constexpr std::array<std::uint32_t, 2> kReadCounts{1, 2};
constexpr std::array<ParameterSpace, 2> kTiledSpaces{
    {{"threads", kThreadCounts}, {"reads", kReadCounts}}};

Outcome check_common(const Problem& problem, Precision precision, const DeviceTraits& device) {
  return first_failure({check_precision(precision, HalfScratch::none, device),
                        check_groups(1, problem.shape.batch, device)});
}

Launch launch_rows(const Problem& problem, const DeviceTraits& device, const PipelineSpec& pipeline,
                   std::uint32_t rows, std::string params) {
  Launch launch;
  launch.params = std::move(params);
  launch.row_granule = rows;
  launch.steps = [=](RowBand band) {
    return cover(pipeline, problem, band, Tile{rows, problem.shape.n}, device);
  };
  return launch;
}

// How a workgroup shares a row: a few runs of four for each invocation stay in registers, and the
// workgroup grows before an invocation takes more than one run.
struct RowPlan {
  std::uint32_t threads;
  std::uint32_t cached_runs;
  std::uint32_t reads;
};

std::uint32_t cached_by(std::uint32_t threads, std::uint32_t n) {
  return std::bit_ceil(ceil_div(ceil_div(n, kRun), threads));
}

RowPlan plan_from(ParameterValues values, std::uint32_t n) {
  const std::uint32_t threads = values[0], reads = values[1];
  return {threads, reads == 1 ? cached_by(threads, n) : 1, reads};
}

// More would leave registers for nothing else.
Outcome check_cached(const RowPlan& plan) {
  constexpr std::uint32_t kMostCachedRuns = 16;
  if (plan.cached_runs <= kMostCachedRuns) return Done{};
  return Error{ErrorKind::unsupported, fmt::format("{} runs of four an invocation, more than {}",
                                                   plan.cached_runs, kMostCachedRuns)};
}

RowPlan plan_row(std::uint32_t n, const DeviceTraits& device) {
  constexpr std::uint32_t kLeastThreads = 32, kMostCachedRuns = 4;
  const std::uint32_t most =
      std::bit_floor(std::min(device.max_workgroup_invocations, device.max_workgroup_size[0]));
  const std::uint32_t runs = ceil_div(n, kRun);
  const std::uint32_t threads =
      std::min(std::bit_ceil(std::clamp(runs, kLeastThreads, most)), most);
  const std::uint32_t cached = cached_by(threads, n);
  if (cached <= kMostCachedRuns) return {threads, cached, 1};
  return {threads, 1, 2};
}

// Two sweeps of a long row, and twice a look at the result of every subgroup.
std::uint64_t rounds_of(const RowPlan& plan, std::uint32_t n) {
  const std::uint64_t sweep = rounds_of_loop(ceil_div(n, kRun), plan.threads);
  return (plan.reads == 1 ? 0 : 2 * sweep) + 2 * rounds_of_loop(plan.threads, 1);
}

// The subgroup must be the workgroup, so its size must be known before the pipeline is made.
Outcome check_subgroup(const DeviceTraits& device) {
  const bool fixed = device.min_subgroup_size == device.max_subgroup_size;
  if (device.subgroup_size != 0 && (fixed || device.subgroup_size_control)) return Done{};
  return Error{ErrorKind::unsupported, "needs a fixed subgroup size or subgroupSizeControl"};
}

}  // namespace

Result<Launch> launch_softmax_naive(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues /*none*/) {
  constexpr std::uint32_t kRows = 64;
  const auto rounds_with = [&](std::uint32_t terms) {
    return 3 * rounds_of_loop(problem.shape.n, terms);  // three passes
  };
  const std::uint32_t terms = least_terms(1, kMostTerms, rounds_with, device);
  const Outcome fits = first_failure(
      {check_common(problem, precision, device), check_rounds(rounds_with(terms), device)});
  if (!fits) return fits.error();

  const Tile tile{kRows, problem.shape.n};
  const auto pipeline = pipeline_spec(module_name("softmax", "naive", precision),
                                      contract_constants(problem, tile, {{kTermsId, terms}}));
  return launch_rows(problem, device, pipeline, kRows,
                     fmt::format("rows={}{}", kRows, round_word("terms", terms)));
}

std::span<const ParameterSpace> parameters_of_softmax_tiled() {
  return kTiledSpaces;
}

Result<Launch> launch_softmax_tiled(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  const std::uint32_t n = problem.shape.n;
  const RowPlan plan = values.empty() ? plan_row(n, device) : plan_from(values, n);
  const std::uint64_t shared = 2 * sizeof(float) * std::uint64_t{plan.threads};
  const Outcome fits =
      first_failure({check_common(problem, precision, device), check_subgroup_arithmetic(device),
                     check_cached(plan), check_workgroup(plan.threads, shared, device),
                     check_rounds(rounds_of(plan, problem.shape.n), device)});
  if (!fits) return fits.error();

  const auto pipeline = pipeline_spec(
      module_name("softmax", "tiled", precision),
      contract_constants(
          problem, {1, problem.shape.n},
          {{kThreadsId, plan.threads}, {kCachedRunsId, plan.cached_runs}, {kReadsId, plan.reads}}));
  Launch launch = launch_rows(
      problem, device, pipeline, 1,
      fmt::format("threads={} runs={} reads={}", plan.threads, plan.cached_runs, plan.reads));
  launch.tuning = tuning_of(kTiledSpaces, std::array{plan.threads, plan.reads});
  return launch;
}

namespace {

// The maximum is brought up to date once in so many texels.
constexpr std::uint32_t kTexelRuns = 4;

// On a GPU a plain load does the same. The shader writes words, into which it packs FP16 as values:
// shaderFloat16, which not every path that stores FP16 needs otherwise.
bool fetches_texels(const Problem& problem, Precision precision, const DeviceTraits& device) {
  const std::uint64_t texels = problem.a_elements() / kRun;
  const bool packs = storage(precision) == Format::f32 || device.shader_float16;
  return device.llvmpipe_version() != 0 && packs && rows_are_vectors(problem) &&
         device.shader_int64 && texels > 0 && texels <= device.max_texels;
}

TexelFormat texel_format(Precision precision) {
  return storage(precision) == Format::f16 ? TexelFormat::f16 : TexelFormat::f32;
}

}  // namespace

Result<Launch> launch_softmax_direct(const Problem& problem, Precision precision,
                                     const DeviceTraits& device, ParameterValues /*none*/) {
  const std::uint32_t lanes = device.subgroup_size;
  const auto rounds_with = [&](std::uint32_t runs) {
    return 2 * rounds_of_loop(ceil_div(problem.shape.n, kRun),
                              std::uint64_t{std::max(lanes, 1U)} * runs);
  };
  const bool texels = fetches_texels(problem, precision, device);
  const std::uint32_t usual = texels ? kTexelRuns : 1;
  const std::uint32_t runs = least_terms(usual, kMostTerms / kRun, rounds_with, device);
  const Outcome fits =
      first_failure({check_common(problem, precision, device), check_subgroup_arithmetic(device),
                     check_subgroup(device), check_workgroup(lanes, 0, device),
                     check_rounds(rounds_with(runs), device)});
  if (!fits) return fits.error();

  auto pipeline = pipeline_spec(
      module_name("softmax", texels ? "direct_texels" : "direct", precision),
      contract_constants(problem, {1, problem.shape.n}, {{kLanesId, lanes}, {kRunsId, runs}}));
  if (device.subgroup_size_control) pipeline.required_subgroup_size = lanes;
  if (texels) pipeline.texels = {{BufferRole::a, texel_format(precision)}};
  Launch launch = launch_rows(
      problem, device, pipeline, 1,
      fmt::format("lanes={}{}{}", lanes, round_word("runs", runs), texels ? " feed=texels" : ""));
  if (texels) {
    launch.why = fmt::format("on Mesa {} texels are its fastest loads", device.llvmpipe_version());
  }
  return launch;
}

}  // namespace gpubench
