// oracle.h — fp64 results for a few whole rows of the output. A product of two fp32 numbers is
// exact in fp64, so only the additions round, at 2^-53: right to far below any fp32 result.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/problem.h"
#include "reference/inputs.h"

namespace gpubench {

struct OracleSample {
  std::vector<std::uint64_t> rows;  ///< Ascending, of the flattened output (batch·m rows).
  std::vector<double> values;       ///< rows.size() x columns, row-major.
};

/// All rows if there are at most `most` (at least 1). Else one at a random place of each stratum,
/// the strata being aligned and as wide as the smallest power of two that makes at most `most` of
/// them; and the first, the last, and the last of the first batch member. So with up to 64·`most`
/// rows no tile of 64 rows goes without.
std::vector<std::uint64_t> sample_rows(const Problem& problem, std::uint32_t most);

OracleSample compute_oracle(const Problem& problem, const Inputs& inputs,
                            std::vector<std::uint64_t> rows);

}  // namespace gpubench
