// outputs.h — did the outputs of one case get worse from one set of runs to another, whatever its
// speed? Drift, precision and correctness have verdicts of their own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compare/run_set.h"

namespace gpubench {

enum class OutputAspect : std::uint8_t { status, check, precision, drift, repeatability, bits };
enum class OutputChange : std::uint8_t {
  worse,
  unchecked,  ///< The base looked, the new set did not.
  changed,    ///< Neither better nor worse: for information.
  better,
};

struct OutputFinding {
  OutputAspect aspect = OutputAspect::status;
  OutputChange change = OutputChange::changed;
  std::string message;
};

/// The relative error of a case moves with the order of its sums, so that a new kernel or driver
/// may double it; the next lower precision multiplies it by ten or more. See docs/comparing.md.
inline constexpr double kErrorGrowth = 2;

/// A share of bad rows that rose or fell counts from this p of Fisher's exact test on.
inline constexpr double kShareSignificance = 0.05;

/// Nothing where all is as it was. Worst first.
std::vector<OutputFinding> compare_outputs(const SeriesSide& base, const SeriesSide& fresh);

/// Of a case that the base lacks: what would be worse after any base without fault.
std::vector<OutputFinding> faults_of(const SeriesSide& fresh);

}  // namespace gpubench
