// error_map.h — where in an output the errors are: a coarse grid over its rows and columns. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "drift/drift.h"
#include "drift/tolerance.h"

namespace gpubench {

/// A part of the output, and the worst in it; each as in DriftMetrics.
struct ErrorCell {
  std::uint64_t row_begin = 0, row_end = 0;  ///< Members of a batch follow each other.
  std::uint64_t column_begin = 0, column_end = 0;
  double max_abs_err = 0;
  double bound_ratio = 0;       ///< Above 1: beyond tolerance.
  std::uint64_t nonfinite = 0;  ///< Pairs that count in neither.
};

/// Parts of rows and of columns, at most.
constexpr std::uint64_t kErrorMapSide = 64;

/// Cells row by row, of sizes that differ by one at most. Empty without a reference of every
/// element.
std::vector<ErrorCell> map_errors(const OutputView& output, const ReferenceView& reference,
                                  const Tolerance& tolerance);

}  // namespace gpubench
