// kernel_case.h — a kernel on one of its paths, as the parameter of a test.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "kernels/kernel.h"

namespace gpubench::testing {

struct KernelCase {
  const Kernel* kernel;
  Precision precision;
};

inline std::vector<KernelCase> kernel_cases() {
  std::vector<KernelCase> cases;
  for (const Kernel& kernel : catalogue()) {
    for (const Precision precision : kernel.paths) cases.push_back({&kernel, precision});
  }
  return cases;
}

/// How ctest lists it.
inline void PrintTo(const KernelCase& tested, std::ostream* out) {
  *out << to_string(tested.kernel->op) << ' ' << tested.kernel->name << ' '
       << to_string(tested.precision);
}

inline std::string name_of(const ::testing::TestParamInfo<KernelCase>& info) {
  const auto& [kernel, precision] = info.param;
  return fmt::format("{}_{}_{}", to_string(kernel->op), kernel->name, to_string(precision));
}

}  // namespace gpubench::testing
