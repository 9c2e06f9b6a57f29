#include "timing/warmup.h"

#include <algorithm>

namespace gpubench {

void WarmupRule::initialize(const WarmupOptions& options) {
  options_ = options;
  spent_s_ = 0;
  last_.clear();
}

void WarmupRule::add(double seconds, double spent_s) {
  spent_s_ += spent_s;
  last_.push_back(seconds);
  if (last_.size() > options_.window) last_.pop_front();
}

bool WarmupRule::is_done() const {
  if (spent_s_ >= options_.max_s) return true;
  return spent_s_ >= options_.min_s && agrees();
}

bool WarmupRule::agrees() const {
  if (last_.size() < options_.window) return false;
  const auto [low, high] = std::minmax_element(last_.begin(), last_.end());
  return *high - *low <= options_.agreement * *low;
}

}  // namespace gpubench
