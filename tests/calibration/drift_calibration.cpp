// drift_calibration.cpp — how near honest results come to the tolerances, and how far beyond them
// the next lower precision lies. Prints the table of docs/validating.md; decides nothing.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "unit/drift/emulated_paths.h"

namespace {

using namespace gpubench;
using namespace gpubench::emulation;

struct Seen {
  double element = 0, norm = 0;                      // honest: the largest ratio to the limit
  double lower_norm = 1e300, lower_element = 1e300;  // next lower class: the smallest
  std::uint64_t runs = 0, powerless = 0;
};

void run_once(const Path& path, std::uint64_t m, std::uint64_t n, std::uint64_t k, Data data,
              std::uint64_t seed, Seen& seen) {
  const Matrices in = make_matrices(m, n, k, data, seed, path.stored.bits == kF16.bits);
  const Expected expected = expect(in);
  const Tolerance tolerance = make_tolerance(tolerance_input(path, in, expected, kind_of(data)));
  const std::vector<float> honest = multiply(in, path.honest);
  const DriftMetrics good = measure_drift({honest, {}}, expected.view(), tolerance);
  seen.element = std::max(seen.element, std::max(good.bound_ratio, good.oracle_bound_ratio));
  seen.norm = std::max(seen.norm, good.frobenius_ratio);
  const std::vector<float> lower = multiply(in, path.lower);
  const DriftMetrics bad = measure_drift({lower, {}}, expected.view(), tolerance);
  seen.lower_norm = std::min(seen.lower_norm, bad.frobenius_ratio);
  seen.lower_element = std::min(seen.lower_element, bad.bound_ratio);
  ++seen.runs;
  if (!tolerance_has_power(tolerance, expected.view(), lower)) ++seen.powerless;
}

const char* name_of(Data data) {
  switch (data) {
    case Data::normal:
      return "normal";
    case Data::uniform:
      return "uniform";
    case Data::uniform01:
      return "uniform01";
    case Data::exp_spread:
      return "exp_spread";
    case Data::cancel:
      return "cancel";
    case Data::small_integers:
      return "int_exact";
  }
  return "?";
}

void print_line(const Path& path, Data data, std::uint64_t k, std::uint64_t seeds) {
  Seen all, square;
  const std::uint64_t largest = k > 4000 ? 8 : k > 500 ? 17 : 33;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    run_once(path, 1, 1, k, data, seed, all);
    run_once(path, 1, 13, k, data, seed, all);
    run_once(path, 31, 1, k, data, seed, all);
    run_once(path, largest, largest - 1, k, data, seed, square);
  }
  fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | {:.3g} | {:.3g} | {}/{} |\n", path.name,
             name_of(data), k, std::max(all.element, square.element),
             std::max(all.norm, square.norm), square.lower_element, square.lower_norm,
             square.runs - square.powerless, square.runs);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seeds = argc > 1 ? std::stoull(argv[1]) : 20;
  fmt::print(
      "| path | data | k | honest element | honest norm | lower element | lower norm | seen "
      "|\n|---|---|---|---|---|---|---|---|\n");
  for (const Path& path : paths()) {
    for (const Data data :
         {Data::normal, Data::uniform, Data::uniform01, Data::exp_spread, Data::cancel}) {
      for (const std::uint64_t k : {1, 2, 7, 64, 257, 1024, 4096, 16384}) {
        print_line(path, data, k, seeds);
      }
    }
  }
}
