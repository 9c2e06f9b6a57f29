// cpu_library.h — the FP32 product of a CPU library, and what it says of itself.
// Knows nothing of rows, of time, or of whether a result is right.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/problem.h"
#include "reference/inputs.h"

namespace gpubench::peers {

struct CpuLibrary {
  std::string_view name;     ///< Column kernel.
  std::string (*version)();  ///< Of the library in use.
  std::string (*params)();   ///< Column kernel_params: code path, pinned or not, threads.
  void (*multiply)(const Shape&, const Inputs&, float* c);
};

/// "openblas" or "onednn".
std::optional<CpuLibrary> find_cpu_library(std::string_view name);
std::vector<std::string> cpu_library_names();

}  // namespace gpubench::peers
