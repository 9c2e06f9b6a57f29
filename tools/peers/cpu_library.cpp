#include "peers/cpu_library.h"

#include <cblas.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <dnnl.hpp>

#include "base/parallel.h"
#include "reference/onednn.h"

namespace gpubench::peers {
namespace {

/// "Haswell (pinned)", "SkylakeX (as chosen)": whoever reads a ratio must know which it was.
std::string chosen_or_pinned(const std::string& path, const char* variable) {
  const bool pinned = std::getenv(variable) != nullptr;
  return fmt::format("{} ({})", path, pinned ? "pinned" : "as chosen");
}

void openblas_multiply(const Shape& shape, const Inputs& inputs, float* c) {
  const auto m = static_cast<blasint>(shape.m);
  const auto n = static_cast<blasint>(shape.n);
  const auto k = static_cast<blasint>(shape.k);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0F, inputs.a.data(), k,
              inputs.b.data(), n, 0.0F, c, n);
}

/// "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …" begins with the version.
std::string openblas_version() {
  const std::string config = openblas_get_config();
  constexpr std::string_view kPrefix = "OpenBLAS ";
  if (!config.starts_with(kPrefix)) return config;
  return config.substr(kPrefix.size(), config.find(' ', kPrefix.size()) - kPrefix.size());
}

std::string openblas_params() {
  return fmt::format("core={} threads={}",
                     chosen_or_pinned(openblas_get_corename(), "OPENBLAS_CORETYPE"),
                     openblas_get_num_threads());
}

void onednn_multiply(const Shape& shape, const Inputs& inputs, float* c) {
  onednn_product(shape, Transposed::no, inputs.a.data(), inputs.b.data(), c);
}

std::string isa_name(dnnl::cpu_isa isa) {
  switch (isa) {
    case dnnl::cpu_isa::sse41:
      return "SSE41";
    case dnnl::cpu_isa::avx:
      return "AVX";
    case dnnl::cpu_isa::avx2:
      return "AVX2";
    case dnnl::cpu_isa::avx2_vnni:
      return "AVX2_VNNI";
    default:
      // Later versions name more of them; all that follow in the list have AVX-512 at least.
      return fmt::format("AVX512 or later (0x{:x})", static_cast<unsigned>(isa));
  }
}

std::string onednn_params() {
  return fmt::format(
      "isa={} threads={}",
      chosen_or_pinned(isa_name(dnnl::get_effective_cpu_isa()), "ONEDNN_MAX_CPU_ISA"),
      hardware_threads());
}

constexpr std::array kLibraries = {
    CpuLibrary{"openblas", openblas_version, openblas_params, openblas_multiply},
    CpuLibrary{"onednn", onednn_version, onednn_params, onednn_multiply},
};

}  // namespace

std::optional<CpuLibrary> find_cpu_library(std::string_view name) {
  for (const CpuLibrary& library : kLibraries) {
    if (library.name == name) return library;
  }
  return std::nullopt;
}

std::vector<std::string> cpu_library_names() {
  std::vector<std::string> names;
  for (const CpuLibrary& library : kLibraries) names.emplace_back(library.name);
  return names;
}

}  // namespace gpubench::peers
