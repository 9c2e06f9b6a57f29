// expectations.h — the scenario author's own rules, held against the results of a run.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "record/results_table.h"
#include "scenario/scenario.h"

namespace gpubench {

enum class ExpectationOutcome : std::uint8_t {
  broken,      ///< A row has the metric, and it is outside the limit; or another check_status.
  not_judged,  ///< No row that the rule speaks of has a value: silence is not a pass.
};

struct FailedExpectation {
  ExpectationOutcome outcome = ExpectationOutcome::broken;
  SourcePlace place;
  std::string case_id;   ///< Empty when not judged.
  std::string rule;      ///< "rel_fro_err at most 2e-6 where precision=fp32"
  std::string observed;  ///< "3.1e-5", or why nothing was judged.
};

/// Columns of `where` and `metric` are those of results.csv, which is judged as it was written: a
/// resumed run is judged as a whole.
std::vector<FailedExpectation> failed_expectations(std::span<const ExpectRule> rules,
                                                   const ResultsTable& results);

/// For each row, whether a rule names the very check_status that it has: a failure that is expected
/// is no bad news, and its absence is.
std::vector<bool> expected_rows(std::span<const ExpectRule> rules, const ResultsTable& results);

}  // namespace gpubench
