// catalogue.cpp — the list of kernels, and the modules and memory they need.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <embedded.h>
#include "base/text.h"
#include "kernels/kernel.h"
#include "kernels/launches.h"

namespace gpubench {
namespace {

constexpr std::string_view kProductNaive = "one invocation per element; the readable one";
constexpr std::string_view kProductTiled = "shared-memory tiles, register tiles, vector loads";
constexpr std::string_view kProductSplit =
    "tiled, over parts of k that run side by side: few outputs, long sums";
constexpr std::string_view kProductDirect = "packed operands, register tiles, no shared memory";
constexpr std::string_view kProductCoop = "matrix units through VK_KHR_cooperative_matrix";
constexpr std::string_view kProductCoopSplit =
    "coop, over parts of k that run side by side: few outputs, long sums";
constexpr std::string_view kProductCoop2 =
    "matrix units through VK_NV_cooperative_matrix2, a workgroup's matrix at a time";

constexpr std::array kEveryPath{
    Precision::fp32,         Precision::fp16, Precision::fp16_acc32, Precision::fp32_via_fp16,
    Precision::fp32_relaxed, Precision::tf32, Precision::bf16};
constexpr std::array kCoopPaths{Precision::fp16, Precision::fp16_acc32, Precision::bf16};
constexpr std::array kCoop2Paths{Precision::fp16, Precision::fp16_acc32};

using ParameterSpaces = decltype(Kernel::parameter_spaces);

constexpr Kernel on_every_path(std::string_view name, Op op, std::string_view summary,
                               LaunchFunction launch, ParameterSpaces spaces = nullptr) {
  return {name, op, summary, launch, kEveryPath, SumOrder::source, spaces};
}

constexpr Kernel with_matrix_units(Op op) {
  return {"coop",
          op,
          kProductCoop,
          launch_product_coop,
          kCoopPaths,
          SumOrder::hardware,
          parameters_of_product_coop};
}

constexpr Kernel with_matrix_units_on_parts(Op op) {
  return {"coop_split",
          op,
          kProductCoopSplit,
          launch_product_coop_split,
          kCoopPaths,
          SumOrder::hardware,
          parameters_of_product_coop_split};
}

constexpr Kernel with_matrices_of_workgroups(Op op) {
  return {"coop2",
          op,
          kProductCoop2,
          launch_product_coop2,
          kCoop2Paths,
          SumOrder::hardware,
          parameters_of_product_coop2};
}

constexpr std::array kCatalogue{
    on_every_path("naive", Op::gemm, kProductNaive, launch_product_naive),
    on_every_path("tiled", Op::gemm, kProductTiled, launch_product_tiled,
                  parameters_of_product_tiled),
    on_every_path("split", Op::gemm, kProductSplit, launch_product_split,
                  parameters_of_product_split),
    on_every_path("direct", Op::gemm, kProductDirect, launch_product_direct,
                  parameters_of_product_direct),
    with_matrix_units(Op::gemm),
    with_matrix_units_on_parts(Op::gemm),
    with_matrices_of_workgroups(Op::gemm),
    on_every_path("naive", Op::linear, kProductNaive, launch_product_naive),
    on_every_path("tiled", Op::linear, kProductTiled, launch_product_tiled,
                  parameters_of_product_tiled),
    on_every_path("split", Op::linear, kProductSplit, launch_product_split,
                  parameters_of_product_split),
    on_every_path("direct", Op::linear, kProductDirect, launch_product_direct,
                  parameters_of_product_direct),
    with_matrix_units(Op::linear),
    with_matrix_units_on_parts(Op::linear),
    with_matrices_of_workgroups(Op::linear),
    on_every_path("naive", Op::softmax, "one invocation per row, three passes; the readable one",
                  launch_softmax_naive),
    on_every_path("tiled", Op::softmax,
                  "one workgroup per row, which stays in registers if it fits",
                  launch_softmax_tiled, parameters_of_softmax_tiled),
    on_every_path("split", Op::softmax, "parts of a row side by side: few rows that are very long",
                  launch_softmax_split, parameters_of_softmax_split),
    on_every_path("direct", Op::softmax, "one subgroup per row, two sweeps, no shared memory",
                  launch_softmax_direct),
};

constexpr std::array<std::string_view, 2> kBuildNames{"default", "strict"};

}  // namespace

std::string_view to_string(Build value) {
  return kBuildNames.at(static_cast<std::size_t>(value));
}
std::optional<Build> parse_build(std::string_view text) {
  const auto* found = std::find(kBuildNames.begin(), kBuildNames.end(), text);
  if (found == kBuildNames.end()) return std::nullopt;
  return static_cast<Build>(found - kBuildNames.begin());
}
std::span<const std::string_view> build_names() {
  return kBuildNames;
}

std::span<const ParameterSpace> Kernel::parameters() const {
  return parameter_spaces == nullptr ? std::span<const ParameterSpace>() : parameter_spaces();
}

Result<Launch> Kernel::launch(const Problem& problem, Precision precision,
                              const DeviceTraits& device, const Tuning& tuning) const {
  if (tuning.empty()) return launch_with(problem, precision, device, {});
  if (parameters().empty()) {
    return Error{ErrorKind::input, fmt::format("{} has no parameters to tune", name)};
  }
  const auto values = values_of(tuning, parameters());
  if (!values) return values.error();
  return launch_with(problem, precision, device, *values);
}

std::span<const Kernel> catalogue() {
  return kCatalogue;
}

std::vector<std::string_view> kernel_names(Op op) {
  std::vector<std::string_view> names;
  for (const Kernel& kernel : kCatalogue) {
    if (kernel.op == op) names.push_back(kernel.name);
  }
  return names;
}

const Kernel* find_kernel(Op op, std::string_view name) {
  for (const Kernel& kernel : kCatalogue) {
    if (kernel.op == op && kernel.name == name) return &kernel;
  }
  return nullptr;
}

Problem sample_problem(const Kernel& kernel) {
  Problem problem;
  problem.op = kernel.op;
  problem.layout = kernel.op == Op::linear ? Layout::nt : Layout::nn;
  problem.shape = {64, 64, kernel.op == Op::softmax ? 0U : 64U, 1};
  return problem;
}

std::string without(const Kernel& kernel, Precision precision, Build build) {
  if (std::ranges::find(kernel.paths, precision) == kernel.paths.end()) {
    std::vector<std::string> words;
    for (const Precision path : kernel.paths) words.emplace_back(to_string(path));
    return fmt::format("{} has no {}, only {}", kernel.name, to_string(precision),
                       join(words, ", "));
  }
  if (build == Build::strict && kernel.sum_order == SumOrder::hardware) {
    return fmt::format("{} has no strict build: the order in which a matrix unit adds is its own",
                       kernel.name);
  }
  return "";
}

std::span<const std::uint32_t> shader_code(std::string_view name) {
  for (const EmbeddedShader& shader : embedded_shaders()) {
    if (shader.name == name) return shader.words;
  }
  return {};
}

std::uint64_t device_bytes(const Problem& problem, Precision precision, const Launch& launch) {
  const std::uint64_t element = format_bytes_of(storage(precision));
  const std::array buffers{problem.a_elements() * element,
                           problem.b_elements() * element,
                           problem.bias_elements() * element,
                           problem.c_elements() * element,
                           launch.scratch0_bytes,
                           launch.scratch1_bytes};
  std::uint64_t bytes = 0;
  for (const std::uint64_t buffer : buffers) {
    if (buffer > 0) bytes += buffer + kGuardBytesPerBuffer;
  }
  return bytes;
}

}  // namespace gpubench
