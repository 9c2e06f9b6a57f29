// judge.h — from the facts of runs to a verdict: preconditions, correctness and precision,
// validity, expectations, limits, baseline, peers, stability, health, in this order. Knows no
// device and no clock: the same files and the same day give the same verdict.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compare/baseline.h"
#include "history/history.h"
#include "judge/check.h"
#include "judge/criteria.h"
#include "judge/expectations.h"
#include "judge/preconditions.h"

namespace gpubench {

struct JudgeRequest {
  std::vector<std::string> paths;  ///< Of runs, as find_runs takes them.
  Criteria criteria;
  std::optional<Baseline> baseline;
  std::vector<ExpectedHost> expected_hosts;
  std::string today;  ///< "2026-11-22": waivers that expired before it do not hold.
};

/// What was judged and how it came out. Checks are views of the rest; in the order of runs, rows
/// and stages.
struct JudgedRuns {
  std::unique_ptr<const History> history;
  Expectations expectations;
  Qualification qualification;
  /// Criteria that judged nothing, a line each: limits without any value, waivers of no failure.
  std::vector<std::string> notes;
};

/// `request` outlives the result. Fails with `input`: what read_history refuses; a run.json
/// that is none; a limit or a waiver that fits nothing.
Result<JudgedRuns> judge_runs(const JudgeRequest& request);

}  // namespace gpubench
