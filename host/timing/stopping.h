// stopping.h — when a series has enough samples, and why it ended.
// Pure and incremental: fed durations, asks no clock.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "timing/sample.h"

namespace gpubench {

struct StoppingOptions {
  /// Nothing is known of a spread from fewer.
  std::size_t min_samples = 10;
  /// The fewest when the budget cuts in: a median that one outlier cannot move.
  std::size_t budget_min_samples = 3;
  /// A burst of tiny samples sees one state of the machine; 0.1 s spans several time slices of an
  /// operating system and several control periods of a GPU's power management.
  double min_s = 0.1;
  /// What the spread must come under to be called converged.
  double max_spread = 0.005;
  /// From this many on the spread may be called settled.
  std::size_t settle_samples = 32;
  /// The largest change of the spread over the last doubling of the samples, over the spread.
  double settle_change = 0.25;
  /// Bounds samples.csv: 2,000 lines are about 100 KiB for a case.
  std::size_t max_samples = 2000;
  /// Seconds for the samples. Infinity: none.
  double budget_s = 30;
  /// Above 0, samples are taken for so long whatever they say: to see what a device sustains.
  double hold_s = 0;
};

/// Answers after each sample whether the series is complete.
class StoppingRule {
 public:
  /// Starts afresh.
  void initialize(const StoppingOptions& options);
  /// `seconds`: one launch by the timer that counts; `spent_s`: what measuring it took in all.
  void add(double seconds, double spent_s);
  /// Empty: go on.
  [[nodiscard]] std::optional<StopReason> is_done() const { return reason_; }

 private:
  [[nodiscard]] std::optional<StopReason> judge();
  [[nodiscard]] std::optional<StopReason> judge_hold() const;
  [[nodiscard]] std::optional<StopReason> judge_spread();
  [[nodiscard]] bool budget_is_spent() const;

  StoppingOptions options_;
  std::vector<double> seconds_;
  double spent_s_ = 0;
  double last_spent_s_ = 0;
  std::size_t next_look_ = 0;  ///< Sample count at which the spread is computed again.
  std::optional<StopReason> reason_;
};

}  // namespace gpubench
