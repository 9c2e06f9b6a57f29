#include "drift/error_map.h"

#include <algorithm>

#include "base/parallel.h"
#include "drift/pass.h"

namespace gpubench {
namespace {

/// Border number `index` of `parts` parts of [0, count).
std::uint64_t border(std::uint64_t count, std::uint64_t parts, std::uint64_t index) {
  return count / parts * index + count % parts * index / parts;
}

}  // namespace

std::vector<ErrorCell> map_errors(const OutputView& output, const ReferenceView& reference,
                                  const Tolerance& tolerance) {
  if (reference.values.empty()) return {};
  const std::uint64_t down = std::min(reference.rows, kErrorMapSide);
  const std::uint64_t across = std::min(reference.columns, kErrorMapSide);
  std::vector<ErrorCell> cells(down * across);
  parallel_for(cells.size(), across, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      ErrorCell& cell = cells[i];
      cell.row_begin = border(reference.rows, down, i / across);
      cell.row_end = border(reference.rows, down, i / across + 1);
      cell.column_begin = border(reference.columns, across, i % across);
      cell.column_end = border(reference.columns, across, i % across + 1);
      const PassFacts facts =
          run_pass_over(output, reference, tolerance,
                        {cell.row_begin, cell.row_end, cell.column_begin, cell.column_end});
      cell.max_abs_err = facts.sums.max_abs;
      cell.bound_ratio = facts.worst_ratio;
      cell.nonfinite = facts.nonfinite;
    }
  });
  return cells;
}

}  // namespace gpubench
