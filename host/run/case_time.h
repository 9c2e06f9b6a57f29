// case_time.h — how long a whole case takes, predicted: for the time left, and for levels that end
// in time. Never reported as a result.
#pragma once

#include "plan/case.h"
#include "plan/estimate.h"
#include "run/rates.h"

namespace gpubench {

/// How fast the CPU makes references: cautious until one was made.
class ReferenceRate {
 public:
  ReferenceRate();
  [[nodiscard]] double seconds(const Problem& problem) const;
  void learn(const Problem& problem, double seconds);

 private:
  double flops_;
};

/// How much longer cases took than was predicted: a machine may be slow, or busy.
class Slowness {
 public:
  /// At least 1: whoever was lucky so far need not stay so.
  [[nodiscard]] double factor() const;
  /// A factor that is in the prediction already counts.
  void learn(double predicted_s, double took_s);

 private:
  double predicted_s_ = 0, took_s_ = 0;
};

/// What the case usually takes; 0 where it will be skipped.
double expected_seconds(const Case& planned, const RateBook& rates, OverBudget policy);

/// How long to sample where time is short.
double little_sampling_seconds(const Case& planned, const Rate& rate);

/// What the case takes if it is sampled for no longer than that.
double least_seconds(const Case& planned, const Rate& rate, const ReferenceRate& references,
                     OverBudget policy);

}  // namespace gpubench
