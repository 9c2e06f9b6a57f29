// judge.h — from the facts of runs to a verdict: preconditions, correctness and precision,
// validity, expectations, limits, baseline, peers, stability, health, in this order. Knows no
// device and no clock: the same files and the same day give the same verdict.
#pragma once

#include <cstdint>
#include <functional>
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
#include "judge/preconditions.h"

namespace gpubench {

struct JudgeRequest {
  std::vector<std::string> paths;  ///< Of runs, as find_runs takes them.
  Criteria criteria;
  std::optional<Baseline> baseline;
  std::vector<ExpectedHost> expected_hosts;
  std::string today;  ///< "2026-11-22": waivers that expired before it do not hold.
};

enum class KeptChecks : std::uint8_t { all, not_passed };

struct JudgedRuns {
  Qualification qualification;
  /// Criteria that judged nothing, a line each: limits without any value, waivers of no failure.
  std::vector<std::string> notes;
};

/// Runs that were read and are in order, so that judging them cannot fail.
class Judge {
 public:
  /// Takes the checks of history().runs()[run] as they are made, from several threads at once.
  using TakeChecks =
      std::function<void(std::size_t run, std::span<const QualificationCheck> checks)>;

  /// `request` outlives the result. Fails with `input`: what read_history refuses; samples that do
  /// not fit their rows; a run.json that is none; a limit or a waiver that fits nothing.
  static Result<Judge> read(const JudgeRequest& request);

  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;
  ~Judge();

  [[nodiscard]] const History& history() const;
  /// Checks are views of this object, in the order of runs, rows and stages; those of no run come
  /// first. Millions of them pass, so that whoever needs those once had better take them.
  [[nodiscard]] JudgedRuns judge(KeptChecks kept, const TakeChecks& take = {}) const;

 private:
  struct Inputs;
  explicit Judge(std::unique_ptr<Inputs> inputs);
  void judge_all_runs(std::vector<QualificationCheck>& checks) const;
  void judge_run(std::vector<QualificationCheck>& checks, const HistoryRun& run) const;
  void judge_row(std::vector<QualificationCheck>& checks, std::size_t row) const;

  std::unique_ptr<const Inputs> inputs_;
};

}  // namespace gpubench
