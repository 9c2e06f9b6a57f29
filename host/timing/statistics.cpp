#include "timing/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "timing/steadiness.h"

namespace gpubench {

double quantile(std::span<const double> sorted, double q) {
  if (sorted.empty()) return kNoTime;
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double fraction = position - static_cast<double>(below);
  return sorted[below] + fraction * (sorted[above] - sorted[below]);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

double mean(std::span<const double> values) {
  if (values.empty()) return kNoTime;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  if (values.size() < 2) return kNoTime;
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

std::vector<double> seconds_of(const Series& series) {
  std::vector<double> seconds;
  seconds.reserve(series.samples.size());
  for (const Sample& sample : series.samples) seconds.push_back(seconds_of(sample, series.timer));
  return seconds;
}

TimingStats summarise(const Series& series) {
  TimingStats stats;
  if (series.samples.empty()) return stats;
  const std::vector<double> seconds = seconds_of(series);
  std::vector<double> sorted = seconds;
  std::sort(sorted.begin(), sorted.end());
  stats.min_s = sorted.front();
  stats.p05_s = quantile(sorted, 0.05);
  stats.p25_s = quantile(sorted, 0.25);
  stats.median_s = quantile(sorted, 0.50);
  stats.p75_s = quantile(sorted, 0.75);
  stats.p95_s = quantile(sorted, 0.95);
  stats.max_s = sorted.back();
  stats.mean_s = mean(seconds);
  stats.stddev_s = standard_deviation(seconds);
  std::vector<double> host;
  for (const Sample& sample : series.samples) host.push_back(sample.host_s);
  stats.host_median_s = median(std::move(host));
  stats.status = steadiness(seconds);
  return stats;
}

}  // namespace gpubench
