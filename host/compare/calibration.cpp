#include "compare/calibration.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "compare/distributions.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

constexpr std::size_t kMostSplits = 200;

/// Log medians that stay on one side together, in the order of time.
using Blocks = std::vector<std::vector<double>>;

Blocks blocks_of(const SeriesSide& side, const std::vector<std::size_t>& sessions) {
  std::map<std::size_t, std::vector<double>> by_session;  // Numbered in the order of time.
  for (const RunTime& time : side.times) by_session[sessions[time.run]].push_back(time.log_median);
  Blocks blocks;
  if (by_session.size() >= 2) {
    for (auto& [session, times] : by_session) blocks.push_back(std::move(times));
  } else {
    for (const RunTime& time : side.times) blocks.push_back({time.log_median});
  }
  return blocks;
}

/// Which blocks belong to the first half.
using Split = std::vector<bool>;

double shift_size(const Blocks& blocks, const Split& split) {
  std::vector<double> first, second;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    auto& half = split[i] ? first : second;
    half.insert(half.end(), blocks[i].begin(), blocks[i].end());
  }
  return change_of(std::abs(shift_between(first, second).estimate));
}

Split split_in_time(std::size_t blocks) {
  Split split(blocks, false);
  std::fill_n(split.begin(), blocks / 2, true);
  return split;
}

std::vector<Split> all_splits(std::size_t blocks) {
  std::vector<Split> splits;
  Split split = split_in_time(blocks);
  do {
    splits.push_back(split);
  } while (std::prev_permutation(split.begin(), split.end()));
  return splits;
}

/// std::shuffle would give other splits with another standard library.
std::vector<Split> drawn_splits(std::size_t blocks) {
  std::mt19937_64 random(blocks);
  std::vector<Split> splits = {split_in_time(blocks)};
  while (splits.size() < kMostSplits) {
    Split split = splits.back();
    for (std::size_t i = blocks - 1; i > 0; --i) {
      const std::size_t other = random() % (i + 1);
      const bool kept = split[i];
      split[i] = split[other];
      split[other] = kept;
    }
    splits.push_back(std::move(split));
  }
  return splits;
}

CalibratedSeries calibrate_series(const SeriesSide& side,
                                  const std::vector<std::size_t>& sessions) {
  const Blocks blocks = blocks_of(side, sessions);
  const double ways = binomial(blocks.size(), blocks.size() / 2);
  const std::vector<Split> splits = ways <= static_cast<double>(kMostSplits)
                                        ? all_splits(blocks.size())
                                        : drawn_splits(blocks.size());
  std::vector<double> shifts, seconds;
  for (const Split& split : splits) shifts.push_back(shift_size(blocks, split));
  const double in_time = shifts.front();
  std::ranges::sort(shifts);
  for (const RunTime& time : side.times) seconds.push_back(time.median_s);

  CalibratedSeries series{side.case_id,  side.device_name, {},
                          splits.size(), median(seconds),  spread_of(seconds)};
  std::set<std::size_t> distinct;
  for (const RunTime& time : side.times) distinct.insert(sessions[time.run]);
  series.floor = {std::max(in_time, quantile(shifts, 0.95)), side.times.size(), distinct.size()};
  return series;
}

bool is_mixed(const SeriesSide& side) {
  return side.kernel_hash.mixed || side.fill.mixed || side.timer.mixed;
}

}  // namespace

double spread_of(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  return (quantile(seconds, 0.75) - quantile(seconds, 0.25)) / 1.349 / quantile(seconds, 0.5);
}

Calibration calibrate(const RunSet& set) {
  const std::vector<std::size_t> sessions = session_numbers(set.runs);
  std::map<std::pair<std::string, std::string>, SeriesSide> by_name;
  for (const SeriesSide& side : set.series) {
    const auto [found, is_new] = by_name.try_emplace({side.case_id, side.device_name}, side);
    if (!is_new) merge(found->second, side);
  }
  Calibration calibration;
  for (const auto& [key, side] : by_name) {
    if (side.times.empty()) continue;
    if (is_mixed(side)) {
      ++calibration.mixed;
    } else if (side.times.size() < kFewestToCalibrate) {
      ++calibration.too_few;
    } else {
      calibration.series.push_back(calibrate_series(side, sessions));
    }
  }
  return calibration;
}

}  // namespace gpubench
