// warmup.h — when a kernel has run long enough for its times to count.
// Pure and incremental: fed durations, asks no clock.
#pragma once

#include <cstddef>
#include <deque>

namespace gpubench {

struct WarmupOptions {
  /// A GPU that idled needs tens of milliseconds to raise its clocks.
  double min_s = 0.1;
  /// A machine that has not calmed down by now will not; the series' status will say so.
  double max_s = 1.0;
  /// The last `window` samples must lie within `agreement` of each other, over the lowest.
  std::size_t window = 4;
  double agreement = 0.02;
};

/// Warm-up ends when min_s have passed and the last samples agree, or when max_s have passed.
class WarmupRule {
 public:
  /// Starts afresh.
  void initialize(const WarmupOptions& options);
  /// `seconds`: one launch by the timer that counts; `spent_s`: what measuring it took in all.
  void add(double seconds, double spent_s);
  [[nodiscard]] bool is_done() const;
  [[nodiscard]] double spent_s() const { return spent_s_; }

 private:
  [[nodiscard]] bool agrees() const;

  WarmupOptions options_;
  double spent_s_ = 0;
  std::deque<double> last_;
};

}  // namespace gpubench
