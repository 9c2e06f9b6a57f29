// limits.h — the criteria's limits, each against every row that it fits.
#pragma once

#include <vector>

#include "base/result.h"
#include "judge/facts.h"

namespace gpubench {

/// One limit and the rows that it fits; found once for all runs.
struct LimitOnRows {
  const Limit* limit;
  RowFilter filter;
  const NumberColumn* metric;
  std::string_view unit;
};

/// Fails with `input` where a limit fits no row at all: that would look like a pass.
Result<std::vector<LimitOnRows>> limits_on_rows(const Facts& facts, const Criteria& criteria);

/// Whether any of the rows, from the first on, fits the limit and has a value of its metric.
bool has_value(const LimitOnRows& limit, std::size_t rows);

/// Appends a check for each limit that fits the row.
void check_limits(std::vector<QualificationCheck>& checks, const Facts& facts,
                  std::span<const LimitOnRows> limits, std::size_t row);

}  // namespace gpubench
