// pass.h — one walk over all pairs of output and reference: sums, maxima and counts. Pure.
#pragma once

#include <cstdint>

#include "drift/block.h"
#include "drift/drift.h"
#include "drift/tolerance.h"

namespace gpubench {

struct PassFacts {
  BlockSums sums;
  double worst_ratio = 0;
  std::uint64_t worst_index = 0;
  std::uint64_t nonfinite = 0, clamped = 0, poison_left = 0, spurious = 0, order_dependent = 0;
  std::uint64_t first_poison = 0, first_spurious = 0;
};

/// Without reference values each finite output stands for itself: the counts of outputs remain.
PassFacts run_pass(const OutputView& output, const ReferenceView& reference,
                   const Tolerance& tolerance);

/// Some rows and columns of the output; ends are one past the last.
struct OutputRegion {
  std::uint64_t row_begin = 0, row_end = 0, column_begin = 0, column_end = 0;
};

/// The same for a region, on the calling thread.
PassFacts run_pass_over(const OutputView& output, const ReferenceView& reference,
                        const Tolerance& tolerance, const OutputRegion& region);

}  // namespace gpubench
