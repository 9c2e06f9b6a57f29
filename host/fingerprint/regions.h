// regions.h — whether all outputs are computed alike: the same row of A and column of B must give
// the same bits wherever they stand. A tail path in another precision shows here.
#pragma once

#include <vector>

#include "fingerprint/confirm.h"

namespace gpubench {

/// The product with its first row of A in every row, or its first column of B in every column.
RandomProduct with_equal_rows(RandomProduct product);
RandomProduct with_equal_columns(RandomProduct product);

/// Products, with their C, that show which rows and which columns are computed alike.
struct Replicas {
  std::vector<RandomProduct> equal_rows;
  std::vector<RandomProduct> equal_columns;
};

/// Regions that together hold every output, the one with the output [0, 0] first. At most
/// `most_classes` sets of rows, and of columns: what is beyond them shares the last.
std::vector<Region> regions_of(const Replicas& replicas, std::size_t most_classes);

/// Those of a matmul under test: rows that agree with row 0 are one class, the others another;
/// columns alike.
Result<std::vector<Region>> find_regions(Launcher& launcher, std::uint64_t seed);

}  // namespace gpubench
