// verdict.h — whether an output is right, and if not, the one reason that matters most.
// Pure: metrics in, words out. Knows nothing of rows, plans or exit codes; run/ maps findings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "drift/drift.h"
#include "drift/tolerance.h"

namespace gpubench {

/// In order of precedence: an output that was never written is not called inaccurate.
enum class CheckFinding : std::uint8_t {
  none,
  nothing_compared,    ///< not_run
  poison_left,         ///< failed: elements were never written
  nonfinite,           ///< failed: NaN or Inf where the result is finite
  not_exact,           ///< failed: exact data, yet not bit for bit
  wrong_result,        ///< failed: an element, or the whole, is beyond tolerance
  row_residual,        ///< failed: the Freivalds residual of a row is beyond tolerance
  nondeterministic,    ///< failed: repeats of one dispatch differ
  stale_output,        ///< failed: right at first, wrong after the timed dispatches
  reference_doubtful,  ///< mistrusted: the FP32 reference is itself off the FP64 oracle
  saturated_output,    ///< mistrusted
  mostly_zero,         ///< mistrusted
  constant_output,     ///< mistrusted
};

std::string_view to_string(CheckFinding finding);

/// How often the same dispatch was repeated, and how many different outputs (by hash) that gave.
struct Repeats {
  std::uint32_t dispatches = 1;
  std::uint32_t distinct_outputs = 1;
};

struct Check {
  CheckStatus status = CheckStatus::not_run;
  CheckFinding finding = CheckFinding::nothing_compared;
  std::string text;      ///< One line that names element, got, expected, allowed.
  std::string coverage;  ///< "full", "sampled_rows", with "+oracle_rows", "+freivalds"; see docs.
};

/// Judges one output. `reference` only lends its shape and says what was compared.
Check judge(const DriftMetrics& metrics, const ReferenceView& reference, const Tolerance& tolerance,
            const Repeats& repeats);

/// Judges the output of the last timed dispatch after `first` was accepted: a failure now is
/// `stale_output`, with the failure's own text.
Check judge_again(const Check& first, Check last);

}  // namespace gpubench
