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

/// What the case usually takes; 0 where it will be skipped.
double expected_seconds(const Case& planned, const RateBook& rates, OverBudget policy);

/// What the case takes however little it is sampled.
double least_seconds(const Case& planned, const Rate& rate, const ReferenceRate& references,
                     OverBudget policy);

}  // namespace gpubench
