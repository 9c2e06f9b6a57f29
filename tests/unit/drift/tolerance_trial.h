// tolerance_trial.h — one product by one emulated path, held against its tolerance; and constants
// that the expected figures are made of.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "drift/tolerance.h"
#include "unit/drift/emulated_paths.h"

namespace gpubench::emulation {

/// √(2 ln(2·1/1e-9)): deviations that one output is granted.
constexpr double kOneOutput = 6.5447;
constexpr double kU32 = 0x1p-24;
constexpr double kU16 = 0x1p-11;

inline const Path& path_named(const std::string& name) {
  static const std::vector<Path> all = paths();
  return *std::find_if(all.begin(), all.end(), [&](const Path& path) { return path.name == name; });
}

/// One product by one path: inputs, reference and tolerance.
struct Trial {
  Matrices in;
  Expected expected;
  Tolerance tolerance;

  Trial(const Path& path, std::uint64_t m, std::uint64_t n, std::uint64_t k, Data data,
        std::uint64_t seed)
      : in(make_matrices(m, n, k, data, seed, path.stored.bits == kF16.bits)),
        expected(expect(in)),
        tolerance(make_tolerance(tolerance_input(path, in, expected, kind_of(data)))) {}

  [[nodiscard]] DriftMetrics measure(const std::vector<float>& output) const {
    return measure_drift({output, {}}, expected.view(), tolerance);
  }
  [[nodiscard]] DriftMetrics measure(const Dot& dot) const { return measure(multiply(in, dot)); }
};

inline bool fails(const DriftMetrics& metrics) {
  return metrics.violations > 0 || metrics.frobenius_ratio > 1 || metrics.oracle_bound_ratio > 1;
}

}  // namespace gpubench::emulation
