// tune.h — finds the fastest tuning of every kernel for some problems on one device. Prints and
// writes nothing: an observer is told what happens and keeps what was found.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/problem.h"
#include "run/candidate_arena.h"
#include "tuning/table.h"

namespace gpubench {

struct TuneTarget {
  Problem problem;
  Precision precision = Precision::fp32;
};

struct TuneOptions {
  std::vector<TuneTarget> targets;
  /// Empty: each that has the target's operation and path, but for those that are far behind the
  /// fastest.
  std::vector<std::string> kernels;
  double budget_s =
      60;  ///< Of all targets together; references and compiling first kernels come on top.
  std::function<double()> now;  ///< Seconds of a steady clock.
  std::function<bool()> should_stop;
};

struct TuneStage {
  TuneTarget target;
  std::string_view kernel;
  Shape shape;        ///< What is timed now: the target's, or a smaller one to qualify at.
  double left_s = 0;  ///< Of the budget of all targets, which no reference counts against.
};

class TuneObserver {
 public:
  virtual ~TuneObserver() = default;
  virtual void on_stage(const TuneStage& stage) = 0;
  /// `left_s` of the progress is of all targets, too.
  virtual void on_progress(const TuneStage& stage, const SearchProgress& progress) = 0;
  /// Before a target is tuned: a kernel that was asked for and cannot take part.
  virtual void on_absent(const TuneTarget& target, std::string_view kernel,
                         const std::string& why) = 0;
  /// After each target; what it returns, when it fails, ends the tuning.
  virtual Outcome on_entry(const TuneTarget& target, const TuningEntry& entry) = 0;
};

/// Fails when a reference cannot be made or when the observer does; whatever happens to a
/// candidate is in the entries. Of a target at which it is stopped, or fails, the kernels that were
/// done make an entry.
Outcome tune(ReopenedDevice& device, const TuneOptions& options, TuneObserver& observer);

}  // namespace gpubench
