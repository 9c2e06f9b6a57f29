// false_discovery.h — what a p-value is worth when many were looked at.
// Pure. Knows nothing of where the p-values come from.
#pragma once

#include <span>
#include <vector>

namespace gpubench {

/// Share of false ones that is allowed among the differences that a comparison reports.
inline constexpr double kFalseDiscoveryRate = 0.05;

/// Benjamini and Hochberg's adjusted p-values, in the order given: rejecting every one that is at
/// most q keeps the expected share of false rejections at q. Holds for independent tests and for
/// tests that err together (Benjamini and Yekutieli 2001, positive dependence).
std::vector<double> adjusted_p_values(std::span<const double> p_values);

}  // namespace gpubench
