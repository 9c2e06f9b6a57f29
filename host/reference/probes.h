// probes.h — Freivalds probes: for random x, y = A(Bx) checks a whole product C by C·x = y, in
// O(n²) steps instead of O(n³).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/half.h"
#include "kernels/problem.h"
#include "reference/inputs.h"

namespace gpubench {

/// x ~ N(0, 1), sums in fp64: C·x - y also estimates the size of the error of all of C.
struct GaussianProbe {
  std::uint32_t vectors = 0;  ///< 0: the output is not linear in A, so there is no probe.
  std::vector<double> x;      ///< vectors x columns; the same x for every batch member.
  std::vector<double> y;      ///< vectors x rows, with bias·x added.
};

GaussianProbe gaussian_probe(const Problem& problem, const Inputs& inputs, std::uint32_t vectors);

/// For integer inputs: arithmetic modulo the prime 2^61 - 1, x uniform in its residues. A wrong
/// row goes unnoticed with probability 2^-61.
struct ExactProbe {
  std::vector<std::uint64_t> x;  ///< One for each column. Empty: there is no probe.
  std::vector<std::uint64_t> y;  ///< One for each row.
};

/// Inputs must be integers of magnitude below 2^31, and the output A·B (+ bias).
ExactProbe exact_probe(const Problem& problem, const Inputs& inputs);

/// The first row of the output that is not exactly the product; nothing if every row is.
std::optional<std::uint64_t> first_inexact_row(const ExactProbe& probe,
                                               std::span<const float> output);
std::optional<std::uint64_t> first_inexact_row(const ExactProbe& probe,
                                               std::span<const HalfBits> output);

}  // namespace gpubench
