// rank_test.h — the Mann–Whitney test: could two samples come from one population?
// Pure. Every value counts as independent, so the values are medians of runs, never samples of one.
#pragma once

#include <span>

#include "compare/rank_null.h"

namespace gpubench {

struct RankTest {
  double u = 0;        ///< Pairs in which the new value is larger; equal ones count half.
  double p_value = 1;  ///< Two-sided.
  RankMethod method = RankMethod::exact;
};

/// Both samples have at least one value, all finite. Up to kMostCounted values, p is the share of
/// the arrangements of these very values, ties included, whose U is at least as far from its mean.
RankTest rank_test(std::span<const double> base, std::span<const double> fresh);

}  // namespace gpubench
