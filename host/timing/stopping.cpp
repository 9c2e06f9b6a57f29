// The spread that is watched is that of the samples (robust standard deviation over median), not
// the standard error of their median. The standard error falls with 1/sqrt(n) whatever happens, but
// only if samples are independent, which samples taken back to back are not: it would call any
// series good that is long enough. A spread that does not fall is met by the settled rule.
#include "timing/stopping.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "timing/statistics.h"

namespace gpubench {
namespace {

// A series of few, very long samples ends here even below budget_min_samples: the prediction that
// let the case run was wrong.
constexpr double kHardBudget = 2.0;
// Batches bring a hold to about a thousand samples; only launches below 10 µs, which no batch makes
// long enough, come near this. 20,000 lines of samples.csv are a megabyte.
constexpr std::size_t kHeldSamples = 20000;

double spread_of(std::span<const double> seconds) {
  std::vector<double> sorted(seconds.begin(), seconds.end());
  std::sort(sorted.begin(), sorted.end());
  TimingStats stats;
  stats.p25_s = quantile(sorted, 0.25);
  stats.median_s = quantile(sorted, 0.50);
  stats.p75_s = quantile(sorted, 0.75);
  return relative_spread(stats);
}

}  // namespace

void StoppingRule::initialize(const StoppingOptions& options) {
  *this = StoppingRule();
  options_ = options;
  next_look_ = options.min_samples;
}

void StoppingRule::add(double seconds, double spent_s) {
  seconds_.push_back(seconds);
  spent_s_ += spent_s;
  last_spent_s_ = spent_s;
  reason_ = judge();
}

std::optional<StopReason> StoppingRule::judge() {
  if (options_.hold_s > 0) return judge_hold();
  if (const auto reason = judge_spread()) return reason;
  if (seconds_.size() >= options_.max_samples) return StopReason::max_samples;
  if (budget_is_spent()) return StopReason::budget;
  return std::nullopt;
}

/// No spread, and no budget, ends a hold before its time.
std::optional<StopReason> StoppingRule::judge_hold() const {
  if (spent_s_ >= options_.hold_s) return StopReason::held;
  if (seconds_.size() >= kHeldSamples) return StopReason::max_samples;
  return std::nullopt;
}

std::optional<StopReason> StoppingRule::judge_spread() {
  const std::size_t count = seconds_.size();
  if (count < next_look_ || spent_s_ < options_.min_s) return std::nullopt;
  // Sorting at every sample would make long series quadratic; a look every 5 % is as good.
  next_look_ = count + 1 + count / 20;
  const double spread = spread_of(seconds_);
  if (spread <= options_.max_spread) return StopReason::converged;
  if (count < options_.settle_samples) return std::nullopt;
  // A ramp doubles its spread with each doubling of the samples and so never settles. Honest noise
  // moves by 1.17/sqrt(n), which is 21 % at 32 samples: it passes at once or soon.
  const double before = spread_of(std::span(seconds_).first(count / 2));
  const bool settled = std::abs(spread - before) <= options_.settle_change * spread;
  return settled ? std::optional(StopReason::settled) : std::nullopt;
}

/// True when the next sample, as long as the last, would overrun the budget.
bool StoppingRule::budget_is_spent() const {
  if (spent_s_ >= kHardBudget * options_.budget_s) return true;
  if (seconds_.size() < options_.budget_min_samples) return false;
  return spent_s_ + last_spent_s_ > options_.budget_s;
}

}  // namespace gpubench
