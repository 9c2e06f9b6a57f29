// The trend is tested by rank (Mann–Kendall) and sized by a median (Theil–Sen): neither is moved by
// a few outliers. Both look at all pairs, so a long series is first cut into blocks, whose medians
// stand for it; that also weakens the correlation between neighbours, which the test presumes away.
#include "timing/steadiness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "timing/statistics.h"

namespace gpubench {
namespace {

// Below ten samples the quartiles rest on two or three numbers each, and a trend can hardly be
// told from chance: with six, even a perfect ramp reaches only z = 2.6.
constexpr std::size_t kMinSamples = 10;

// Two-sided p = 0.0027: one honest series in 370 passes it by chance, before the size is asked for.
constexpr double kDriftZ = 3.0;
// A third of the throttling that a user would want explained, and half the smallest effect (2 %)
// that a comparison of runs reports.
constexpr double kDriftChange = 0.01;
// Noise as large as the smallest effect that a comparison of runs reports.
constexpr double kNoisySpread = 0.02;
// The quartiles do not see a tail of fewer than a quarter of the samples; the mean does.
constexpr double kNoisyTail = 0.05;

// 128 values make 8,128 pairs: microseconds of work.
constexpr std::size_t kMaxBlocks = 128;

/// Medians of consecutive blocks of (almost) equal length, at most kMaxBlocks of them.
std::vector<double> block_medians(std::span<const double> seconds) {
  const std::size_t blocks = std::min(seconds.size(), kMaxBlocks);
  std::vector<double> medians;
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t begin = i * seconds.size() / blocks;
    const std::size_t end = (i + 1) * seconds.size() / blocks;
    const auto block = seconds.subspan(begin, end - begin);
    medians.push_back(median({block.begin(), block.end()}));
  }
  return medians;
}

/// Variance of the Mann–Kendall sum of `n` values, corrected for groups of equal values.
double kendall_variance(std::vector<double> values) {
  const auto term = [](double count) { return count * (count - 1) * (2 * count + 5) / 18; };
  double variance = term(static_cast<double>(values.size()));
  std::sort(values.begin(), values.end());
  for (auto first = values.begin(); first != values.end();) {
    const auto last = std::upper_bound(first, values.end(), *first);
    variance -= term(static_cast<double>(last - first));
    first = last;
  }
  return variance;
}

/// Standard normal when the values have no order; the ±1 is the continuity correction.
double kendall_z(double sum, double variance) {
  if (variance <= 0 || sum == 0) return 0;
  return (sum - std::copysign(1.0, sum)) / std::sqrt(variance);
}

bool has_heavy_tail(std::span<const double> seconds, double middle) {
  return std::abs(mean(seconds) - middle) > kNoisyTail * middle;
}

}  // namespace

Trend trend(std::span<const double> seconds) {
  if (seconds.size() < 2) return {};
  const std::vector<double> blocks = block_medians(seconds);
  double sum = 0;
  std::vector<double> slopes;
  slopes.reserve(blocks.size() * (blocks.size() - 1) / 2);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::size_t j = i + 1; j < blocks.size(); ++j) {
      const double rise = blocks[j] - blocks[i];
      sum += rise > 0 ? 1 : rise < 0 ? -1 : 0;
      slopes.push_back(rise / static_cast<double>(j - i));
    }
  }
  const double steps = static_cast<double>(blocks.size() - 1);
  return {.change = median(std::move(slopes)) * steps / median(blocks),
          .z = kendall_z(sum, kendall_variance(blocks))};
}

TimingStatus steadiness(std::span<const double> seconds) {
  if (seconds.empty()) return TimingStatus::not_run;
  if (seconds.size() < kMinSamples) return TimingStatus::short_series;
  const Trend moved = trend(seconds);
  if (std::abs(moved.z) >= kDriftZ && std::abs(moved.change) >= kDriftChange) {
    return TimingStatus::drifting;
  }
  TimingStats stats;
  std::vector<double> sorted(seconds.begin(), seconds.end());
  std::sort(sorted.begin(), sorted.end());
  stats.p25_s = quantile(sorted, 0.25);
  stats.median_s = quantile(sorted, 0.50);
  stats.p75_s = quantile(sorted, 0.75);
  const bool noisy =
      relative_spread(stats) > kNoisySpread || has_heavy_tail(seconds, stats.median_s);
  return noisy ? TimingStatus::noisy : TimingStatus::steady;
}

}  // namespace gpubench
