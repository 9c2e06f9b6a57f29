// catalogue.cpp — the list of kernels, and the modules and memory they need.

#include <algorithm>
#include <array>

#include <embedded.h>
#include "kernels/kernel.h"
#include "kernels/launches.h"

namespace gpubench {
namespace {

constexpr std::string_view kProductNaive = "one invocation per element; the readable one";
constexpr std::string_view kProductTiled = "shared-memory tiles, register tiles, vector loads";
constexpr std::string_view kProductDirect = "packed operands, register tiles, no shared memory";

constexpr std::array kCatalogue{
    Kernel{"naive", Op::gemm, kProductNaive, launch_product_naive},
    Kernel{"tiled", Op::gemm, kProductTiled, launch_product_tiled},
    Kernel{"direct", Op::gemm, kProductDirect, launch_product_direct},
    Kernel{"naive", Op::linear, kProductNaive, launch_product_naive},
    Kernel{"tiled", Op::linear, kProductTiled, launch_product_tiled},
    Kernel{"direct", Op::linear, kProductDirect, launch_product_direct},
    Kernel{"naive", Op::softmax, "one invocation per row, three passes; the readable one",
           launch_softmax_naive},
    Kernel{"tiled", Op::softmax, "one workgroup per row, which stays in registers if it fits",
           launch_softmax_tiled},
    Kernel{"direct", Op::softmax, "one subgroup per row, two sweeps, no shared memory",
           launch_softmax_direct},
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
